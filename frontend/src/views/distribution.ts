// At the cursor: the outputs' histogram over the reference's.

import uPlot from "uplot";
import { runColor, withAlpha } from "../colors";
import { h, replaceChildren } from "../dom";
import { formatCount, formatIntensity, formatNumber, formatShare } from "../format";
import { bandHeight, distributionAt, occupiedWindow, type Distribution, type Window } from "../histogram";
import { Panel } from "../panel";
import { lastAtOrBefore, nearestIndex } from "../scales";
import { cursorStep, shownRow, type State, type Store } from "../store";

const HEIGHT = 230;

export class DistributionChart {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #box = h("div.chart", { style: `height:${HEIGHT}px` });
  readonly #hint = h("p.hint");
  readonly #follow = h(
    "button.follow",
    { type: "button", title: "Let go of this epoch and follow the latest one (Escape)" },
    "latest",
  );
  #chart: uPlot | null = null;
  #shape = "";
  #shown: { output: Distribution; reference: Distribution | null } | null = null;
  #noun = "image";

  constructor(store: Store) {
    this.#box.setAttribute("role", "img");
    this.#follow.onclick = () => store.update({ pinned: null });
    this.#panel = new Panel("At the epoch", h("div", {}, this.#box, this.#hint), this.#follow);
    this.element = this.#panel.element;
    store.subscribe((state, before) => {
      if (INPUTS.some((name) => state[name] !== before[name])) this.#show(state);
    });
    new ResizeObserver(() => {
      const width = this.#box.clientWidth;
      if (width && this.#chart?.width !== width) {
        this.#shape = "";
        this.#show(store.state);
      }
    }).observe(this.#box);
  }

  #show(state: State): void {
    const { detail } = state;
    const step = cursorStep(state);
    const width = this.#box.clientWidth;
    if (!detail || step === null || !width) return;
    const row = shownRow(state);
    const { output, reference } = detail.histograms;
    const made = distributionAt(output, nearestIndex(output.steps, step), row);
    // A fixed reference has one step, which stands for all of them.
    const wanted = reference
      ? distributionAt(reference, lastAtOrBefore(reference.steps, step), row)
      : null;
    this.#shown = { output: made, reference: wanted };
    this.#noun = detail.quantity === "pixels" ? "pixel" : "image";
    this.#panel.element.querySelector("h2")!.textContent = `Epoch ${step}`;
    this.#follow.hidden = state.pinned === null;
    const color = runColor(detail.training.run, state.runOrder, state.theme);
    const span = made.high - made.low;
    this.#panel.showLegend([
      { label: "outputs", color, value: "" },
      { label: "reference", color: "var(--ink)", dashed: true, value: "" },
    ]);
    this.#box.ariaLabel = `Histogram at epoch ${step}: outputs around ${formatIntensity(made.mean, span)}, reference around ${formatIntensity(wanted?.mean, span)}`;
    this.#draw(color, state.theme, occupiedWindow(wanted ? [made, wanted] : [made]), width);
    this.#showHint(null);
  }

  #draw(color: string, theme: string, window: Window, width: number): void {
    const { output, reference } = this.#shown!;
    const data: uPlot.AlignedData = [
      edges(output, window),
      reference ? shares(reference, window) : shares(output, window).map(() => null),
      shares(output, window),
    ];
    const shape = JSON.stringify([color, theme, width, window]);
    if (this.#chart && shape === this.#shape) {
      this.#chart.setData(data);
      return;
    }
    this.#shape = shape;
    this.#chart?.destroy();
    this.#chart = new uPlot(this.#config(color, window, width), data, this.#box);
  }

  #config(color: string, window: Window, width: number): uPlot.Options {
    const style = getComputedStyle(this.#box);
    const grid = style.getPropertyValue("--grid");
    const ink = style.color;
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 4, width: 1 }, font: "11px system-ui, sans-serif" };
    const stepped = uPlot.paths.stepped!({ align: 1 });
    const band = bandHeight(window);
    return {
      width,
      height: HEIGHT,
      padding: [6, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [window.low - (window.below ? band : 0), window.high + (window.above ? band : 0)] },
        y: { range: (_, __, high) => [0, (high || 1) * 1.06] },
      },
      axes: [
        { ...axis, size: 26, gap: 3, values: (_, ticks) => ticks.map((tick) => (tick < window.low || tick > window.high ? "" : formatNumber(tick))) },
        { ...axis, size: 50, values: (_, ticks) => ticks.map((tick) => `${formatNumber(tick * 100)} %`) },
      ],
      series: [
        {},
        { stroke: ink, width: 1.25, dash: [4, 3], fill: withAlpha(ink, 0.1), paths: stepped, points: { show: false } },
        { stroke: color, width: 2, fill: withAlpha(color, 0.28), paths: stepped, points: { show: false } },
      ],
      hooks: {
        setCursor: [
          (chart) => {
            const { left } = chart.cursor;
            this.#showHint(left === undefined || left < 0 ? null : chart.posToVal(left, "x"));
          },
        ],
      },
    };
  }

  /** Exact counts of the bin under the pointer; without one, what the axis leaves out. */
  #showHint(intensity: number | null): void {
    const shown = this.#shown;
    if (!shown) return;
    const { output, reference } = shown;
    const span = output.high - output.low;
    const bins = output.counts.length;
    if (intensity === null) {
      replaceChildren(this.#hint, outsideSentence(output, this.#noun) || "Point at a bar for its counts.");
      return;
    }
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((intensity - output.low) / span) * bins)));
    const low = output.low + (bin * span) / bins;
    const count = (side: Distribution): string =>
      `${formatCount(side.counts[bin] ?? 0, this.#noun)} (${formatShare((side.counts[bin] ?? 0) / side.finite)})`;
    replaceChildren(
      this.#hint,
      `${formatIntensity(low, span)} to ${formatIntensity(low + span / bins, span)}: outputs ${count(output)}`,
      reference && `, reference ${count(reference)}`,
    );
  }
}

const INPUTS = ["detail", "row", "theme", "runOrder", "pinned", "hovered"] as const;

/** Left edges and the last right one, for a stepped path needs an end; bands at the sides. */
function edges({ low, high, counts }: Distribution, window: Window): number[] {
  const bins = counts.length;
  const band = bandHeight(window);
  const inside = Array.from({ length: bins + 1 }, (_, edge) => low + ((high - low) * edge) / bins);
  return [...(window.below ? [low - band] : []), ...inside, ...(window.above ? [high + band] : [])];
}

/** Share of the finite values in each cell that `edges` has; the last one twice. */
function shares({ counts, underflow, overflow, finite }: Distribution, window: Window): number[] {
  const share = (count: number): number => (finite ? count / finite : 0);
  const cells = [
    ...(window.below ? [share(underflow)] : []),
    ...Array.from(counts, share),
    ...(window.above ? [share(overflow)] : []),
  ];
  return [...cells, cells[cells.length - 1] ?? 0];
}

function outsideSentence(output: Distribution, noun: string): string {
  const { underflow, overflow, nonFinite, finite } = output;
  const total = finite + nonFinite;
  const parts = [
    underflow && `${formatCount(underflow, noun)} (${formatShare(underflow / total)}) below the range`,
    overflow && `${formatCount(overflow, noun)} (${formatShare(overflow / total)}) above the range`,
    nonFinite && `${formatCount(nonFinite, noun)} (${formatShare(nonFinite / total)}) not finite`,
  ].filter(Boolean);
  return parts.length ? `${parts.join(", ")}.` : "";
}
