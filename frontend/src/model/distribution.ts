// Reading one histogram out of the arrays of a series.

import type { Histograms, RecordedQuantiles, Series } from "./types";

/** One channel at one step. Shares are of all finite values, in and out of range. */
export interface Distribution extends Occupied {
  readonly low: number;
  readonly high: number;
  readonly counts: ArrayLike<number>;
  readonly underflow: number;
  readonly overflow: number;
  readonly nonFinite: number;
  readonly finite: number;
  readonly mean: number;
  readonly std: number;
  /** Of the values themselves; null where only the bins are known. */
  readonly quantiles: RecordedQuantiles | null;
  /** Whether the counts were recorded; else they were made from quantiles. */
  readonly isExact: boolean;
}

/** Facts about the bins, found in one pass: there are as many cells as a page has pixels. */
export interface Occupied {
  /** In all bins, and in the fullest. */
  readonly inside: number;
  readonly most: number;
  /** The first and the last bin with values; first is after last if there is none. */
  readonly firstBin: number;
  readonly lastBin: number;
}

export function occupied(counts: ArrayLike<number>): Occupied {
  let [inside, most, firstBin, lastBin] = [0, 0, counts.length, -1];
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin]!;
    if (!count) continue;
    inside += count;
    if (count > most) most = count;
    if (lastBin < 0) firstBin = bin;
    lastBin = bin;
  }
  return { inside, most, firstBin, lastBin };
}

export function distributionAt(series: Histograms, index: number, channel: number): Distribution {
  const { bins, cells, cellsPerChannel, low, high, mean, std } = series;
  const at = index * series.channelCount + channel;
  const start = at * cellsPerChannel;
  const counts = cells.subarray(start + 1, start + 1 + bins);
  const underflow = cells[start] ?? 0;
  const overflow = cells[start + 1 + bins] ?? 0;
  let nonFinite = 0;
  for (let cell = start + bins + 2; cell < start + cellsPerChannel; cell++) nonFinite += cells[cell] ?? 0;
  const { inside, most, firstBin, lastBin } = occupied(counts);
  const finite = underflow + inside + overflow;
  return {
    low,
    high,
    counts,
    underflow,
    overflow,
    nonFinite,
    finite,
    mean: mean[at] ?? NaN,
    std: std[at] ?? NaN,
    inside,
    most,
    firstBin,
    lastBin,
    quantiles: quantilesAt(series, at),
    isExact: true,
  };
}

function quantilesAt({ recorded }: Histograms, at: number): RecordedQuantiles | null {
  if (!recorded) return null;
  const { probabilities, values } = recorded;
  const own = values.subarray(at * probabilities.length, (at + 1) * probabilities.length);
  return Number.isNaN(own[0] ?? NaN) ? null : { probabilities, values: own };
}

/** Every step's distribution of one channel. */
export function distributions(series: Histograms, channel: number): Distribution[] {
  return series.steps.map((_, index) => distributionAt(series, index, channel));
}

/** One quantile of one channel by step; NaN where there is no finite value. */
export function quantileSeries(series: Histograms, quantile: number, channel: number): Series {
  const { steps, wallTimes, channelCount, quantileValues } = series;
  const per = series.quantiles.length;
  const values = new Float32Array(steps.length);
  for (let index = 0; index < steps.length; index++)
    values[index] = quantileValues[(index * channelCount + channel) * per + quantile] ?? NaN;
  return { steps, wallTimes, values };
}

export function meanSeries({ steps, wallTimes, channelCount, mean }: Histograms, channel: number): Series {
  const values = new Float32Array(steps.length);
  for (let index = 0; index < steps.length; index++) values[index] = mean[index * channelCount + channel] ?? NaN;
  return { steps, wallTimes, values };
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
 * The part that distributions occupy, with a margin: the whole range is mostly empty
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
  for (const { firstBin, lastBin } of all) {
    if (firstBin < least) least = firstBin;
    if (lastBin > greatest) greatest = lastBin;
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
