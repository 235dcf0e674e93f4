import { expect, test } from "vitest";
import {
  formatCorrelation,
  formatCount,
  formatDuration,
  formatIntensity,
  formatNumber,
  formatPercent,
  formatShare,
  formatSigned,
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
  [0, "0%"],
  [0.00001, "< 0.1%"],
  [0.0123, "1.2%"],
  [0.21, "21%"],
  [0.9999, "> 99.9%"],
  [1, "100%"],
  [null, "–"],
])("share %d reads %s: a little is never nothing", (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test.each([
  [0.814, "81%"],
  [2, "200%"],
  [254.87, "254.9×"],
])("ratio %d reads %s", (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

test.each([
  [0.30912, "0.3091"],
  [1234567, "1.23e+6"],
  [-0.5, "−0.5"],
  [0, "0"],
  [-0.0000123, "−1.23e−5"],
  [99999, "100000"],
])("number %d reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
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

test("a correlation has two digits, and counts are grouped", () => {
  expect([-0.934, 0.001, null].map(formatCorrelation)).toEqual(["−0.93", "0.00", "–"]);
  expect([formatCount(1, "image"), formatCount(200704, "pixel")]).toEqual(["1 image", "200,704 pixels"]);
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
  [{}, "Outputs are as bright as the reference, with 72% of the reference's pixel spread."],
  [
    { bias: -0.08 },
    "Outputs are 0.080 darker than the reference, a third of its spread, with 72% of the reference's pixel spread.",
  ],
  [{ bias: 0.08, pixelSpreadRatio: null }, "Outputs are 0.080 brighter than the reference, a third of its spread."],
  [
    { outside: 0.21 },
    "Outputs are as bright as the reference, with 72% of the reference's pixel spread. 21% of their pixels lie outside the value range.",
  ],
  [{ bias: null, pixelSpreadRatio: 0.93 }, "Outputs have 93% of the reference's pixel spread."],
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
