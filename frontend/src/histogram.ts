// Reading one histogram out of the arrays of a series.

import type { Histograms, Series } from "./model";

/** One row at one step. Shares are of all finite values, in and out of range. */
export interface Distribution {
  readonly low: number;
  readonly high: number;
  readonly counts: ArrayLike<number>;
  readonly underflow: number;
  readonly overflow: number;
  readonly nonFinite: number;
  readonly finite: number;
  /** Of the fullest bin. */
  readonly most: number;
  readonly mean: number;
  readonly std: number;
}

export function distributionAt(series: Histograms, index: number, row: number): Distribution {
  const start = (index * series.rows + row) * series.cellsPerRow;
  const cells = series.cells.subarray(start, start + series.cellsPerRow);
  const { bins } = series;
  let finite = (cells[0] ?? 0) + (cells[bins + 1] ?? 0);
  let most = 0;
  for (let cell = 1; cell <= bins; cell++) {
    const count = cells[cell] ?? 0;
    finite += count;
    if (count > most) most = count;
  }
  let nonFinite = 0;
  for (let cell = bins + 2; cell < cells.length; cell++) nonFinite += cells[cell] ?? 0;
  return {
    low: series.low,
    high: series.high,
    counts: cells.subarray(1, bins + 1),
    underflow: cells[0] ?? 0,
    overflow: cells[bins + 1] ?? 0,
    nonFinite,
    finite,
    most,
    mean: series.mean[index * series.rows + row] ?? NaN,
    std: series.std[index * series.rows + row] ?? NaN,
  };
}

/** Every step's distribution of one row. */
export function distributions(series: Histograms, row: number): Distribution[] {
  return series.steps.map((_, index) => distributionAt(series, index, row));
}

/** One quantile of one row by step; NaN where there is no finite value. */
export function quantileSeries(series: Histograms, quantile: number, row: number): Series {
  const { steps, wallTimes, rows, quantileValues } = series;
  const per = series.quantiles.length;
  const values = Float32Array.from(steps, (_, index) => quantileValues[(index * rows + row) * per + quantile] ?? NaN);
  return { steps, wallTimes, values };
}

export function meanSeries({ steps, wallTimes, rows, mean }: Histograms, row: number): Series {
  return { steps, wallTimes, values: Float32Array.from(steps, (_, index) => mean[index * rows + row] ?? NaN) };
}

/** Share of the finite values in each cell: underflow, the bins, overflow. */
export function shares({ counts, underflow, overflow, finite }: Distribution): number[] {
  return [underflow, ...Array.from(counts), overflow].map((count) => (finite ? count / finite : 0));
}

/** Whether two distributions count into the same bins. */
export function sameEdges(a: Distribution, b: Distribution): boolean {
  return a.low === b.low && a.high === b.high && a.counts.length === b.counts.length;
}

/** The part of the range that is drawn, and whether values lie outside the range. */
export interface Window {
  readonly low: number;
  readonly high: number;
  readonly below: boolean;
  readonly above: boolean;
}

// Values out of range get a band of their own beyond the range, this share of the window.
const BAND = 0.07;

export function bandHeight({ low, high }: Window): number {
  return (high - low) * BAND;
}

/**
 * What distributions occupy, with a margin: the whole range is mostly empty
 * paper when mean pixels lie between 0.2 and 0.5.
 */
export function occupiedWindow(all: readonly Distribution[]): Window {
  const first = all[0];
  if (!first) return { low: 0, high: 1, below: false, above: false };
  const { low, high } = first;
  const bins = first.counts.length;
  const below = all.some(({ underflow }) => underflow > 0);
  const above = all.some(({ overflow }) => overflow > 0);
  let least = below ? 0 : bins;
  let greatest = above ? bins - 1 : -1;
  // Only what would widen the window is looked at.
  for (const { counts } of all) {
    for (let bin = 0; bin < least; bin++) if (counts[bin]) least = bin;
    for (let bin = bins - 1; bin > greatest; bin--) if (counts[bin]) greatest = bin;
  }
  if (least === bins) least = 0;
  if (greatest === -1) greatest = bins - 1;
  const margin = Math.max(2, Math.round((greatest - least) * 0.12));
  const width = (high - low) / bins;
  return {
    low: low + width * Math.max(0, least - margin),
    high: low + width * Math.min(bins, greatest + 1 + margin),
    below,
    above,
  };
}

/** The window and the bands beyond it. */
export function withBands(window: Window): readonly [low: number, high: number] {
  const band = bandHeight(window);
  return [window.low - (window.below ? band : 0), window.high + (window.above ? band : 0)];
}
