// The contents of a chart, and where they lie.

import { scaleLog } from "d3-scale";
import type { Unit } from "../base/labels";
import type { AxisKind } from "../model/axis";
import type { Domain } from "../model/series";
import { shownLimits } from "../model/value_zoom";
import type { Frame, Painter } from "./pen";

export interface Line {
  readonly label: string;
  readonly color: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Drawn under the line in this colour, so that it shows on any ground. */
  readonly halo?: string;
  /** Without a dot at the cursor. */
  readonly unmarked?: boolean;
  /** null is a gap; undefined is a step of other lines, which the line passes over. */
  readonly values: readonly (number | null | undefined)[];
}

/** A name of the legend, with the sign of its line and the value at the cursor. */
export interface LegendItem {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
  /** A ramp of colours in place of a line. */
  readonly ramp?: readonly string[];
  readonly value: string;
  /** Explains the number to readers who do not know its name. */
  readonly help?: string;
}

export interface Plot {
  /** Ascending. */
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly domain: Domain;
  /** The kind of the horizontal axis. */
  readonly kind?: AxisKind | "number";
  /** Limits of the values; null fits them to the lines. */
  readonly range: Domain | null;
  /** The kind of the values; plain numbers by default. */
  readonly unit?: Unit;
  /** The part of them that is shown, if not all. */
  readonly zoom?: Domain | null;
  readonly log?: boolean;
  /** Values grow downwards. */
  readonly flip?: boolean;
  /** The parts of the axes that have numbers, if not all: the place of a band beyond the range is no intensity. */
  readonly numbered?: { readonly x?: Domain; readonly y?: Domain };
  /** Stands under the right margin, in line with the numbers of the axis. */
  readonly caption?: string;
  readonly under?: Painter;
  readonly over?: Painter;
  /** Paints the parts that move with the cursor, on a canvas of their own: the rest is not painted again. */
  readonly moving?: Painter;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Room at the right of the plot, in CSS pixels. */
  readonly marginRight: number;
  readonly axisWidth: number;
  readonly ink: string;
  readonly grid: string;
}

// The same on all charts over steps, or their steps would not stand under each other.
export const AXIS_WIDTH = 58;
export const MARGIN_RIGHT = 58;
const TOP = 8;
const BOTTOM = 22;

export interface PlotFrame extends Frame {
  /** Limits of the values that are shown, and of all of them. */
  readonly range: Domain;
  readonly whole: Domain;
  /** The value at a height. */
  valueAt(y: number): number;
}

/** Where values lie, in CSS pixels. */
export function frameOf(plot: Plot, { width, height, marginRight, axisWidth }: Layout): PlotFrame {
  const box = {
    left: axisWidth,
    top: TOP,
    width: Math.max(1, width - axisWidth - marginRight),
    height: height - TOP - BOTTOM,
  };
  const whole = plot.range ?? fitted(plot);
  const range = shownLimits(plot.zoom, whole, !!plot.log);
  const bottom = box.top + box.height;
  const across: Domain = [box.left, box.left + box.width];
  const up: Domain = plot.flip ? [box.top, bottom] : [bottom, box.top];
  const log = plot.log ? scaleLog(range, up) : null;
  return {
    ...box,
    range,
    whole,
    x: linear(plot.domain, across),
    y: log ?? linear(range, up),
    valueAt: log ? log.invert : linear(up, range),
  };
}

/** A linear scale at a third of the time that d3's takes: charts of many runs have 100,000 points. */
function linear([from, to]: Domain, [start, end]: Domain): (value: number) => number {
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

/** A logarithmic axis has no place for 0 and below. */
export function isShown(value: number | null | undefined, log: boolean | undefined): value is number {
  return value !== null && value !== undefined && !(log && value <= 0);
}

/** A difference smaller than this share of the values is a rounding error of theirs. */
const ROUNDING = 1e-12;

/** The limits of the lines within the domain, with some room about them. */
function fitted({ x, lines, log, domain }: Plot): Domain {
  let low = Infinity;
  let high = -Infinity;
  for (const { values } of lines)
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (!isShown(value, log) || x[index]! < domain[0] || x[index]! > domain[1]) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  if (low > high) return log ? [0.1, 1] : [0, 1];
  if (log) return [low / 1.15, high * 1.15];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = high - low > ROUNDING * size ? high - low : 0;
  const room = span * 0.08 || size * 0.1 || 1;
  return [low - room, high + room];
}
