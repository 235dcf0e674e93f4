// One score, or the loss, of many trainings over the same epochs.

import { runColor } from "../colors";
import { h } from "../dom";
import { EpochChart } from "../epoch_chart";
import { formatNumber, formatPercent } from "../format";
import type { Series, Training } from "../model";
import { alignBySteps, nearestIndex, valueAt } from "../scales";
import { cursorStep } from "../select";
import type { State } from "../state";
import type { Store } from "../store";
import { seriesTable } from "../table";
import { comparedTrainings, isComparable, mainLoss, summarize, trainingLabel } from "../trainings";

export type Course = "drift" | "loss" | "spread";

const TITLES: Readonly<Record<Course, string>> = {
  drift: "Drift from the reference",
  loss: "Loss",
  spread: "Spread, outputs ÷ reference",
};

/** Values that a legend of many runs can hold; the table has them all. */
const MOST_KEYS = 12;

export function courseOf(training: Training, state: State, course: Course): Series | undefined {
  if (course === "loss") return mainLoss(training, state.overview);
  return summarize(training, state)[course === "drift" ? "drift" : "spreadSeries"];
}

export function compareCurves(store: Store, course: Course): EpochChart {
  const log = h("button.toggle", { type: "button", title: "Logarithmic axis" }, "log");
  log.onclick = () => store.update({ logLoss: !store.state.logLoss });
  store.watch(({ logLoss }) => [logLoss], ({ logLoss }) => log.setAttribute("aria-pressed", String(logLoss)));
  return new EpochChart(store, {
    title: TITLES[course],
    height: course === "spread" ? 150 : 200,
    inputs: (state) => [state.page, comparedTrainings(state), state.overview, state.logLoss],
    formatY: course === "spread" ? formatPercent : formatNumber,
    tools: course === "loss" ? [log] : [],
    plot: (state) => {
      if (state.page !== "compare") return null;
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
      const step = cursorStep(state);
      const found = withCourse(state, course);
      const keys = found.slice(0, MOST_KEYS).map(([training, series]) => ({
        label: trainingLabel(training),
        color: runColor(training.run, state.runOrder, state.theme),
        dashed: !isComparable(training, comparedTrainings(state)),
        value: step === null ? "" : formatNumber(valueAt(series, step) ?? valueNear(series, step)),
      }));
      const more = found.length - keys.length;
      return more > 0 ? [...keys, { label: `and ${more} more`, color: "transparent", value: "" }] : keys;
    },
    table: (state) => seriesTable(TITLES[course], withCourse(state, course).map(([training, series]) => [training.name, series])),
  });
}

function withCourse(state: State, course: Course): (readonly [Training, Series])[] {
  return comparedTrainings(state).flatMap((training) => {
    const series = courseOf(training, state, course);
    return series ? [[training, series] as const] : [];
  });
}

/** Runs record at other epochs: the nearest, if the run has come that far. */
function valueNear(series: Series, step: number): number | null {
  const near = series.steps[nearestIndex(series.steps, step)];
  const last = series.steps[series.steps.length - 1] ?? -1;
  return near === undefined || step > last ? null : valueAt(series, near);
}
