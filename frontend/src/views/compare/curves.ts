// One score, or the loss, of many runs over the same epochs.

import { runColor } from "../../drawing/colors";
import { comparedChannel, comparedCourses, comparedRuns, inChannel, isComparable, widthOfLines } from "../../state/comparison";
import { StepChart } from "../../charts/step_chart";
import { formatIntensity, formatNumber, formatPercent } from "../../base/format";
import type { Series, Run } from "../../model/types";
import { alignBySteps, nearestIndex, valueAt } from "../../model/series";
import { cursorStep } from "../../state/shown";
import type { State } from "../../state/state";
import type { Store } from "../../state/store";
import { seriesTable } from "../../charts/table";
import { runLabel, valueSpan, type Headlines } from "../../state/runs";
import { logToggle } from "../shell/log_toggle";

type Headline = keyof Headlines;
type Course = readonly [Run, Series];

const AXES = { drift: "drifts", loss: "losses", spread: "spreads" } as const;

const TITLES: Readonly<Record<Headline, string>> = {
  drift: "Drift from the reference",
  loss: "Loss",
  spread: "Spread, outputs ÷ reference",
};

/** Values that a legend of many runs can hold; the table has them all. */
const MOST_KEYS = 6;

export function compareCurves(store: Store, headline: Headline): StepChart {
  const format = (value: number, run: Run): string =>
    ({ drift: formatIntensity(value, valueSpan(run)), loss: formatNumber(value), spread: formatPercent(value) })[headline];
  const shown = (state: State): Course[] =>
    comparedCourses(state).flatMap(([run, { [headline]: series }]) => (series ? [[run, series] as const] : []));
  const titleOf = (state: State): string => TITLES[headline] + (headline === "loss" ? "" : inChannel(comparedChannel(state)));
  return new StepChart(store, {
    title: TITLES[headline],
    titleOf,
    height: headline === "spread" ? 150 : 200,
    values: () => AXES[headline],
    inputs: (state) => [comparedCourses(state), state.logLoss],
    tools: headline === "loss" ? [logToggle(store)] : [],
    plot: (state) => {
      const found = shown(state);
      if (!found.length) return null;
      const { steps, columns } = alignBySteps(found.map(([, series]) => series));
      return {
        x: steps,
        range: null,
        unit: headline === "spread" ? "ratio" : "number",
        log: headline === "loss" && state.logLoss,
        lines: found.map(([run], index) => ({
          label: run.name,
          color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
          width: widthOfLines(found.length, 1.75),
          ...(isComparable(run, comparedRuns(state)) ? {} : { dash: [2, 3] }),
          values: columns[index] ?? [],
        })),
      };
    },
    legend: (state) => {
      // Best first: that is what one compares for. The table of the numbers has all of them.
      const found = atCursor(shown(state), headline, cursorStep(state) ?? 0);
      const keys = found.slice(0, MOST_KEYS).map(([run, value]) => ({
        label: runLabel(run),
        color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
        dashed: !isComparable(run, comparedRuns(state)),
        value: format(value, run),
      }));
      const more = found.length - keys.length;
      return more > 0 ? [...keys, { label: `and ${more} more`, color: "", value: "" }] : keys;
    },
    tip: (state, step, y) => {
      const near = atCursor(shown(state), headline, step).sort((a, b) => Math.abs(a[1] - y) - Math.abs(b[1] - y))[0];
      return near ? [`epoch ${step}`, `${runLabel(near[0])}: ${format(near[1], near[0])}`] : [];
    },
    table: (state) => seriesTable(titleOf(state), shown(state).map(([run, series]) => [run.name, series])),
  });
}

/** Values of the runs that have come as far as `step`, at it or at their nearest epoch; the best first. */
function atCursor(courses: readonly Course[], headline: Headline, step: number): [Run, number][] {
  const values = courses.flatMap(([run, series]): [Run, number][] => {
    const near = series.steps[nearestIndex(series.steps, step)];
    const value = near === undefined || step > series.steps[series.steps.length - 1]! ? null : valueAt(series, near);
    return value === null ? [] : [[run, value]];
  });
  const cost = (value: number): number => (headline === "spread" ? Math.abs(value - 1) : value);
  return values.sort((a, b) => cost(a[1]) - cost(b[1]));
}
