// Drift, loss or spread of many runs over the same steps.

import { formatIntensity, formatNumber, formatPercent } from "../../base/format";
import { StepChart } from "../../charts/step_chart";
import { seriesTable } from "../../charts/table";
import { runColor } from "../../drawing/colors";
import { alignBySteps, nearestIndex, valueAt } from "../../model/series";
import type { Run, Series } from "../../model/types";
import { comparedChannel, comparedRuns, comparedSeries, isComparable, lineWidth } from "../../state/comparison";
import type { Paint } from "../../state/frames";
import { shortLabel } from "../../state/run_names";
import { type RunSeries, valueSpan } from "../../state/runs";
import { cursorStep, inChannel } from "../../state/shown";
import type { State } from "../../state/state";
import { stepName, stepWord } from "../../state/step_words";
import { logToggle } from "../shell/choices";

type Measure = keyof RunSeries;
type SeriesOfRun = readonly [Run, Series];

const AXES = { drift: "drifts", loss: "losses", spread: "spreads" } as const;

const TITLES: Readonly<Record<Measure, string>> = {
  drift: "Drift from the reference",
  loss: "Loss",
  spread: "Spread compared with the reference",
};

/** More than these are too many for a legend; the table has them all. */
const MAX_KEYS = 6;

export function compareCurves(state: State, paint: Paint, measure: Measure): StepChart {
  const format = (value: number, run: Run): string =>
    ({ drift: formatIntensity(value, valueSpan(run)), loss: formatNumber(value), spread: formatPercent(value) })[
      measure
    ];
  const shown = (all: State): SeriesOfRun[] =>
    comparedSeries(all).flatMap(([run, { [measure]: series }]) => (series ? [[run, series] as const] : []));
  const titleOf = (all: State): string => TITLES[measure] + (measure === "loss" ? "" : inChannel(comparedChannel(all)));
  return new StepChart(state, paint, {
    title: TITLES[measure],
    titleOf,
    height: measure === "spread" ? 150 : 200,
    values: () => AXES[measure],
    tools: measure === "loss" ? [logToggle(state, paint)] : [],
    plot: (state) => {
      const found = shown(state);
      if (!found.length) return null;
      const { steps, columns } = alignBySteps(found.map(([, series]) => series));
      return {
        x: steps,
        range: null,
        unit: measure === "spread" ? "ratio" : "number",
        log: measure === "loss" && state.logLoss,
        lines: found.map(([run], index) => ({
          label: run.name,
          color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
          width: lineWidth(found.length, 1.75),
          ...(isComparable(run, comparedRuns(state)) ? {} : { dash: [2, 3] }),
          values: columns[index] ?? [],
        })),
      };
    },
    legend: (state) => {
      // The best first. The table of the numbers has all of them.
      const found = atCursor(shown(state), measure, cursorStep(state) ?? 0);
      const keys = found.slice(0, MAX_KEYS).map(([run, value]) => ({
        label: shortLabel(state, run),
        color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
        dashed: !isComparable(run, comparedRuns(state)),
        value: format(value, run),
      }));
      const more = found.length - keys.length;
      return more > 0 ? [...keys, { label: `and ${more} more`, color: "", value: "" }] : keys;
    },
    tip: (state, step, y) => {
      const near = atCursor(shown(state), measure, step).sort((a, b) => Math.abs(a[1] - y) - Math.abs(b[1] - y))[0];
      return near ? [stepName(state, step), `${shortLabel(state, near[0])}: ${format(near[1], near[0])}`] : [];
    },
    table: (state) =>
      seriesTable(
        titleOf(state),
        stepWord(state),
        shown(state).map(([run, series]) => [run.name, series]),
      ),
  });
}

/** Values of the runs that have come as far as `step`, at it or at their nearest step; the best first. */
function atCursor(all: readonly SeriesOfRun[], measure: Measure, step: number): [Run, number][] {
  const values = all.flatMap(([run, series]): [Run, number][] => {
    const near = series.steps[nearestIndex(series.steps, step)];
    const value = near === undefined || step > series.steps[series.steps.length - 1]! ? null : valueAt(series, near);
    return value === null ? [] : [[run, value]];
  });
  const cost = (value: number): number => (measure === "spread" ? Math.abs(value - 1) : value);
  return values.sort((a, b) => cost(a[1]) - cost(b[1]));
}
