// One score, or the loss, of many trainings over the same epochs.

import { runColor } from "../colors";
import { comparedChannel, comparedTrainings, coursesOf, inChannel, isComparable } from "../comparison";
import { h } from "../dom";
import { EpochChart } from "../epoch_chart";
import { formatIntensity, formatNumber, formatPercent, formatPercentTick, formatTick } from "../format";
import type { Series, Training } from "../model";
import { alignBySteps, nearestIndex, valueAt } from "../scales";
import { cursorStep } from "../select";
import type { State } from "../state";
import type { Store } from "../store";
import { seriesTable } from "../table";
import { trainingLabel, valueSpan, type Headlines } from "../trainings";

type Course = keyof Headlines;

const AXES = { drift: "drifts", loss: "losses", spread: "spreads" } as const;

const TITLES: Readonly<Record<Course, string>> = {
  drift: "Drift from the reference",
  loss: "Loss",
  spread: "Spread, outputs ÷ reference",
};

/** Values that a legend of many runs can hold; the table has them all. */
const MOST_KEYS = 6;

export function compareCurves(store: Store, course: Course): EpochChart {
  const format = (value: number, training: Training): string =>
    ({ drift: formatIntensity(value, valueSpan(training)), loss: formatNumber(value), spread: formatPercent(value) })[course];
  const log = h("button.toggle", { type: "button", title: "Logarithmic axis" }, "log");
  log.onclick = () => store.update({ logLoss: !store.state.logLoss });
  store.watch(({ logLoss }) => [logLoss], ({ logLoss }) => log.setAttribute("aria-pressed", String(logLoss)));
  const titleOf = (state: State): string => TITLES[course] + (course === "loss" ? "" : inChannel(comparedChannel(state)));
  return new EpochChart(store, {
    title: TITLES[course],
    titleOf,
    height: course === "spread" ? 150 : 200,
    values: () => AXES[course],
    inputs: (state) => [comparedTrainings(state), state.courses, state.overview, state.row, state.logLoss],
    formatY: course === "spread" ? formatPercentTick : formatTick,
    tools: course === "loss" ? [log] : [],
    plot: (state) => {
      const found = withCourse(state, course);
      if (!found.length) return null;
      const { steps, columns } = alignBySteps(found.map(([, series]) => series));
      return {
        x: steps,
        range: null,
        log: course === "loss" && state.logLoss,
        lines: found.map(([training], index) => ({
          label: training.name,
          color: runColor(training.run, state.runOrder, state.theme),
          width: found.length > 20 ? 1 : 1.75,
          ...(isComparable(training, comparedTrainings(state)) ? {} : { dash: [2, 3] }),
          values: columns[index] ?? [],
        })),
      };
    },
    legend: (state) => {
      // Best first: that is what one compares for. The table of the numbers has all of them.
      const found = atCursor(state, course, cursorStep(state) ?? 0);
      const keys = found.slice(0, MOST_KEYS).map(([training, value]) => ({
        label: trainingLabel(training),
        color: runColor(training.run, state.runOrder, state.theme),
        dashed: !isComparable(training, comparedTrainings(state)),
        value: format(value, training),
      }));
      const more = found.length - keys.length;
      return more > 0 ? [...keys, { label: `and ${more} more`, color: "", value: "" }] : keys;
    },
    tip: (state, step, y) => {
      const near = atCursor(state, course, step).sort((a, b) => Math.abs(a[1] - y) - Math.abs(b[1] - y))[0];
      return near ? [`epoch ${step}`, `${trainingLabel(near[0])}: ${format(near[1], near[0])}`] : [];
    },
    table: (state) => seriesTable(titleOf(state), withCourse(state, course).map(([training, series]) => [training.name, series])),
  });
}

function withCourse(state: State, course: Course): (readonly [Training, Series])[] {
  return comparedTrainings(state).flatMap((training) => {
    const series = coursesOf(training, state)[course];
    return series ? [[training, series] as const] : [];
  });
}

/** Values of the runs that have come as far as `step`, at it or at their nearest epoch; the best first. */
function atCursor(state: State, course: Course, step: number): [Training, number][] {
  const values = withCourse(state, course).flatMap(([training, series]): [Training, number][] => {
    const near = series.steps[nearestIndex(series.steps, step)];
    const value = near === undefined || step > series.steps[series.steps.length - 1]! ? null : valueAt(series, near);
    return value === null ? [] : [[training, value]];
  });
  const cost = (value: number): number => (course === "spread" ? Math.abs(value - 1) : value);
  return values.sort((a, b) => cost(a[1]) - cost(b[1]));
}
