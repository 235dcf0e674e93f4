// Series by step: joined, and searched for the value at a step.

import { bisectLeft, bisectRight, minIndex } from "d3-array";
import { areSame } from "../base/lists";
import type { Series } from "./types";

export type Domain = readonly [low: number, high: number];

/** The usual distance of two recorded steps; the last one may follow sooner. */
export function stepWidth(steps: ArrayLike<number>): number {
  const known = widths.get(steps);
  if (known !== undefined) return known;
  const distances = Float64Array.from(
    { length: Math.max(0, steps.length - 1) },
    (_, i) => steps[i + 1]! - steps[i]!,
  ).sort();
  const usual = distances[(distances.length - 1) >> 1];
  const width = usual !== undefined && usual > 0 ? usual : 1;
  widths.set(steps, width);
  return width;
}

const widths = new WeakMap<ArrayLike<number>, number>();

/**
 * Put series on one list of steps, joined by step and never by position. A value
 * that is missing or not finite is null; where steps of a series are missing
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
    if (places === steps && places.length === series.steps.length)
      return steps.map((_, index) => finiteOrNull(series.values[index]));
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

/** Index of the step nearest to `step`, of two as near the earlier one; -1 if there is none. */
export function nearestIndex(steps: ArrayLike<number>, step: number): number {
  const last = steps.length - 1;
  const after = last > 0 ? bisectLeft(steps, step, 0, last) : last;
  return after > 0 && step - steps[after - 1]! <= steps[after]! - step ? after - 1 : after;
}

/** Index of the last step that is not after `step`; the first one if all are. */
export function lastAtOrBefore(steps: ArrayLike<number>, step: number): number {
  return steps.length ? Math.max(0, bisectRight(steps, step) - 1) : -1;
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
  return minIndex(Array.from(values), (value) => (Number.isFinite(value) ? value : undefined));
}
