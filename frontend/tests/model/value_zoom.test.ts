import { expect, test } from "vitest";
import { clampValues, formatValues, parseValues, withValues } from "../../src/model/value_zoom";

test.each([
  [
    [0.2, 0.4],
    [0.2, 0.4],
  ],
  [[1e-12, 1], null],
  [
    [-3, 0.5],
    [0, 0.5],
  ],
  [[-3, 3], null],
  [[4, 5], null],
])("a zoom to %j of the values 0 to 1 shows %j", (zoom, shown) => {
  expect(clampValues(zoom as [number, number], [0, 1])).toEqual(shown);
});

test("there is a narrowest zoom", () => {
  const [low, high] = clampValues([0.3, 0.3 + 1e-12], [0, 1])!;
  expect((high - low) / low).toBeCloseTo(1e-4, 9);
});

test.each([
  [[0.123456789, 0.987654321], "loss 0.1235 0.9877"],
  [[0.309121234, 0.309129876], "loss 0.30912123 0.30912988"],
  [[1.23456e-7, 400], "loss 1.235e-7 400"],
])("the zoom %j is %s in a link", (zoom, text) => {
  expect(formatValues(new Map([["loss", zoom as [number, number]]]))).toBe(text);
});

test("each chart has a zoom of its own, and a link holds all of them", () => {
  const both = withValues(withValues(new Map(), "loss", [0.1, 0.4]), "drift", [-1, 2]);

  expect(formatValues(both)).toBe("loss 0.1 0.4\ndrift -1 2");
  expect(parseValues(formatValues(both)!)).toEqual(both);
  expect(formatValues(withValues(withValues(both, "loss", null), "drift", null))).toBeNull();
});
