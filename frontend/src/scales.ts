// Axes as pure functions: which epochs, which series value at which epoch.

import type { Series } from "./model";

export type Domain = readonly [low: number, high: number];

/** Width of an epoch on the axis: the least distance between two recorded ones. */
export function stepWidth(steps: readonly number[]): number {
  let least = Infinity;
  for (let i = 1; i < steps.length; i++) least = Math.min(least, steps[i]! - steps[i - 1]!);
  return Number.isFinite(least) && least > 0 ? least : 1;
}

/** All steps that fit on the axis, with half an epoch of room at either end. */
export function epochDomain(all: readonly (readonly number[])[]): Domain {
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

/** Put series on one list of steps, joined by step and never by position. */
export function alignBySteps(all: readonly Series[]): {
  steps: number[];
  columns: (number | null)[][];
} {
  const steps = [...new Set(all.flatMap((series) => series.steps))].sort((a, b) => a - b);
  const position = new Map(steps.map((step, index) => [step, index]));
  const columns = all.map((series) => {
    const column: (number | null)[] = new Array<null>(steps.length).fill(null);
    series.steps.forEach((step, index) => {
      column[position.get(step)!] = series.values[index] ?? null;
    });
    return column;
  });
  return { steps, columns };
}

/** Index of the step nearest to `step`; -1 if there is none. */
export function nearestIndex(steps: readonly number[], step: number): number {
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
export function lastAtOrBefore(steps: readonly number[], step: number): number {
  const index = nearestIndex(steps, step);
  return (steps[index] ?? 0) > step ? Math.max(0, index - 1) : index;
}

/** The value at exactly this step, if the series has one. */
export function valueAt(series: Series | undefined, step: number): number | null {
  if (!series) return null;
  const index = nearestIndex(series.steps, step);
  return series.steps[index] === step ? (series.values[index] ?? null) : null;
}

export function lastValue(series: Series | undefined): number | null {
  return series?.values[series.values.length - 1] ?? null;
}
