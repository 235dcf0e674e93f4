// Histograms as outlines on the axis of intensities.

import { formatCount, formatIntensity, formatShare } from "../base/format";
import { bandHeight, type Distribution, type Window } from "../model/distribution";
import type { Frame, Painter, Pen, Point } from "./pen";

export interface Outline {
  readonly name: string;
  readonly distribution: Distribution;
  readonly color: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly fill?: string;
  /** Height on the vertical axis of an empty bin; 0 unless outlines are set apart. */
  readonly base?: number;
  /** Height on the vertical axis of a bin with all values; 1 by default. */
  readonly scale?: number;
  /** For comparison only: it has no count at the pointer. */
  readonly silent?: true;
}

/** Corners of a stepped outline, band below the range first; a bin is as wide as it is stored. */
export function outlinePoints({ distribution, base = 0, scale = 1 }: Outline, window: Window): Point[] {
  const { low, high, counts, underflow, overflow, finite } = distribution;
  const band = bandHeight(window);
  const width = (high - low) / counts.length;
  const points: Point[] = [];
  let level = NaN;
  const step = (from: number, to: number, count: number): void => {
    const y = base + (finite ? count / finite : 0) * scale;
    // Bins of one height are one step: most of them are empty.
    if (y === level) points.pop();
    else points.push([from, y]);
    points.push([to, y]);
    level = y;
  };
  if (window.below) step(low - band, low, underflow);
  for (let bin = 0; bin < counts.length; bin++) {
    const from = low + bin * width;
    if (from + width > window.low - width / 2 && from < window.high + width / 2) step(from, from + width, counts[bin]!);
  }
  if (window.above) step(high, high + band, overflow);
  return points;
}

/** Outlines, the last on top. `floor` is where a logarithmic axis begins. */
export function outlinePainter(outlines: readonly Outline[], window: Window, floor = 0): Painter {
  return (pen, frame) =>
    pen.within(frame, () => {
      for (const outline of outlines) {
        const { base = 0, color, width = 1.5, dash, fill, distribution } = outline;
        if (!distribution.finite) continue;
        const points = outlinePoints(outline, window).map(([x, y]) => place(frame, x, Math.max(y, floor)));
        const [first] = points;
        const last = points[points.length - 1];
        if (!first || !last) continue;
        const ground = frame.y(Math.max(base, floor));
        if (fill) pen.path([[first[0], ground], ...points, [last[0], ground]], { fill });
        pen.path(points, { stroke: color, width, ...(dash ? { dash } : {}) });
        const cut = points.filter(([, y]) => y < frame.top);
        if (cut.length && outline.base === undefined)
          markCut(pen, frame, (cut[0]![0] + cut[cut.length - 1]![0]) / 2, color);
      }
    });
}

/** An arrow at the top where an outline goes on above the axis. */
function markCut(pen: Pen, { top }: Frame, x: number, color: string): void {
  pen.path(
    [
      [x - 5, top + 8],
      [x, top],
      [x + 5, top + 8],
    ],
    { fill: color },
  );
}

function place(frame: Frame, x: number, y: number): Point {
  return [frame.x(x), frame.y(y)];
}

export interface Cell {
  /** Infinite for the cells out of range. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export function cellName({ low, high }: Cell, span: number): string {
  if (!Number.isFinite(low)) return "below the range";
  if (!Number.isFinite(high)) return "above the range";
  return `${formatIntensity(low, span)} to ${formatIntensity(high, span)}`;
}

/** The cell under an intensity: its limits and its count. */
export function cellAt(distribution: Distribution, intensity: number): Cell {
  const { low, high, counts, underflow, overflow } = distribution;
  if (intensity < low) return { low: -Infinity, high: low, count: underflow };
  if (intensity > high) return { low: high, high: Infinity, count: overflow };
  const width = (high - low) / counts.length;
  const bin = Math.min(counts.length - 1, Math.floor((intensity - low) / width));
  return { low: low + bin * width, high: low + (bin + 1) * width, count: counts[bin] ?? 0 };
}

/** How many values lie in the cell: "12 images (4.7%)". */
export function cellCount({ finite, isExact }: Distribution, { count }: Cell, noun: string): string {
  return `${isExact ? "" : "about "}${formatCount(Math.round(count), noun)} (${formatShare(count / finite)})`;
}

/** The greatest share of any outline: a spike stays a spike. */
export function highest(outlines: readonly Outline[]): number {
  let greatest = 0;
  for (const {
    distribution: { most, underflow, overflow, finite },
  } of outlines)
    if (finite) greatest = Math.max(greatest, Math.max(most, underflow, overflow) / finite);
  return greatest || 1;
}

/** Where a logarithmic axis of shares begins: a single value is above it, and no value at it. */
export function logFloor(outlines: readonly Outline[]): number {
  const most = Math.max(1, ...outlines.map(({ distribution }) => distribution.finite));
  return 10 ** Math.floor(Math.log10(0.5 / most));
}
