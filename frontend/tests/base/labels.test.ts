import { expect, test } from "vitest";
import { axisLabels, textWidth, type Unit } from "../../src/base/labels";

const ROOM = 52;
const texts = (ticks: number[], unit: Unit = "number"): readonly string[] => axisLabels(ticks, unit, ROOM).texts;

test.each([
  [[0, 0.2, 0.4], "0 0.2 0.4"],
  [[-0.5, 0, 0.5], "−0.5 0 0.5"],
  [[222800, 223000, 223200], "222800 223000 223200"],
  [[0, 500_000, 1_000_000, 1_500_000], "0 500000 1000000 1500000"],
  [[1e14, 2e14, 3e14], "1e14 2e14 3e14"],
  [[0, 5e7, 1e8], "0 5e7 1e8"],
  [[0, 2e-5, 4e-5], "0 2e−5 4e−5"],
  [[1e-6, 1e-4, 0.01, 1, 100, 10_000], "1e−6 1e−4 0.01 1 100 1e4"],
  [[0.001, 0.01, 0.1, 1, 10], "0.001 0.01 0.1 1 10"],
  [[0], "0"],
  [[0.25], "0.25"],
])("the numbers %j of an axis read %s", (ticks, expected) => {
  expect(texts(ticks).join(" ")).toBe(expected);
});

test("a loss that hardly falls has numbers that differ", () => {
  expect(texts([222_500, 223_000, 223_500, 224_000])).toEqual(["222500", "223000", "223500", "224000"]);
});

test("numbers too long for the axis are written as what is added to the first", () => {
  expect(axisLabels([0.2345671, 0.2345672, 0.2345673], "number", ROOM)).toEqual({
    texts: ["0", "1e−7", "2e−7"],
    base: "0.2345671 +",
  });
  expect(axisLabels([1e6 + 0.5, 1e6 + 1, 1e6 + 1.5], "number", ROOM)).toEqual({
    texts: ["0", "0.5", "1"],
    base: "1000000.5 +",
  });
  expect(axisLabels([0.999999998, 0.999999999, 1], "share", ROOM)).toEqual({
    texts: ["0%", "1e−7%", "2e−7%"],
    base: "99.9999998% +",
  });
});

test("shares are percentages, ratios too until they are multiples, and steps are whole", () => {
  expect(texts([0, 0.07, 0.14], "share")).toEqual(["0%", "7%", "14%"]);
  expect(texts([0.812, 0.814, 0.816], "ratio")).toEqual(["81.2%", "81.4%", "81.6%"]);
  expect(texts([0, 0.5, 1], "ratio")).toEqual(["0%", "50%", "100%"]);
  expect(texts([0, 5, 10, 15], "ratio")).toEqual(["0×", "5×", "10×", "15×"]);
  expect(texts([0, 1_000_000], "step")).toEqual(["0", "1000000"]);
});

test("a text is about as wide as its characters", () => {
  expect(textWidth("1.1")).toBeLessThan(textWidth("111"));
  expect(textWidth("")).toBe(0);
});
