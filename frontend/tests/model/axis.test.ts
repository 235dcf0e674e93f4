import { expect, test } from "vitest";
import { clampZoom, stepAxis, formatDuration } from "../../src/model/axis";
import { formatClock, linearTicks, logTicks, timeTicks } from "../../src/drawing/ticks";

test("on the axis of time an epoch lies where it was written, and back", () => {
  const axis = stepAxis("relative", [0, 1, 3], [100, 110, 150]);

  expect([0, 1, 2, 3, 4].map(axis.toX)).toEqual([0, 10, 30, 50, 50 + 50 / 3]);
  expect([0, 10, 30, 50].map(axis.toStep)).toEqual([0, 1, 2, 3]);
  expect(stepAxis("wall", [0, 1, 3], [100, 110, 150]).toX(1)).toBe(110);
});

test("one epoch has no time to lie along", () => {
  expect(stepAxis("relative", [7], [100]).kind).toBe("step");
});

test("an epoch that was written anew does not turn time around", () => {
  expect(stepAxis("wall", [0, 1, 2], [100, 90, 110]).toX(1)).toBe(100);
});

test.each([
  [[5, 9], [5, 9]],
  [[9, 5], [5, 9]],
  [[-4, 9], [-0.5, 9]],
  [[5, 5.2], [4.6, 5.6]],
  [[-3, 40], null],
])("dragging over %j of 20 epochs shows %j", (drag, shown) => {
  const zoom = clampZoom(drag as [number, number], [-0.5, 19.5]);
  expect(zoom && zoom.map((step) => Number(step.toFixed(6)))).toEqual(shown);
});

test.each([
  [0.5, "0.5 s"],
  [45, "45 s"],
  [90, "1 min 30 s"],
  [4800, "1 h 20 min"],
  [90000, "1 d 1 h"],
  [0, "0 s"],
  [12.25, "12.25 s"],
  [86430, "1 d 30 s"],
  [12030, "3:20:30"],
  [3605.5, "1 h 5.5 s"],
  [97200 + 1205.5, "1 d 3:20:05.5"],
  [-45, "−45 s"],
])("%d seconds read %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("ticks are round, inside the axis and free of rounding errors", () => {
  expect(linearTicks([0, 1], 500, 100)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(linearTicks([-0.5, 4.5], 1000, 50, 1)).toEqual([0, 1, 2, 3, 4]);
  expect(linearTicks([0.28, 0.32], 300, 70)).toEqual([0.28, 0.29, 0.3, 0.31, 0.32]);
  expect(logTicks([0.1, 20], 200, 30)).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10, 20]);
  expect(logTicks([1e-6, 1], 200, 30)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1].map((tick) => expect.closeTo(tick, 9)));
  expect(logTicks([0.31, 0.33], 120, 30)).toEqual([0.31, 0.315, 0.32, 0.325, 0.33]);
  expect(timeTicks([0, 3600], 600, 70)).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600]);
});

test.each([0.01, 0.3, 5, 50, 600, 4 * 3600, 30 * 3600, 5 * 86400, 60 * 86400])("ticks of a time axis %d s long read all different, and there are some", (length) => {
  const start = new Date(2026, 10, 20, 22, 15, 30).getTime() / 1000;
  const offset = -60 * new Date(start * 1000).getTimezoneOffset();

  for (const [domain, format, zone] of [[[start, start + length], formatClock, offset], [[7321, 7321 + length], formatDuration, 0]] as const) {
    const texts = timeTicks(domain, 500, 70, zone).map(format);
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.length).toBeLessThan(9);
    expect(new Set(texts).size).toBe(texts.length);
  }
});

test("a clock tells parts of a second, and the date at midnight", () => {
  const at = (...time: [number, number, number, number]): number => new Date(2026, 10, 20, ...time).getTime() / 1000;

  expect([at(9, 5, 0, 0), at(9, 5, 7, 0), at(9, 5, 0, 200), at(0, 0, 0, 0), at(0, 0, 0, 500)].map(formatClock)).toEqual(["09:05", "09:05:07", "09:05:00.2", "2026-11-20", "00:00:00.5"]);
});
