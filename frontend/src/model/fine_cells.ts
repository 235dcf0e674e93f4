// Cells finer than the recorded bins, from quantiles: a distribution that lives inside one bin is drawn where it is.
//
// Between two neighbouring quantiles the values are taken as even. The cells are a picture: tables and files keep
// the recorded bins.

import { type Distribution, occupied, type Window } from "./distribution";

/** Finer ones would show where the quantiles of a few hundred images happen to lie. */
const CELLS = 48;
/** Space about the values, as a share of them. */
const MARGIN = 0.08;
/** Values further out of the range than this share of it lie in the bands beyond the window. */
const BEYOND = 0.5;

/** The part that the values occupy; null where some distribution has no quantiles. */
export function fineWindow(all: readonly Distribution[]): Window | null {
  let [least, greatest] = [Infinity, -Infinity];
  let isRecorded = false;
  for (const { quantiles, finite, low, high, firstBin, lastBin, counts } of all) {
    if (!finite) continue;
    if (quantiles) {
      isRecorded = true;
      least = Math.min(least, quantiles.values[0]!);
      greatest = Math.max(greatest, quantiles.values[quantiles.values.length - 1]!);
    } else if (firstBin <= lastBin) {
      const width = (high - low) / counts.length;
      least = Math.min(least, low + firstBin * width);
      greatest = Math.max(greatest, low + (lastBin + 1) * width);
    }
  }
  const [first] = all;
  if (!isRecorded || !first) return null;
  const { low, high, counts } = first;
  const far = BEYOND * (high - low);
  const clamp = (value: number): number => Math.min(high + far, Math.max(low - far, value));
  const margin = MARGIN * (clamp(greatest) - clamp(least)) || (high - low) / counts.length / 2;
  return {
    low: clamp(least) - margin,
    high: clamp(greatest) + margin,
    below: least < low - far,
    above: greatest > high + far,
  };
}

/** The distribution in even cells of the window; counts are parts of images. */
export function inFineCells(one: Distribution, { low, high }: Window): Distribution {
  const cells = new Float64Array(CELLS + 2);
  /** The first and the last cell reach as far as there are values. */
  const cellOf = (place: number): number => Math.min(CELLS + 1, Math.max(0, Math.floor(place)));
  /** `count` values, evenly from one value to the other. */
  const spread = (count: number, from: number, to: number): void => {
    const [start, end] = [from, to].map((value) => 1 + ((value - low) / (high - low)) * CELLS) as [number, number];
    const [first, last] = [cellOf(start), cellOf(end)];
    if (first === last) cells[first]! += count;
    else
      for (let cell = first; cell <= last; cell++) {
        const left = cell === first ? start : cell;
        const right = cell === last ? end : cell + 1;
        cells[cell]! += (count * (right - left)) / (end - start);
      }
  };
  if (one.quantiles) {
    const { probabilities, values } = one.quantiles;
    for (let index = 1; index < values.length; index++)
      spread(one.finite * (probabilities[index]! - probabilities[index - 1]!), values[index - 1]!, values[index]!);
  } else {
    const width = (one.high - one.low) / one.counts.length;
    spread(one.underflow, one.low - width, one.low);
    spread(one.overflow, one.high, one.high + width);
    for (let bin = one.firstBin; bin <= one.lastBin; bin++)
      if (one.counts[bin]) spread(one.counts[bin]!, one.low + bin * width, one.low + (bin + 1) * width);
  }
  const counts = cells.subarray(1, CELLS + 1);
  const [underflow, overflow] = [cells[0]!, cells[CELLS + 1]!];
  return { ...one, low, high, counts, underflow, overflow, isExact: false, ...occupied(counts) };
}
