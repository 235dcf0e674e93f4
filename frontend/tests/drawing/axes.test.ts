// @vitest-environment happy-dom
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textWidth, type Unit } from "../../src/base/labels";
import { clockLabels, horizontalAxis, linearTicks, logTicks, timeAxis, verticalAxis } from "../../src/drawing/axes";
import { frameOf, type Plot } from "../../src/drawing/plot";
import type { Domain } from "../../src/model/series";

test("ticks are round, inside the axis and free of rounding errors", () => {
  expect(linearTicks([0, 1], 500, 100)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(linearTicks([0.28, 0.32], 300, 70)).toEqual([0.28, 0.29, 0.3, 0.31, 0.32]);
  expect(linearTicks([7, 7], 300, 70)).toEqual([7]);
});

test("a logarithmic axis has powers of ten, more where there is room, and within one of them round numbers", () => {
  expect(logTicks([1e-6, 1], 200, 30)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
  expect(logTicks([0.1, 20], 200, 30)).toEqual([0.1, 0.2, 0.3, 1, 2, 3, 10, 20]);
  expect(logTicks([0.31, 0.33], 120, 30)).toEqual([0.31, 0.315, 0.32, 0.325, 0.33]);
  expect(logTicks([7.1e4, 8.9e4], 120, 30)).toEqual([7.5e4, 8e4, 8.5e4]);
});

test("times are round", () => {
  expect(timeAxis("relative", [0, 3600], 300).ticks).toEqual([0, 900, 1800, 2700, 3600]);
  expect(timeAxis("relative", [0, 20 * 86400], 220).ticks).toEqual([0, 5, 10, 15, 20].map((day) => day * 86400));
});

test.each([0.01, 0.3, 5, 50, 600, 4 * 3600, 30 * 3600, 50 * 3600, 5 * 86400, 60 * 86400, 900 * 86400])(
  "numbers of a time axis %d s long read all different, and there are some",
  (length) => {
    const start = new Date(2026, 10, 20, 22, 15, 30).getTime() / 1000;

    for (const [kind, low] of [
      ["wall", start],
      ["relative", 7321],
    ] as const) {
      const { texts } = timeAxis(kind, [low, low + length], 500).labels;
      expect(texts.length).toBeGreaterThanOrEqual(2);
      expect(texts.length).toBeLessThan(13);
      expect(new Set(texts).size).toBe(texts.length);
    }
  },
);

test("a clock shows parts of a second, the date at midnight, and the day where a time comes twice", () => {
  const at = (...time: [day: number, hour: number, minute: number, second: number, ms: number]): number =>
    new Date(2026, 10, ...time).getTime() / 1000;

  expect(
    clockLabels([
      at(20, 9, 5, 0, 0),
      at(20, 9, 5, 7, 0),
      at(20, 9, 6, 0, 200),
      at(21, 0, 0, 0, 0),
      at(21, 0, 0, 0, 500),
    ]),
  ).toEqual(["09:05", "09:05:07", "09:06:00.2", "Nov 21", "00:00:00.5"]);
  expect(clockLabels([at(20, 12, 0, 0, 0), at(21, 0, 0, 0, 0), at(21, 12, 0, 0, 0)])).toEqual([
    "Nov 20 12:00",
    "Nov 21",
    "Nov 21 12:00",
  ]);
  expect(clockLabels([2026, 2027].map((year) => new Date(year, 0, 1).getTime() / 1000))).toEqual([
    "2026-01-01",
    "2027-01-01",
  ]);
});

test("only the numbered part of an axis has numbers, and steps are whole", () => {
  const plot: Plot = { x: [], lines: [], domain: [-0.5, 2.5], range: [0, 1], numbered: { y: [0.25, 0.8] } };
  const frame = frameOf(plot, { width: 400, height: 200, axisWidth: 58, marginRight: 58, ink: "", grid: "" });

  expect(verticalAxis(plot, frame, 52).labels.texts).toEqual(["0.4", "0.6", "0.8"]);
  expect(horizontalAxis(plot, frame, 52).ticks).toEqual([0, 1, 2]);
});

/** A number as it was before it was written. */
function parse(text: string): number {
  const number = Number(text.replaceAll("−", "-").replace(/[%×]/g, ""));
  return text.endsWith("%") ? number / 100 : number;
}

/** What numbers of an axis must have, whatever the axis. */
function check(
  ticks: readonly number[],
  { texts, base }: { texts: readonly string[]; base: string },
  room: number,
): void {
  const values = texts.map(parse);
  expect(texts.length).toBe(ticks.length);
  expect(new Set(texts).size, `${texts.join(" ")} differ`).toBe(texts.length);
  values.forEach((value, index) => {
    if (index) expect(value, `${texts.join(" ")} ascend`).toBeGreaterThan(values[index - 1]!);
    // The number is the tick, or how far it is from the first one, to a tenth of a step at least.
    const step =
      Math.abs(ticks[index ? index - 1 : 1] ?? 0) && Math.abs(ticks[index]! - (ticks[index ? index - 1 : 1] ?? 0));
    const expected = base ? ticks[index]! - ticks[0]! : ticks[index]!;
    expect(Math.abs(value - expected), `${texts[index]} is ${expected}`).toBeLessThanOrEqual(
      0.1 * step + 1e-9 * Math.abs(value),
    );
    expect(textWidth(texts[index]!), `${texts[index]} fits`).toBeLessThanOrEqual(room);
  });
}

const AXIS_WIDTH = 58;
const layout = (height: number) => ({ width: 600, height, axisWidth: AXIS_WIDTH, marginRight: 58, ink: "", grid: "" });
const ROOM = AXIS_WIDTH - 6;

/** 1e-12 to 1e15, as likely small as large. */
const size = fc
  .tuple(fc.double({ min: 1, max: 9.99, noNaN: true }), fc.integer({ min: -12, max: 14 }))
  .map(([factor, power]) => factor * 10 ** power);
const offset = fc.oneof(
  fc.constant(0),
  fc.tuple(size, fc.boolean()).map(([far, isBelow]) => (isBelow ? -far : far)),
);
/** The same axes in every run of the tests. */
const RUNS = { numRuns: 1000, seed: 15 };
const height = fc.integer({ min: 90, max: 400 });
const unit = fc.constantFrom<Unit>("number", "share", "ratio");
/** Limits that floating point numbers can tell apart, as those that are fitted to values are. */
const domain = fc
  .tuple(offset, size)
  .map(([low, span]): Domain => [low, low + span])
  .filter(([low, high]) => high - low > 1e-11 * Math.max(Math.abs(low), Math.abs(high)));

describe("whatever the axis, its numbers differ, ascend, are what they stand for and have room", () => {
  test("of values", () => {
    fc.assert(
      fc.property(domain, height, unit, (range, high, kind) => {
        const plot: Plot = { x: [], lines: [], domain: [0, 1], range, unit: kind };
        const { ticks, labels } = verticalAxis(plot, frameOf(plot, layout(high)), ROOM);
        check(ticks, labels, ROOM);
        expect(labels.texts.length).toBeGreaterThanOrEqual(2);
        expect(ticks[0]!).toBeGreaterThanOrEqual(range[0]);
        expect(ticks[ticks.length - 1]!).toBeLessThanOrEqual(range[1]);
      }),
      RUNS,
    );
  });

  test("of values on a logarithmic scale", () => {
    const ratio = fc.double({ min: 0.01, max: 15, noNaN: true }).map((power) => 10 ** power);
    fc.assert(
      fc.property(size, ratio, height, unit, (low, times, high, kind) => {
        const plot: Plot = { x: [], lines: [], domain: [0, 1], range: [low, low * times], log: true, unit: kind };
        const { ticks, labels } = verticalAxis(plot, frameOf(plot, layout(high)), ROOM);
        check(ticks, labels, ROOM);
        expect(labels.texts.length).toBeGreaterThanOrEqual(2);
      }),
      RUNS,
    );
  });

  test("of intensities, along the chart", () => {
    fc.assert(
      fc.property(domain, (across) => {
        const plot: Plot = { x: [], lines: [], domain: across, range: [0, 1], kind: "number" };
        const { ticks, labels } = horizontalAxis(plot, frameOf(plot, layout(200)), ROOM);
        check(ticks, labels, ROOM);
        expect(labels.texts.length).toBeGreaterThanOrEqual(2);
      }),
      RUNS,
    );
  });

  test("of steps", () => {
    const steps = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }));
    fc.assert(
      fc.property(steps, ([first, count]) => {
        const plot: Plot = { x: [], lines: [], domain: [first - 0.5, first + count - 0.5], range: [0, 1] };
        const { ticks, labels } = horizontalAxis(plot, frameOf(plot, layout(200)), ROOM);
        expect(labels.texts.map(Number)).toEqual(ticks);
        expect(ticks.every(Number.isInteger)).toBe(true);
        expect(ticks.length).toBeGreaterThanOrEqual(Math.min(2, count));
      }),
      RUNS,
    );
  });

  test("of times", () => {
    const start = fc.integer({ min: 1.6e9, max: 1.9e9 });
    fc.assert(
      fc.property(
        fc.constantFrom("wall" as const, "relative" as const),
        start,
        fc.double({ min: -2, max: 8.5, noNaN: true }),
        (kind, low, power) => {
          const from = kind === "wall" ? low : low - 1.6e9;
          const plot: Plot = { x: [], lines: [], domain: [from, from + 10 ** power], range: [0, 1], kind };
          const { ticks, labels } = horizontalAxis(plot, frameOf(plot, layout(200)), ROOM);
          const texts = labels.texts.filter(Boolean);
          expect(new Set(texts).size).toBe(texts.length);
          expect(texts.length).toBeGreaterThanOrEqual(2);
          expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
        },
      ),
      RUNS,
    );
  });
});
