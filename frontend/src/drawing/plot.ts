// What a chart shows, and how it is painted: on the screen and into an SVG file alike.

import { formatDuration, type AxisKind } from "../model/axis";
import type { Frame, Painter, Pen, Point } from "./pen";
import type { Domain } from "../model/series";
import { formatClock, linearTicks, logTicks, timeTicks } from "./ticks";
import { shownLimits } from "../model/value_zoom";

export interface Line {
  readonly label: string;
  readonly color: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Drawn under the line in this colour, so that it shows on any ground. */
  readonly halo?: string;
  /** Without a dot at the cursor. */
  readonly unmarked?: boolean;
  /** null is a gap; undefined is no place of this line at all. */
  readonly values: readonly (number | null | undefined)[];
}

export interface Plot {
  /** Ascending. */
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly domain: Domain;
  /** What lies along the horizontal axis. */
  readonly kind?: AxisKind | "number";
  /** Limits of the values; null fits them to the lines. */
  readonly range: Domain | null;
  /** The part of them that is shown, if not all. */
  readonly zoom?: Domain | null;
  readonly log?: boolean;
  /** Values grow downwards. */
  readonly flip?: boolean;
  /** What stands under the right margin, in line with the numbers of the axis. */
  readonly caption?: string;
  readonly under?: Painter;
  readonly over?: Painter;
  /** What moves with the cursor: on a canvas of its own, so that the rest is not painted again. */
  readonly moving?: Painter;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Room at the right of the plot, in CSS pixels. */
  readonly marginRight: number;
  readonly axisWidth: number;
  readonly formatX?: (value: number) => string;
  /** `step` is the distance to the next number: neighbours must not read the same. */
  readonly formatY: (value: number, step: number) => string;
  readonly ink: string;
  readonly grid: string;
}

/** Room to the right of a plot unless its layout says otherwise, in CSS pixels. */
export const MARGIN_RIGHT = 58;

const TOP = 8;
const BOTTOM = 22;
/** From one number of an axis to the next: of epochs and intensities, and of times, which are longer. */
const X_SPACE = 45;
const TIME_SPACE = 70;
const Y_SPACE = 30;
/** Also a low chart has at least two numbers, as steps are at most 2.5 times as long as asked for. */
const LEAST_PARTS = 5;
/** Widths of a digit, and between two texts. */
const CHARACTER = 6;
const SPACE = 6;
/** Lines of so few points are drawn as dots. */
const FEW = 3;

export interface PlotFrame extends Frame {
  /** Limits of the values that are shown, and of all of them. */
  readonly range: Domain;
  readonly whole: Domain;
  /** What lies at a height. */
  valueAt(y: number): number;
}

/** Where values lie, in CSS pixels. */
export function frameOf(plot: Plot, { width, height, marginRight, axisWidth }: Layout): PlotFrame {
  const box = { left: axisWidth, top: TOP, width: Math.max(1, width - axisWidth - marginRight), height: height - TOP - BOTTOM };
  const whole = plot.range ?? fitted(plot);
  const range = shownLimits(plot.zoom, whole, !!plot.log);
  const [left, right] = plot.domain;
  const warp = plot.log ? Math.log10 : (value: number): number => value;
  const unwarp = plot.log ? (power: number): number => 10 ** power : warp;
  const [low, high] = [warp(range[0]), warp(range[1])];
  return {
    ...box,
    range,
    whole,
    x: (value) => box.left + ((value - left) / (right - left)) * box.width,
    y: (value) => {
      const part = (warp(value) - low) / (high - low);
      return box.top + (plot.flip ? part : 1 - part) * box.height;
    },
    valueAt: (y) => {
      const part = (y - box.top) / box.height;
      return unwarp(low + (plot.flip ? part : 1 - part) * (high - low));
    },
  };
}

export function paintPlot(pen: Pen, plot: Plot, layout: Layout, frame: PlotFrame): void {
  paintAxes(pen, frame, plot, layout);
  plot.under?.(pen, frame);
  pen.within(frame, () => {
    for (const line of plot.lines) paintLine(pen, frame, plot, line);
  });
  plot.over?.(pen, frame);
}

/** Everything, as a file has it. */
export function paintAll(pen: Pen, plot: Plot, layout: Layout): void {
  const frame = frameOf(plot, layout);
  paintPlot(pen, plot, layout, frame);
  plot.moving?.(pen, frame);
}

function paintAxes(pen: Pen, frame: PlotFrame, plot: Plot, layout: Layout): void {
  const { left, top, width, height, range } = frame;
  const { ink, grid } = layout;
  const [xTicks, formatX] = horizontal(plot, width);
  const caption = plot.caption ?? "";
  const captionAt = left + width + layout.marginRight / 2;
  const columns = xTicks.map((tick) => ({ x: Math.round(frame.x(tick)) + 0.5, text: (layout.formatX ?? formatX)(tick) }));
  const space = Math.min(Y_SPACE, height / LEAST_PARTS);
  const yTicks = plot.log ? logTicks(range, height, space) : linearTicks(range, height, space);
  const rows = yTicks
    .map((tick, index) => ({
      y: Math.round(frame.y(tick)) + 0.5,
      text: layout.formatY(tick, Math.abs(tick - (yTicks[index ? index - 1 : 1] ?? 0))),
    }))
    .filter(({ text }) => text);
  const lines = [
    ...columns.map(({ x }): Point[] => [[x, top], [x, top + height + 3]]),
    ...rows.map(({ y }): Point[] => [[left - 3, y], [left + width, y]]),
  ];
  pen.paths(lines, { stroke: grid });
  // Texts never run into each other: a tick that has no room for its own goes without.
  let taken = -Infinity;
  for (const { x, text } of columns) {
    const half = halfWidth(text);
    if (x - half < taken || (caption && x + half > captionAt - halfWidth(caption))) continue;
    pen.text(text, [x, top + height + 15], ink, "middle");
    taken = x + half;
  }
  if (caption) pen.text(caption, [captionAt, top + height + 15], ink, "middle");
  for (const { y, text } of rows) pen.text(text, [left - 6, y + 3.5], ink, "end");
}

/** Half of the room that a text takes, about: a file has no way to measure it. */
function halfWidth(text: string): number {
  return (text.length * CHARACTER + SPACE) / 2;
}

function horizontal({ kind, domain }: Plot, width: number): [number[], (value: number) => string] {
  if (kind === "relative") return [timeTicks(domain, width, TIME_SPACE), formatDuration];
  if (kind === "wall") {
    const offset = -60 * new Date(domain[0] * 1000).getTimezoneOffset();
    return [timeTicks(domain, width, TIME_SPACE, offset), formatClock];
  }
  return [linearTicks(domain, width, X_SPACE, kind === "number" ? 0 : 1), String];
}

function paintLine(pen: Pen, frame: Frame, { x, log }: Plot, { color, width = 1.75, dash, halo, values }: Line): void {
  const parts = unbroken(x, values, log ?? false, (along, value) => [frame.x(along), frame.y(value)]);
  pen.paths(parts, { stroke: color, width, ...(dash ? { dash } : {}), ...(halo ? { halo } : {}) });
  // A single epoch has no line to draw.
  for (const points of parts) if (points.length <= FEW) for (const [px, py] of points) pen.dot([px, py], 2.5, color);
}

/** The places of a line between its gaps; a logarithmic axis has none for 0 and below. */
export function unbroken(
  x: readonly number[],
  values: Line["values"],
  log: boolean,
  place: (x: number, value: number) => Point,
): Point[][] {
  let part: Point[] = [];
  const parts = [part];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined) continue;
    if (value === null || (log && value <= 0)) parts.push((part = []));
    else part.push(place(x[index]!, value));
  }
  return parts.filter(({ length }) => length);
}

/** Limits with some room about what the lines hold within the domain. */
function fitted({ x, lines, log, domain }: Plot): Domain {
  let low = Infinity;
  let high = -Infinity;
  for (const { values } of lines)
    values.forEach((value, index) => {
      if (value === null || value === undefined || (log && value <= 0)) return;
      if (x[index]! < domain[0] || x[index]! > domain[1]) return;
      if (value < low) low = value;
      if (value > high) high = value;
    });
  if (low > high) return log ? [0.1, 1] : [0, 1];
  if (log) return [low / 1.15, high * 1.15];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}
