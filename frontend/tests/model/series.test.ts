import { expect, test } from "vitest";
import { alignBySteps, lastAtOrBefore, lastValue, nearestIndex, stepWidth, valueAt } from "../../src/model/series";

test("series are joined by step, never by position", () => {
  const drift = { steps: [0, 2, 4], wallTimes: [], values: [0.5, 0.25, NaN] };
  const loss = { steps: [1, 2], wallTimes: [], values: [8, 4] };

  expect(alignBySteps([drift, loss])).toEqual({
    steps: [0, 1, 2, 4],
    columns: [
      [0.5, undefined, 0.25, null],
      [undefined, 8, 4, undefined],
    ],
  });
});

test("a gap of one series is no gap of another", () => {
  const gapped = { steps: [0, 1, 2, 6], wallTimes: [], values: [1, 2, 3, 4] };
  const whole = { steps: [0, 1, 2, 3], wallTimes: [], values: [5, 6, 7, 8] };

  expect(alignBySteps([gapped, whole])).toEqual({
    steps: [0, 1, 2, 2.5, 3, 6],
    columns: [
      [1, 2, 3, null, undefined, 4],
      [5, 6, 7, undefined, 8, undefined],
    ],
  });
});

test("where epochs are missing there is a gap, and an early last epoch is none", () => {
  const series = { steps: [0, 5, 10, 25, 30, 32], wallTimes: [], values: [1, 2, 3, 4, 5, 6] };
  const { steps, columns } = alignBySteps([series]);

  expect(steps).toEqual([0, 5, 10, 12.5, 25, 30, 32]);
  expect(columns).toEqual([[1, 2, 3, null, 4, 5, 6]]);
});

test("an epoch is as wide as the usual distance of two", () => {
  expect(stepWidth([0, 5, 10, 40])).toBe(5);
  expect(stepWidth([3])).toBe(1);
});

test.each([
  [[0, 5, 10], 6, 1],
  [[0, 5, 10], 8, 2],
  [[0, 5, 10], -3, 0],
  [[0, 5, 10], 99, 2],
  [[0, 5], 2.5, 0],
  [[], 1, -1],
])("of steps %j the nearest to %d has index %d", (steps, step, index) => {
  expect(nearestIndex(steps, step)).toBe(index);
});

test("a reference stands until the next one", () => {
  expect([0, 3, 4, 9].map((step) => lastAtOrBefore([0, 4], step))).toEqual([0, 0, 1, 1]);
  expect(lastAtOrBefore([5], 2)).toBe(0);
});

test("a value is given at its own step only", () => {
  const series = { steps: [0, 2], wallTimes: [], values: [1, 3] };

  expect(valueAt(series, 2)).toBe(3);
  expect(valueAt(series, 1)).toBeNull();
  expect(valueAt(undefined, 1)).toBeNull();
  expect(lastValue(series)).toBe(3);
});
