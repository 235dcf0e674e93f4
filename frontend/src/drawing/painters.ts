// Paints histograms over steps into a chart, as a heatmap or as bands, and the baseline beside them.

import { area } from "d3-shape";
import { h } from "../base/dom";
import { columnEdges, type StepAxis } from "../model/axis";
import { bandHeight, type Distribution, type Window } from "../model/distribution";
import { type Domain, stepWidth } from "../model/series";
import type { Histograms } from "../model/types";
import { withAlpha } from "./colors";
import { edgeOf, type Frame, type Painter } from "./pen";
import { type Line, MARGIN_RIGHT } from "./plot";
import { rasterize, type Shading, toCanvas } from "./raster";

const SIDE_WIDTH = 26;
const SIDE_GAP = (MARGIN_RIGHT - SIDE_WIDTH) / 2;
const ALARM_HEIGHT = 6;
/** Part of a band left free, so that it does not look like one more bin. */
const GAP = 0.25;

export interface HeatmapContent {
  readonly columns: readonly Distribution[];
  readonly steps: readonly number[];
  readonly axis: StepAxis;
  readonly window: Window;
  readonly shading: Shading;
}

/** All steps, each column half-way to its neighbours: a missing step is a gap. */
export function heatmapPainter({ columns, steps, axis, window, shading }: HeatmapContent): Painter {
  const image = toCanvas(rasterize(columns, shading));
  const width = stepWidth(steps);
  const [first] = columns;
  // Columns side by side are painted as one, which is faster: the same picture wherever a step has a pixel.
  const even = axis.kind === "step" && steps.every((step, index) => step === steps[0]! + index * width);
  const strips = even ? [{ index: 0, count: steps.length }] : steps.map((_, index) => ({ index, count: 1 }));
  return (pen, frame) => {
    if (!first) return;
    pen.raster(frame, (context) => {
      context.imageSmoothingEnabled = false;
      const placeOf = (step: number): number => snap(frame.x(axis.toX(step)));
      let [edge, right] = [NaN, NaN];
      for (const { index, count } of strips) {
        const [from] = columnEdges(steps, index, width);
        const [, to] = columnEdges(steps, index + count - 1, width);
        // Most columns begin where the one before ends.
        const left = from === edge ? right : placeOf(from);
        [edge, right] = [to, placeOf(to)];
        if (right < frame.left || left > frame.left + frame.width) continue;
        const place = { left, width: Math.max(1 / devicePixelRatio, right - left) };
        paintStrip(context, frame, { image, index, count, ...place }, first, window);
      }
    });
  };
}

/** The middle nine tenths of the values as an area. */
export function bandPainter(quantiles: readonly Line["values"][], x: readonly number[], color: string): Painter {
  const [low = [], , high = []] = quantiles;
  return (pen, frame) => {
    const band = area<number>()
      .defined((_, index) => typeof low[index] === "number" && typeof high[index] === "number")
      .x((at) => frame.x(at))
      .y0((_, index) => frame.y(low[index]!))
      .y1((_, index) => frame.y(high[index]!));
    pen.within(frame, () => pen.trace((context) => band.context(context)(x), { fill: withAlpha(color, 0.22) }));
  };
}

/** The distribution of the baseline at the right; across the steps lines at its mean and about its middle nine tenths. */
export function sidePainter(
  side: Distribution,
  middle: Domain | null,
  window: Window,
  shading: Shading,
  ink: string,
): Painter {
  const image = toCanvas(rasterize([side], shading));
  return (pen, frame) => {
    const { top, height } = frame;
    const left = frame.left + frame.width + SIDE_GAP;
    const right = left + SIDE_WIDTH;
    pen.raster({ left, top, width: SIDE_WIDTH, height }, (context) => {
      context.imageSmoothingEnabled = false;
      paintStrip(context, frame, { image, index: 0, count: 1, left, width: SIDE_WIDTH }, side, window);
    });
    pen.path(edgeOf({ left, top, width: SIDE_WIDTH, height }), { stroke: ink });
    if (middle)
      pen.within(frame, () =>
        pen.paths(
          middle.map((value) => [
            [frame.left, frame.y(value)],
            [left, frame.y(value)],
          ]),
          { stroke: ink, dash: [1, 3] },
        ),
      );
    if (!Number.isFinite(side.mean)) return;
    const y = frame.y(side.mean);
    pen.within({ left: frame.left, top, width: right - frame.left, height }, () => {
      pen.path(
        [
          [left, y],
          [right, y],
        ],
        { stroke: ink, width: 2 },
      );
      pen.path(
        [
          [frame.left, y],
          [left, y],
        ],
        { stroke: ink, dash: [2, 4] },
      );
    });
  };
}

/** Red at the top of steps with values that are not finite. */
export function alarmPainter(steps: readonly number[], axis: StepAxis, color: string, width: number): Painter {
  return (pen, { left, top, width: wide, x }) => {
    for (const step of steps) {
      const from = Math.max(left, x(axis.toX(step - width / 2)));
      const to = Math.min(left + wide, Math.max(x(axis.toX(step + width / 2)), from + 2));
      if (to <= from) continue;
      pen.path(edgeOf({ left: from, top, width: to - from, height: ALARM_HEIGHT }), { fill: color });
    }
  };
}

const SMALL_WIDTH = 320;
const SMALL_HEIGHT = 96;

/** A heatmap without axes, of columns that are sums over neighbouring steps. */
export function smallHeatmap(
  columns: readonly Distribution[],
  { steps, lastSteps }: Pick<Histograms, "steps" | "lastSteps">,
  window: Window,
  shading: Shading,
  [from, to]: Domain,
): HTMLCanvasElement {
  const canvas = h("canvas", { width: SMALL_WIDTH, height: SMALL_HEIGHT });
  const context = canvas.getContext("2d");
  const [first] = columns;
  if (!context || !first) return canvas;
  context.imageSmoothingEnabled = false;
  const image = toCanvas(rasterize(columns, shading));
  const { low, high, counts } = first;
  // The part of the raster's rows that lies in the window.
  const row = (intensity: number): number => 1 + ((high - intensity) / (high - low)) * counts.length;
  const [top, bottom] = [row(window.high), row(window.low)];
  const x = (step: number): number => Math.round(((step - from) / (to - from)) * SMALL_WIDTH);
  steps.forEach((step, index) => {
    const [last, next] = [lastSteps[index]!, steps[index + 1]];
    const end = next !== undefined && next - last <= 1.5 ? next - 0.5 : last + 0.5;
    const left = x(step - 0.5);
    context.drawImage(image, index, top, 1, bottom - top, left, 0, Math.max(1, x(end) - left), SMALL_HEIGHT);
  });
  return canvas;
}

interface Strip {
  readonly image: HTMLCanvasElement;
  /** The first of its columns, and how many they are. */
  readonly index: number;
  readonly count: number;
  readonly left: number;
  readonly width: number;
}

/** Bins at their intensities, and the counts out of range in bands beyond the range. */
function paintStrip(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { image, index, count, left, width }: Strip,
  { low, high }: Distribution,
  window: Window,
): void {
  const band = bandHeight(window);
  const bins = image.height - 2;
  const paint = (row: number, rows: number, from: number, to: number): void => {
    const top = snap(frame.y(from));
    context.drawImage(image, index, row, count, rows, left, top, width, snap(frame.y(to)) - top);
  };
  paint(1, bins, high, low);
  if (window.above) paint(0, 1, high + band, high + band * GAP);
  if (window.below) paint(bins + 1, 1, low - band * GAP, low - band);
}

/** To whole device pixels: neighbours must not leave a seam. */
function snap(place: number): number {
  return Math.round(place * devicePixelRatio) / devicePixelRatio;
}
