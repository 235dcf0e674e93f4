// Axes as pure functions: which epochs, which series value at which epoch.

import type { Series } from "./types";
import { areSame } from "../base/lists";

export type Domain = readonly [low: number, high: number];

/** The usual distance of two recorded epochs; the last one may follow sooner. */
export function stepWidth(steps: ArrayLike<number>): number {
  const known = widths.get(steps);
  if (known !== undefined) return known;
  const distances = Float64Array.from({ length: Math.max(0, steps.length - 1) }, (_, i) => steps[i + 1]! - steps[i]!).sort();
  const usual = distances[(distances.length - 1) >> 1];
  const width = usual !== undefined && usual > 0 ? usual : 1;
  widths.set(steps, width);
  return width;
}

const widths = new WeakMap<ArrayLike<number>, number>();

/** All steps that fit on the axis, with half an epoch of room at either end. */
export function stepDomain(all: readonly ArrayLike<number>[]): Domain {
  let low = Infinity;
  let high = -Infinity;
  let width = Infinity;
  for (const steps of all) {
    if (!steps.length) continue;
    low = Math.min(low, steps[0]!);
    high = Math.max(high, steps[steps.length - 1]!);
    width = Math.min(width, stepWidth(steps));
  }
  if (!Number.isFinite(low)) return [-0.5, 0.5];
  return [low - width / 2, high + width / 2];
}

/** Where a column of the heatmap lies: half-way to its neighbours, but never wider than usual. */
export function columnEdges(steps: ArrayLike<number>, index: number, width: number): Domain {
  const here = steps[index]!;
  const before = index > 0 ? here - steps[index - 1]! : width;
  const after = index + 1 < steps.length ? steps[index + 1]! - here : width;
  return [here - Math.min(before, width) / 2, here + Math.min(after, width) / 2];
}

/**
 * Put series on one list of steps, joined by step and never by position. A value
 * that is missing or not finite is null; where epochs of a series are missing
 * there is a null in between, so that no line leads over the gap.
 */
export function alignBySteps(all: readonly Series[]): {
  steps: number[];
  columns: (number | null | undefined)[][];
} {
  const own = all.map((series) => withGaps(series.steps));
  const steps = union(own);
  const columns = all.map((series, which) => {
    const places = own[which]!;
    if (places === steps && places.length === series.steps.length) return steps.map((_, index) => finiteOrNull(series.values[index]));
    let [place, index] = [0, 0];
    return steps.map((step) => {
      // undefined is drawn over: another series has a step here, this one is not expected to.
      if (places[place] !== step) return undefined;
      place++;
      return step === series.steps[index] ? finiteOrNull(series.values[index++]) : null;
    });
  });
  return { steps, columns };
}

/** The steps, and one more in the middle of each gap. */
function withGaps(steps: ArrayLike<number>): number[] {
  const known = placesOf.get(steps);
  if (known) return known;
  const width = stepWidth(steps);
  const places: number[] = [];
  for (let i = 0; i < steps.length; i++) {
    if (i > 0 && steps[i]! - steps[i - 1]! > 1.5 * width) places.push(steps[i - 1]! + width / 2);
    places.push(steps[i]!);
  }
  placesOf.set(steps, places);
  return places;
}

const placesOf = new WeakMap<ArrayLike<number>, number[]>();

/** Every number of some ascending lists once, ascending; nearly always they are the same list. */
function union(lists: readonly number[][]): number[] {
  const [first = [], ...others] = lists;
  if (others.every((list) => list === first || areSame(list, first))) return first;
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

export function finiteOrNull(value: number | null | undefined): number | null {
  return value !== undefined && value !== null && Number.isFinite(value) ? value : null;
}

/** Steps at which a series has a value that is not finite. */
export function nonFiniteSteps({ steps, values }: Series): number[] {
  return Array.from(steps).filter((_, index) => !Number.isFinite(values[index]));
}

/** Index of the step nearest to `step`; -1 if there is none. */
export function nearestIndex(steps: ArrayLike<number>, step: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before >= 0 && step - steps[before]! <= steps[low]! - step) return before;
  return low < steps.length ? low : -1;
}

/** Index of the last step that is not after `step`; the first one if all are. */
export function lastAtOrBefore(steps: ArrayLike<number>, step: number): number {
  const index = nearestIndex(steps, step);
  return (steps[index] ?? 0) > step ? Math.max(0, index - 1) : index;
}

/** The value at exactly this step, if the series has a finite one. */
export function valueAt(series: Series | undefined, step: number): number | null {
  if (!series) return null;
  const index = nearestIndex(series.steps, step);
  return series.steps[index] === step ? finiteOrNull(series.values[index]) : null;
}

export function lastValue(series: Series | undefined): number | null {
  return series ? finiteOrNull(series.values[series.values.length - 1]) : null;
}

/** Index of the least finite value; -1 if there is none. */
export function leastIndex(values: ArrayLike<number>): number {
  let least = -1;
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i]) && (least < 0 || values[i]! < values[least]!)) least = i;
  return least;
}
