// @vitest-environment happy-dom
import { beforeAll, expect, test, vi } from "vitest";
import { cellAt, logFloor, outlinePoints } from "../../src/drawing/outline";
import { greatestShare, rasterize, type Shading, strength } from "../../src/drawing/raster";
import { type Distribution, occupied, occupiedWindow } from "../../src/model/distribution";

const empty: Distribution = {
  low: 0,
  high: 1,
  counts: new Array<number>(20).fill(0),
  underflow: 0,
  overflow: 0,
  nonFinite: 0,
  finite: 0,
  ...occupied(new Array<number>(20).fill(0)),
  mean: NaN,
  std: NaN,
  quantiles: null,
  isExact: true,
};

function inBin(bin: number, count = 4): Distribution {
  const counts = new Array<number>(20).fill(0);
  counts[bin] = count;
  return { ...empty, counts, finite: count, ...occupied(counts) };
}

const shading: Shading = { theme: "light", map: "auto", scale: "root", full: 1 };

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
  const image = rasterize(columns, { ...shading, full: greatestShare(columns) });
  const blue = (x: number, y: number): number[] => Array.from(image.data.slice((y * 2 + x) * 4, (y * 2 + x) * 4 + 4));

  expect([image.width, image.height]).toEqual([2, 22]);
  expect(blue(0, 1)).toEqual(blue(1, 20));
  expect(blue(0, 1)).not.toEqual(blue(0, 2));
  expect(blue(0, 0)).toEqual(blue(0, 2));
});

test("a step without finite values is transparent", () => {
  const image = rasterize([inBin(3), empty], shading);

  expect(image.data[3]).toBe(255);
  expect(image.data[7]).toBe(0);
});

test.each([
  ["linear", 0.25],
  ["root", 0.5],
  ["log", 1 - Math.log(4) / Math.log(1e4)],
] as const)("on a %s scale a quarter of the most is drawn %d strong", (scale, expected) => {
  expect(strength(0.25, { scale, full: 1 })).toBeCloseTo(expected);
  expect([strength(0, { scale, full: 1 }), strength(1, { scale, full: 1 })]).toEqual([0, 1]);
});

test("neighbouring bins of one height are one step of an outline", () => {
  const distribution = { ...inBin(9), low: 0, high: 5, counts: [2, 2, 0, 0, 4], finite: 8 };
  const points = outlinePoints({ name: "", distribution, color: "" }, { low: 0, high: 5, below: false, above: false });

  expect(points).toEqual([
    [0, 0.25],
    [2, 0.25],
    [2, 0],
    [4, 0],
    [4, 0.5],
    [5, 0.5],
  ]);
});

test("a spike stays a spike: its bin alone holds all, as wide as it was stored", () => {
  const distribution = inBin(9);
  const points = outlinePoints({ name: "", distribution, color: "" }, { low: 0, high: 1, below: false, above: false });
  const tops = points.filter(([, share]) => share === 1);

  expect(tops.map(([x]) => x)).toEqual([expect.closeTo(0.45), expect.closeTo(0.5)]);
  expect(points.filter(([, share]) => share > 0)).toHaveLength(2);
});

test.each([
  [24, 0.01],
  [1000, 1e-4],
  [200_704, 1e-6],
])("of %d values a single one is above where a logarithmic axis begins, %d", (finite, floor) => {
  const outline = { name: "", distribution: { ...inBin(9), finite }, color: "" };

  expect(logFloor([outline])).toBeCloseTo(floor, 12);
  expect(1 / finite).toBeGreaterThan(floor);
});

test("the cell under the pointer has its own limits and exact count, out of range too", () => {
  const distribution = { ...inBin(9), underflow: 3 };

  expect(cellAt(distribution, 0.47)).toMatchObject({ low: expect.closeTo(0.45), high: expect.closeTo(0.5), count: 4 });
  expect(cellAt(distribution, 1).count).toBe(0);
  expect(cellAt(distribution, -1)).toMatchObject({ high: 0, count: 3 });
});
