import * as library from "d3-scale-chromatic";
import { expect, test } from "vitest";
import { countColors, differenceColor } from "../../src/drawing/colors";

const luminance = (table: Uint8ClampedArray, index: number): number =>
  0.2126 * table[index * 3]! + 0.7152 * table[index * 3 + 1]! + 0.0722 * table[index * 3 + 2]!;

test.each([
  ["cividis", library.interpolateCividis],
  ["viridis", library.interpolateViridis],
  ["magma", library.interpolateMagma],
] as const)("%s is what d3-scale-chromatic gives, within a few levels", (name, interpolate) => {
  const table = countColors(name, "dark");
  for (let step = 0; step < 256; step++) {
    const color = interpolate(step / 255);
    const numbers = color.startsWith("#")
      ? [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
      : color.match(/\d+/g)!.map(Number);
    numbers.forEach((value, channel) => expect(Math.abs(value - table[step * 3 + channel]!)).toBeLessThanOrEqual(8));
  }
});

test.each(["blue", "cividis", "viridis", "magma"] as const)("more of %s is always further from the ground", (name) => {
  for (const [theme, direction] of [
    ["light", -1],
    ["dark", 1],
  ] as const) {
    const table = countColors(name, theme);
    const steps = Array.from(
      { length: 16 },
      (_, i) => direction * (luminance(table, (i + 1) * 15) - luminance(table, i * 15)),
    );
    expect(Math.min(...steps)).toBeGreaterThan(0);
  }
});

test("no difference has no colour, and both directions are told apart", () => {
  expect(differenceColor(0, "light")).toEqual([247, 247, 247]);
  expect(differenceColor(-2, "light")).toEqual(differenceColor(-1, "light"));
  expect(differenceColor(1, "dark")).not.toEqual(differenceColor(-1, "dark"));
});
