import { afterEach, expect, test, vi } from "vitest";
import { fetchTrainings } from "../src/api";
import { distributionAt, meanLine, quantileLine } from "../src/histogram";
import { decodeHistograms, WireError } from "../src/wire";
import { encodeHistograms } from "./encode";

afterEach(() => vi.unstubAllGlobals());

test("a binary answer is decoded into counts, means and quantiles by step and row", () => {
  const { output, reference } = decodeHistograms(
    encodeHistograms(["all"], [
      {
        side: "output",
        steps: [0, 5],
        cells: [1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 8, 0, 0, 0],
        mean: [0.25, NaN],
        quantiles: [0.125, 0.25, 0.5, NaN, NaN, NaN],
      },
    ]),
  );
  const first = distributionAt(output, 0, 0);

  expect(reference).toBeNull();
  expect(output.steps).toEqual([0, 5]);
  expect(first).toMatchObject({ underflow: 1, overflow: 4, nonFinite: 18, finite: 10, mean: 0.25 });
  expect(Array.from(first.counts)).toEqual([2, 3]);
  expect(distributionAt(output, 1, 0)).toMatchObject({ underflow: 0, overflow: 8, finite: 8 });
  expect(meanLine(output, 0)).toEqual([0.25, null]);
  expect(quantileLine(output, 2, 0)).toEqual([0.5, null]);
});

test("rows of a colour image are told apart", () => {
  const { output } = decodeHistograms(
    encodeHistograms(["all", "red"], [
      {
        side: "output",
        steps: [3],
        cells: [0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        mean: [0.5, 0.75],
        quantiles: [0, 0, 0, 1, 1, 1],
      },
    ]),
  );

  expect(Array.from(distributionAt(output, 0, 0).counts)).toEqual([1, 1]);
  expect(Array.from(distributionAt(output, 0, 1).counts)).toEqual([0, 1]);
  expect(meanLine(output, 1)).toEqual([0.75]);
});

test("an answer without outputs is an error with a sentence", () => {
  expect(() => decodeHistograms(encodeHistograms(["all"], []))).toThrow(WireError);
});

test("the server's own sentence is passed on, with the route that failed", async () => {
  vi.stubGlobal("fetch", async () => new Response("Not found: no such run", { status: 404 }));

  await expect(fetchTrainings()).rejects.toThrow("Not found: no such run (404 from trainings)");
});

test("a server that cannot be reached is said to be so", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });

  await expect(fetchTrainings()).rejects.toThrow("TensorBoard cannot be reached");
});
