// Scores of the difference between outputs and reference, over epochs.

import type { ScoreSeries } from "../model";
import { EpochChart, type CursorEvents, type Line } from "../chart";
import { runColor, statisticColor } from "../colors";
import { formatIntensity, formatNumber, formatPercent, formatShare, formatSigned } from "../format";
import { Panel } from "../panel";
import { alignBySteps, valueAt } from "../scales";
import { cursorStep, shownChannel, type Detail, type State, type Store } from "../store";
import { sharedDomain } from "./heatmap";

interface Statistic {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly dashed?: boolean;
}

interface Group {
  readonly title: string;
  readonly statistics: readonly Statistic[];
  /** A level worth a line of its own: what a perfect output would have. */
  readonly ideal: number;
  readonly format: (value: number | null, span: number) => string;
  readonly formatAxis: (value: number, span: number) => string;
  /** Worth its place on the page only when something is wrong. */
  readonly onlyWhenNonZero?: boolean;
}

export const DISTANCE: Group = {
  title: "Drift from the reference",
  ideal: 0,
  format: formatSigned,
  formatAxis: formatNumber,
  statistics: [
    {
      name: "drift",
      label: "drift",
      help: "Wasserstein distance between the outputs' pixels and the reference's, in intensity units; of several channels the worst",
    },
    {
      name: "bias",
      label: "bias",
      help: "Mean of the outputs less mean of the reference: below 0 is darker",
      dashed: true,
    },
  ],
};

export const SPREAD: Group = {
  title: "Spread, outputs ÷ reference",
  ideal: 1,
  format: formatPercent,
  formatAxis: formatPercent,
  statistics: [
    {
      name: "pixel_ratio",
      label: "variety",
      help: "How much a pixel varies from image to image; near 0 when all outputs are the same image",
    },
    {
      name: "within_ratio",
      label: "contrast",
      help: "How much the pixels inside an image vary; near 0 when outputs are flat",
    },
    {
      name: "between_ratio",
      label: "brightness",
      help: "How much the images' mean pixels vary",
    },
  ],
};

export const OUTSIDE: Group = {
  title: "Pixels outside the range",
  ideal: 0,
  format: formatShare,
  formatAxis: (share) => `${formatNumber(share * 100)} %`,
  onlyWhenNonZero: true,
  statistics: [
    { name: "below_range", label: "below", help: "Share of output pixels below the value range" },
    { name: "above_range", label: "above", help: "Share of output pixels above the value range" },
    { name: "non_finite", label: "not finite", help: "Share of output pixels that are NaN or infinite" },
  ],
};

export class DriftChart {
  readonly element: HTMLElement;
  readonly #group: Group;
  readonly #chart: EpochChart;
  readonly #panel: Panel;
  #span = 1;

  constructor(store: Store, group: Group, events: CursorEvents) {
    this.#group = group;
    this.#chart = new EpochChart({
      height: 122,
      label: `${group.title} over epochs. Arrow keys move the epoch.`,
      events,
      formatValue: (value) => group.formatAxis(value, this.#span),
    });
    this.#panel = new Panel(group.title, this.#chart.element);
    this.element = this.#panel.element;
    store.subscribe((state, before) => {
      if (state.detail && DRIFT_INPUTS.some((key) => state[key] !== before[key]))
        this.#show(state, state.detail);
      if (cursorStep(state) !== cursorStep(before) || state.detail !== before.detail) {
        this.#chart.showCursor(cursorStep(state));
        this.#showLegend(state);
      }
    });
  }

  #show(state: State, detail: Detail): void {
    const { low, high } = detail.stream.valueRange;
    this.#span = high - low;
    const found = this.#group.statistics.map((statistic) => findScore(state, statistic.name));
    const present = found.some((series) => series?.values.some((value) => value !== 0));
    this.element.hidden = !!this.#group.onlyWhenNonZero && !present;
    const { steps, columns } = alignBySteps(
      found.map((series) => series ?? { steps: [], values: [] }),
    );
    const lines: Line[] = this.#group.statistics.map((statistic, index) => ({
      label: statistic.name,
      color: this.#color(state, index),
      ...(statistic.dashed ? { dash: [5, 4] } : {}),
      values: columns[index] ?? [],
    }));
    const ideal: Line = {
      label: "ideal",
      color: state.theme === "dark" ? "#9aa0a6" : "#80868b",
      width: 1,
      dash: [2, 4],
      unmarked: true,
      values: steps.map(() => this.#group.ideal),
    };
    this.#chart.show({ steps, lines: [ideal, ...lines], domain: sharedDomain(detail), range: null });
    this.#showLegend(state);
  }

  #showLegend(state: State): void {
    const step = cursorStep(state);
    if (step === null) return;
    this.#panel.showLegend(
      this.#group.statistics.map((statistic, index) => ({
        label: statistic.label,
        help: statistic.help,
        dashed: !!statistic.dashed,
        color: this.#color(state, index),
        value:
          statistic.name === "drift"
            ? formatIntensity(valueAt(findScore(state, statistic.name), step), this.#span)
            : this.#group.format(valueAt(findScore(state, statistic.name), step), this.#span),
      })),
    );
  }

  #color(state: State, index: number): string {
    if (this.#group === DISTANCE)
      return runColor(state.detail?.training.run ?? "", state.runOrder, state.theme);
    return statisticColor(index, state.theme);
  }
}

const DRIFT_INPUTS = ["detail", "row", "theme", "runOrder"] as const;

/** A score of the shown stream and channel. */
export function findScore(state: State, statistic: string): ScoreSeries | undefined {
  const channel = shownChannel(state);
  return state.detail?.scalars.scores.find(
    (series) =>
      series.stream === state.detail?.stream.name &&
      series.statistic === statistic &&
      series.channel === channel,
  );
}
