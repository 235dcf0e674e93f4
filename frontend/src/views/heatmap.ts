// Intensities over epochs as a heatmap, with the reference beside it.

import { EpochChart, type CursorEvents, type Line } from "../chart";
import { runColor } from "../colors";
import { formatIntensity, formatNumber, formatShare } from "../format";
import { HeatmapPainter } from "../heatmap_painter";
import {
  bandHeight,
  distributions,
  meanLine,
  occupiedWindow,
  quantileLine,
  type Distribution,
  type Window,
} from "../histogram";
import { Panel } from "../panel";
import { epochDomain, nearestIndex, type Domain } from "../scales";
import { cursorStep, shownRow, type Detail, type State, type Store } from "../store";

const TITLES = {
  mean_pixels: "Mean pixels of the outputs",
  contrasts: "Contrasts of the outputs",
  pixels: "Pixels of the outputs",
};

export class Heatmap {
  readonly element: HTMLElement;
  readonly #chart: EpochChart;
  readonly #panel: Panel;
  #painter: HeatmapPainter | null = null;
  #columns: readonly Distribution[] = [];
  #window: Window = occupiedWindow([]);
  #span = 1;

  constructor(store: Store, events: CursorEvents) {
    this.#chart = new EpochChart({
      height: 250,
      label: "Heatmap of intensities over epochs. Arrow keys move the epoch.",
      events,
      caption: "reference",
      formatValue: (value) => this.#formatTick(value),
      paintUnder: (chart) => this.#painter?.paint(chart),
    });
    this.#panel = new Panel(TITLES.mean_pixels, this.#chart.element);
    this.element = this.#panel.element;
    store.subscribe((state, before) => {
      if (state.detail && HEATMAP_INPUTS.some((key) => state[key] !== before[key]))
        this.#show(state, state.detail);
      if (cursorStep(state) !== cursorStep(before) || state.detail !== before.detail) {
        this.#chart.showCursor(cursorStep(state));
        this.#showLegend(state);
      }
    });
  }

  #show(state: State, detail: Detail): void {
    const row = shownRow(state);
    const { output, reference } = detail.histograms;
    const columns = distributions(output, row);
    const references = reference ? distributions(reference, row) : [];
    // A fixed reference has one step, which stands for all of them.
    const last = references[references.length - 1] ?? null;
    this.#window = occupiedWindow([...columns, ...references]);
    this.#span = output.high - output.low;
    this.#columns = columns;
    this.#painter = new HeatmapPainter(columns, output.steps, last, this.#window, state.theme);
    this.#panel.element.querySelector("h2")!.textContent = TITLES[detail.quantity];
    this.#chart.show({
      steps: output.steps,
      lines: this.#lines(state, detail),
      domain: sharedDomain(detail),
      range: withBands(this.#window),
    });
    this.#showLegend(state);
  }

  #lines(state: State, detail: Detail): Line[] {
    const row = shownRow(state);
    const { output } = detail.histograms;
    const dark = state.theme === "dark";
    const halo = dark ? "rgba(0,0,0,0.55)" : "rgba(255,255,255,0.85)";
    const color = dark ? "#ffffff" : "#202124";
    const quantiles = output.quantiles.map((probability, index) => ({
      label: `${probability}`,
      color,
      width: 1,
      dash: probability === 0.5 ? [2, 3] : [6, 4],
      halo,
      values: quantileLine(output, index, row),
    }));
    const mean = runColor(detail.training.run, state.runOrder, state.theme);
    return [...quantiles, { label: "mean", color: mean, width: 2.5, halo, values: meanLine(output, row) }];
  }

  #showLegend(state: State): void {
    const { detail } = state;
    const step = cursorStep(state);
    if (!detail || step === null ) return;
    const row = shownRow(state);
    const { output } = detail.histograms;
    const index = nearestIndex(output.steps, step);
    const column = this.#columns[index];
    const ink = state.theme === "dark" ? "#ffffff" : "#202124";
    const quantile = (at: number): string =>
      formatIntensity(quantileLine(output, at, row)[index], this.#span);
    this.#panel.showLegend([
      {
        label: "mean",
        color: runColor(detail.training.run, state.runOrder, state.theme),
        value: formatIntensity(column?.mean, this.#span),
      },
      { label: "median", color: ink, dashed: true, value: quantile(1) },
      { label: "5 to 95 %", color: ink, dashed: true, value: `${quantile(0)} to ${quantile(2)}` },
      ...(column?.nonFinite
        ? [
            {
              label: "not finite",
              color: "var(--alarm)",
              value: formatShare(column.nonFinite / (column.nonFinite + column.finite)),
            },
          ]
        : []),
    ]);
  }

  /** A band's place on the axis is no intensity: it says what it holds. */
  #formatTick(value: number): string {
    const { low, high, below, above } = this.#window;
    if (below && value < low) return "";
    if (above && value > high) return "";
    return formatNumber(value);
  }
}

const HEATMAP_INPUTS = ["detail", "row", "theme", "runOrder"] as const;

function withBands(window: Window): Domain {
  const band = bandHeight(window);
  return [window.low - (window.below ? band : 0), window.high + (window.above ? band : 0)];
}

/** The one epoch axis of all charts: recorded epochs, and those of the own logs. */
export function sharedDomain(detail: Detail): Domain {
  const logs = detail.scalars.curves.filter(({ curve }) => curve.run === detail.training.run);
  return epochDomain([detail.histograms.output.steps, ...logs.map(({ steps }) => steps)]);
}
