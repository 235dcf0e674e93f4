// @vitest-environment happy-dom
import { beforeAll, expect, test, vi } from "vitest";
import { occupiedWindow, type Distribution } from "../src/histogram";
import { greatestShare, rasterize } from "../src/raster";

const empty: Distribution = {
  low: 0,
  high: 1,
  counts: new Array<number>(20).fill(0),
  underflow: 0,
  overflow: 0,
  nonFinite: 0,
  finite: 0,
  mean: NaN,
  std: NaN,
};

function inBin(bin: number, count = 4): Distribution {
  const counts = new Array<number>(20).fill(0);
  counts[bin] = count;
  return { ...empty, counts, finite: count };
}

beforeAll(() => {
  // happy-dom has canvases but no pixels.
  vi.stubGlobal(
    "ImageData",
    class {
      readonly data: Uint8ClampedArray;
      constructor(
        readonly width: number,
        readonly height: number,
      ) {
        this.data = new Uint8ClampedArray(width * height * 4);
      }
    },
  );
});

test("the window is what distributions occupy and two bins of margin", () => {
  const window = occupiedWindow([inBin(8), inBin(9)]);

  expect(window.low).toBeCloseTo(0.3);
  expect(window.high).toBeCloseTo(0.6);
  expect(window).toMatchObject({ below: false, above: false });
});

test("values out of range open the window to that end", () => {
  const below = { ...inBin(9), underflow: 3 };

  expect(occupiedWindow([below])).toMatchObject({ low: 0, below: true, above: false });
});

test("without values the window is the whole range", () => {
  expect(occupiedWindow([empty])).toMatchObject({ low: 0, high: 1 });
});

test("the highest intensity is on top and the fullest bin has the strongest colour", () => {
  const columns = [inBin(19), inBin(0)];
  const image = rasterize(columns, greatestShare(columns), "light");
  const blue = (x: number, y: number): number[] =>
    Array.from(image.data.slice((y * 2 + x) * 4, (y * 2 + x) * 4 + 4));

  expect([image.width, image.height]).toEqual([2, 22]);
  expect(blue(0, 1)).toEqual(blue(1, 20));
  expect(blue(0, 1)).not.toEqual(blue(0, 2));
  expect(blue(0, 0)).toEqual(blue(0, 2));
});

test("a step without finite values is transparent", () => {
  const image = rasterize([inBin(3), empty], 1, "dark");

  expect(image.data[3]).toBe(255);
  expect(image.data[7]).toBe(0);
});
