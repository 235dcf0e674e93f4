import { expect, test } from "vitest";
import { distributionAt, meanSeries, quantileSeries } from "../../src/model/distribution";
import type { Run } from "../../src/model/types";
import { WireError } from "../../src/server/binary";
import {
  decodeHistograms,
  decodeMeanImages,
  decodeOpening,
  decodeScalars,
  toBaselineScores,
  toFindings,
} from "../../src/server/decode";
import { Arrays, encodeHistograms } from "../support/encode";

test("histograms are decoded into counts, means and quantiles by step and row", () => {
  const [pair] = decodeHistograms(
    encodeHistograms({
      digest: "abc",
      series: [
        {
          side: "output",
          steps: [0, 5],
          cells: [1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 8, 0, 0, 0],
          mean: [0.25, NaN],
          quantiles: [0.125, 0.25, 0.5, NaN, NaN, NaN],
        },
      ],
    }),
  );
  const { output, reference, digest } = pair!;
  const first = distributionAt(output, 0, 0);

  expect([reference, digest]).toEqual([null, "abc"]);
  expect(output.steps).toEqual([0, 5]);
  expect(first).toMatchObject({ underflow: 1, overflow: 4, nonFinite: 18, finite: 10, mean: 0.25 });
  expect(Array.from(first.counts)).toEqual([2, 3]);
  expect(distributionAt(output, 1, 0)).toMatchObject({ underflow: 0, overflow: 8, finite: 8 });
  expect(Array.from(meanSeries(output, 0).values)).toEqual([0.25, NaN]);
  expect(Array.from(quantileSeries(output, 2, 0).values)).toEqual([0.5, NaN]);
});

test("rows of a colour image and runs of one answer are told apart", () => {
  const series = {
    side: "output" as const,
    steps: [3],
    cells: [0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    mean: [0.5, 0.75],
    quantiles: [0, 0, 0, 1, 1, 1],
  };
  const pairs = decodeHistograms(
    encodeHistograms(
      { name: "a", channels: ["all", "red"], series: [series] },
      {
        name: "b",
        series: [{ ...series, steps: [7], cells: series.cells.slice(7), mean: [0.75], quantiles: [1, 1, 1] }],
      },
    ),
  );

  expect(pairs.map(({ run }) => run)).toEqual(["a", "b"]);
  expect(Array.from(distributionAt(pairs[0]!.output, 0, 0).counts)).toEqual([1, 1]);
  expect(Array.from(distributionAt(pairs[0]!.output, 0, 1).counts)).toEqual([0, 1]);
  expect(pairs[1]!.output.steps).toEqual([7]);
});

test("an answer without outputs is an error with a sentence", () => {
  expect(() => decodeHistograms(encodeHistograms({ series: [] }))).toThrow(WireError);
});

const curve = {
  eventDirectory: "vae/mean_pixel",
  tag: "logs/loss",
  name: "loss",
  split: "train" as const,
  primary: true,
};
const run: Run = {
  name: "vae",
  eventDirectory: "vae/mean_pixel",
  revision: "1",
  streams: [],
  curves: [curve],
  notes: [],
};

test("scalars that share their steps are decoded; a curve that the catalog lacks waits for the next reload", () => {
  const arrays = new Arrays();
  const place = {
    steps: arrays.add("int32", [0, 1]),
    wall_times: arrays.add("float64", [100, 101]),
    values: arrays.add("float32", [0.5, NaN]),
  };
  const buffer = arrays.answer({
    runs: [
      {
        name: "vae",
        scores: [{ stream: "validation", name: "bias", channel: "", ...place }],
        curves: [
          { event_directory: curve.eventDirectory, tag: curve.tag, ...place },
          { event_directory: "else", tag: "new", ...place },
        ],
      },
    ],
  });
  const found = decodeScalars(buffer, [run]).get("vae")!;

  expect(Array.from(found.scores[0]!.steps)).toEqual([0, 1]);
  expect(Array.from(found.scores[0]!.values)).toEqual([0.5, NaN]);
  expect(found.scores[0]).toMatchObject({ stream: "validation", name: "bias", channel: "" });
  expect(found.curves.map((series) => series.curve)).toEqual([curve]);
});

test("an opening without a run is a catalog alone", () => {
  const catalog = { version: 1, runs: [], event_directories: ["logs"], notes: ["a note"] };
  const opening = decodeOpening(new Arrays().answer({ catalog, overview: { runs: [] }, shown: null }));

  expect(opening).toEqual({
    catalog: { runs: [], eventDirectories: ["logs"], notes: ["a note"] },
    overview: new Map(),
    detail: null,
    findings: new Map(),
  });
});

test("mean images know their size and their epochs", () => {
  const arrays = new Arrays();
  const output = arrays.add("float32", [0, 0.25, 0.5, 0.75], [1, 2, 2, 1]);
  const images = decodeMeanImages(arrays.answer({ steps: [4], output, reference: null, reference_steps: [] }));

  expect(images).toMatchObject({ height: 2, width: 2, channels: 1, steps: [4], reference: null });
  expect(Array.from(images.output)).toEqual([0, 0.25, 0.5, 0.75]);
});

test("findings and scores against a baseline take the page's names", () => {
  const finding = {
    id: "collapse",
    stream: "validation",
    severity: "error" as const,
    sentence: "Colour cast: red -0.050, 21 % clipped.",
  };
  const scores = [{ name: "bias", channel: "", steps: [1], wall_times: [2], values: [null] }];

  expect(
    toFindings({ runs: [{ name: "vae", findings: [{ ...finding, first_step: 3, last_step: 9 }] }] }).get("vae"),
  ).toEqual([{ ...finding, firstStep: 3, lastStep: 9, state: "found", episodes: [[3, 9]], lookAt: "" }]);
  expect(toBaselineScores({ runs: [{ comparable: true, notes: [], scores }] }, "validation")?.scores).toEqual([
    { stream: "validation", name: "bias", channel: "", steps: [1], wallTimes: [2], values: [NaN] },
  ]);
});
