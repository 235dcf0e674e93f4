import { expect, test } from "vitest";
import {
  formatIntensity,
  formatNumber,
  formatPercent,
  formatPercentTick,
  formatShare,
  formatSigned,
  formatTick,
  typeset,
} from "../../src/base/format";
import { fraction, plainReading } from "../../src/model/sentence";

test.each([
  [0.12345, 1, "0.123"],
  [0.12345, 2, "0.123"],
  [12.345, 255, "12.3"],
  [101.678, 1, "101.7"],
  [-0.0001, 1, "0.000"],
  [-0.25, 1, "−0.250"],
  [NaN, 1, "–"],
  [null, 1, "–"],
])("intensity %d in a range of %d reads %s", (value, span, text) => {
  expect(formatIntensity(value, span)).toBe(text);
});

test.each([
  [0.25, "+0.250"],
  [-0.25, "−0.250"],
  [0.0001, "0.000"],
  [0, "0.000"],
])("difference %d reads %s", (value, text) => {
  expect(formatSigned(value, 1)).toBe(text);
});

test.each([
  [0, "0\u00a0%"],
  [0.00001, "< 0.1\u00a0%"],
  [0.0123, "1.2\u00a0%"],
  [0.21, "21\u00a0%"],
  [0.9999, "> 99.9\u00a0%"],
  [1, "100\u00a0%"],
  [null, "–"],
])("share %d reads %s: a little is never nothing", (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test.each([
  [0.814, "81\u00a0%"],
  [2, "200\u00a0%"],
  [254.87, "254.9\u00a0×"],
])("ratio %d reads %s", (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

test.each([
  [0.30912, "0.3091"],
  [1234567, "1.23e+6"],
  [-0.5, "−0.5"],
  [0, "0"],
])("number %d reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [0.3, 0.1, "0.3"],
  [0.309125, 0.000005, "0.309125"],
  [-1234.55, 0.05, "−1234.55"],
  [0.1666666715, 1e-12, "0.166667"],
  [0, 0.1, "0"],
])("the number %d of an axis in steps of %d reads %s", (value, step, text) => {
  expect(formatTick(value, step)).toBe(text);
});

test("neighbours on an axis of shares do not read the same", () => {
  expect([0.812, 0.814, 0.816].map((value) => formatPercentTick(value, 0.002))).toEqual(["81.2\u00a0%", "81.4\u00a0%", "81.6\u00a0%"]);
  expect([0.5, 1, 10].map((value) => formatPercentTick(value, 0.5))).toEqual(["50\u00a0%", "100\u00a0%", "10\u00a0×"]);
});

test.each([
  ["channels are off by red -0.050, green +0.002", "channels are off by red −0.050, green +0.002"],
  ["(correlation -0.93)", "(correlation −0.93)"],
  ["from 2e-05 to -1 %", "from 2e−05 to −1\u00a0%"],
  ["run vae-3 of 2025-11-03, cross-entropy", "run vae-3 of 2025-11-03, cross-entropy"],
])("%s is printed %s", (plain, printed) => {
  expect(typeset(plain)).toBe(printed);
});

const healthy = {
  bias: 0.001,
  referenceStd: 0.24,
  pixelSpreadRatio: 0.72,
  outside: 0,
  nonFinite: 0,
  baseline: "the reference",
  span: 1,
};

test.each([
  [{}, "Outputs are as bright as the reference, with 72\u00a0% of the reference's variety."],
  [{ bias: -0.08 }, "Outputs are 0.080 darker than the reference, a third of its spread, with 72\u00a0% of the reference's variety."],
  [{ bias: 0.08, pixelSpreadRatio: null }, "Outputs are 0.080 brighter than the reference, a third of its spread."],
  [
    { outside: 0.21 },
    "Outputs are as bright as the reference, with 72\u00a0% of the reference's variety. 21\u00a0% of their pixels lie outside the value range.",
  ],
  [{ bias: null, pixelSpreadRatio: 0.93 }, "Outputs have 93\u00a0% of the reference's variety."],
  [{ nonFinite: 1, bias: null }, "No output pixel is a finite number."],
])("%j is read as: %s", (change, sentence) => {
  expect(plainReading({ ...healthy, ...change })).toBe(sentence);
});

test.each([
  [0.01, ""],
  [0.33, "a third of"],
  [0.5, "half of"],
  [1, "as much as"],
  [3.14, "3.1 times"],
])("a ratio of %d is said: %s", (ratio, words) => {
  expect(fraction(ratio)).toBe(words);
});
