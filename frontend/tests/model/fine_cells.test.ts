import fc from "fast-check";
import { expect, test } from "vitest";
import { type Distribution, distributionAt } from "../../src/model/distribution";
import { fineWindow, inFineCells } from "../../src/model/fine_cells";
import type { Histograms } from "../../src/model/types";
import { histogramsOf } from "../support/histograms";

/** Ten images whose quantiles are these, in 64 bins of 0 to 1. */
function recorded(values: readonly number[], change: Partial<Histograms> = {}): Distribution {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const series = histogramsOf({ steps: [0], at: () => [mean, 0], count: 10 });
  const probabilities = values.map((_, index) => index / (values.length - 1));
  return distributionAt({ ...series, recorded: { probabilities, values: Float32Array.from(values) }, ...change }, 0, 0);
}

const total = ({ counts, underflow, overflow }: Distribution): number =>
  underflow + Array.from(counts).reduce((sum, count) => sum + count, 0) + overflow;

test("values inside one bin fill the window, each half of them its half", () => {
  const one = recorded([0.5, 0.5005, 0.501]);
  const window = fineWindow([one])!;
  const cells = inFineCells(one, window);

  expect(window.low).toBeGreaterThan(0.499);
  expect(window.high).toBeLessThan(0.502);
  const counts = Array.from(cells.counts);
  expect(counts.slice(0, 24).reduce((sum, count) => sum + count)).toBeCloseTo(5);
  expect(counts[0]).toBe(0);
  expect([cells.isExact, one.isExact]).toEqual([false, true]);
});

test("equal values are one cell", () => {
  const window = fineWindow([recorded([0.5, 0.5, 0.5]), recorded([0.2, 0.3, 0.4])])!;
  const filled = Array.from(inFineCells(recorded([0.5, 0.5, 0.5]), window).counts).filter(Boolean);

  expect(filled).toEqual([10]);
});

test("the window reaches a little beyond the range; what lies further is counted beside it", () => {
  const window = fineWindow([recorded([-0.2, 0.5, 40])])!;

  expect([window.low < -0.2, window.below, window.above]).toEqual([true, false, true]);
  expect(window.high).toBeLessThan(2);
  expect(inFineCells(recorded([-0.2, 0.5, 40]), window).overflow).toBeGreaterThan(4);
});

test("no value is lost", () => {
  const value = fc.double({ min: -3, max: 4, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 33 }), (values) => {
      const one = recorded([...values].sort((a, b) => a - b));
      expect(total(inFineCells(one, fineWindow([one])!))).toBeCloseTo(10);
    }),
  );
});

test("a step without quantiles is spread over its bins; without any there are no finer cells", () => {
  const binned = recorded([0.1, 0.2], { recorded: null });

  expect(fineWindow([binned])).toBeNull();
  expect(total(inFineCells(binned, fineWindow([binned, recorded([0.1, 0.9])])!))).toBeCloseTo(10);
});

test("a step whose quantiles are undefined has none", () => {
  expect(recorded([NaN, NaN]).quantiles).toBeNull();
});
