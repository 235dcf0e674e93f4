// Paints the raster of a heatmap into a chart, and the reference beside it.

import type uPlot from "uplot";
import { MARGIN_RIGHT } from "./chart";
import type { Theme } from "./colors";
import { bandHeight, type Distribution, type Window } from "./histogram";
import { greatestShare, rasterize, toCanvas } from "./raster";
import { stepWidth } from "./scales";

const REFERENCE_WIDTH = 26;
const REFERENCE_GAP = (MARGIN_RIGHT - REFERENCE_WIDTH) / 2;
const ALARM_HEIGHT = 6;

/** A column of cells: where it is taken from and where it goes. */
interface Strip {
  readonly image: HTMLCanvasElement;
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

export class HeatmapPainter {
  readonly #columns: readonly Distribution[];
  readonly #steps: readonly number[];
  readonly #reference: Distribution | null;
  readonly #window: Window;
  readonly #outputs: HTMLCanvasElement;
  readonly #references: HTMLCanvasElement | null;

  constructor(
    columns: readonly Distribution[],
    steps: readonly number[],
    reference: Distribution | null,
    window: Window,
    theme: Theme,
  ) {
    this.#columns = columns;
    this.#steps = steps;
    this.#reference = reference;
    this.#window = window;
    // One colour scale for both: they are there to be compared.
    const full = greatestShare(reference ? [...columns, reference] : columns);
    this.#outputs = toCanvas(rasterize(columns, full, theme));
    this.#references = reference && toCanvas(rasterize([reference], full, theme));
  }

  paint(chart: uPlot): void {
    const { ctx, bbox } = chart;
    const pixels = devicePixelRatio;
    ctx.save();
    ctx.imageSmoothingEnabled = false;
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width + MARGIN_RIGHT * pixels, bbox.height);
    ctx.clip();
    const half = stepWidth(this.#steps) / 2;
    this.#steps.forEach((step, index) => {
      const left = Math.round(chart.valToPos(step - half, "x", true));
      const width = Math.round(chart.valToPos(step + half, "x", true)) - left;
      this.#paintStrip(chart, { image: this.#outputs, index, left, width });
      if (!this.#columns[index]?.nonFinite) return;
      ctx.fillStyle = getComputedStyle(chart.root).getPropertyValue("--alarm");
      ctx.fillRect(left, bbox.top, width, ALARM_HEIGHT * pixels);
    });
    if (this.#references) this.#paintReference(chart, this.#references);
    ctx.restore();
  }

  #paintReference(chart: uPlot, image: HTMLCanvasElement): void {
    const { ctx, bbox } = chart;
    const pixels = devicePixelRatio;
    const left = bbox.left + bbox.width + REFERENCE_GAP * pixels;
    const width = REFERENCE_WIDTH * pixels;
    this.#paintStrip(chart, { image, index: 0, left, width });
    ctx.strokeStyle = getComputedStyle(chart.root).color;
    ctx.lineWidth = pixels;
    ctx.strokeRect(left, bbox.top + pixels / 2, width, bbox.height - pixels);
    const mean = this.#reference?.mean ?? NaN;
    if (!Number.isFinite(mean)) return;
    const y = Math.round(chart.valToPos(mean, "y", true)) + 0.5;
    ctx.lineWidth = 2 * pixels;
    line(ctx, left, left + width, y);
    // On across the outputs: where their mean should lie.
    ctx.lineWidth = pixels;
    ctx.setLineDash([2 * pixels, 4 * pixels]);
    line(ctx, bbox.left, left, y);
  }

  /** Bins on their intensities; what is out of range in bands beyond it. */
  #paintStrip(chart: uPlot, { image, index, left, width }: Strip): void {
    const { ctx } = chart;
    const { low, high } = this.#columns[0] ?? { low: 0, high: 1 };
    const band = bandHeight(this.#window);
    const bins = image.height - 2;
    const paint = (row: number, rows: number, from: number, to: number): void => {
      const top = Math.round(chart.valToPos(from, "y", true));
      const height = Math.round(chart.valToPos(to, "y", true)) - top;
      ctx.drawImage(image, index, row, 1, rows, left, top, width, height);
    };
    paint(1, bins, high, low);
    if (this.#window.above) paint(0, 1, high + band, high + band * GAP);
    if (this.#window.below) paint(bins + 1, 1, low - band * GAP, low - band);
  }
}

/** Part of a band left free, so that it does not look like one more bin. */
const GAP = 0.25;

function line(ctx: CanvasRenderingContext2D, from: number, to: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(from, y);
  ctx.lineTo(to, y);
  ctx.stroke();
}
