import { expect, test } from "vitest";
import { WireError } from "../../src/server/binary";
import { distributionAt, meanSeries, quantileSeries } from "../../src/model/distribution";
import type { Training } from "../../src/model/types";
import { decodeHistograms, decodeMeanImages, decodeOpening, decodeScalars, toBaselineScores, toFindings } from "../../src/server/decode";
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

test("rows of a colour image and trainings of one answer are told apart", () => {
  const series = {
    side: "output" as const,
    steps: [3],
    cells: [0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    mean: [0.5, 0.75],
    quantiles: [0, 0, 0, 1, 1, 1],
  };
  const pairs = decodeHistograms(
    encodeHistograms(
      { training: "a", channels: ["all", "red"], series: [series] },
      { training: "b", series: [{ ...series, steps: [7], cells: series.cells.slice(7), mean: [0.75], quantiles: [1, 1, 1] }] },
    ),
  );

  expect(pairs.map(({ training }) => training)).toEqual(["a", "b"]);
  expect(Array.from(distributionAt(pairs[0]!.output, 0, 0).counts)).toEqual([1, 1]);
  expect(Array.from(distributionAt(pairs[0]!.output, 0, 1).counts)).toEqual([0, 1]);
  expect(pairs[1]!.output.steps).toEqual([7]);
});

test("an answer without outputs is an error with a sentence", () => {
  expect(() => decodeHistograms(encodeHistograms({ series: [] }))).toThrow(WireError);
});

const curve = { run: "vae/mean_pixel", tag: "logs/loss", name: "loss", split: "train" as const, primary: true };
const training: Training = { name: "vae", run: "vae/mean_pixel", revision: "1", streams: [], curves: [curve], notes: [] };

test("scalars that share their steps are decoded; an unlisted curve waits for the next reload", () => {
  const arrays = new Arrays();
  const place = {
    steps: arrays.add("int32", [0, 1]),
    wall_times: arrays.add("float64", [100, 101]),
    values: arrays.add("float32", [0.5, NaN]),
  };
  const buffer = arrays.answer({
    trainings: [
      {
        name: "vae",
        scores: [{ stream: "validation", statistic: "bias", channel: "", ...place }],
        curves: [{ run: curve.run, tag: curve.tag, ...place }, { run: "else", tag: "new", ...place }],
      },
    ],
  });
  const found = decodeScalars(buffer, [training]).get("vae")!;

  expect(Array.from(found.scores[0]!.steps)).toEqual([0, 1]);
  expect(Array.from(found.scores[0]!.values)).toEqual([0.5, NaN]);
  expect(found.scores[0]).toMatchObject({ stream: "validation", statistic: "bias", channel: "" });
  expect(found.curves.map((series) => series.curve)).toEqual([curve]);
});

test("an opening without a training is a listing alone", () => {
  const listing = { version: 1, trainings: [], notes: ["a note"] };
  const opening = decodeOpening(new Arrays().answer({ listing, overview: { trainings: [] }, shown: null }));

  expect(opening).toEqual({ listing: { trainings: [], notes: ["a note"] }, overview: new Map(), detail: null, findings: new Map() });
});

test("mean images know their size and their epochs", () => {
  const arrays = new Arrays();
  const output = arrays.add("float32", [0, 0.25, 0.5, 0.75], [1, 2, 2, 1]);
  const images = decodeMeanImages(arrays.answer({ epochs: [4], output, reference: null, reference_epochs: [] }));

  expect(images).toMatchObject({ height: 2, width: 2, channels: 1, epochs: [4], reference: null });
  expect(Array.from(images.output)).toEqual([0, 0.25, 0.5, 0.75]);
});

test("findings and scores against a baseline take the page's names", () => {
  const finding = { id: "collapse", stream: "validation", severity: "error" as const, sentence: "Colour cast: red -0.050, 21 % clipped." };
  const scores = [{ statistic: "bias", channel: "", steps: [1], wall_times: [2], values: [null] }];

  expect(
    toFindings({ trainings: [{ name: "vae", findings: [{ ...finding, first_epoch: 3, last_epoch: 9 }] }] }).get("vae"),
  ).toEqual([{ ...finding, sentence: "Colour cast: red −0.050, 21\u00a0% clipped.", firstEpoch: 3, lastEpoch: 9 }]);
  expect(toBaselineScores({ trainings: [{ comparable: true, notes: [], scores }] }, "validation")?.scores).toEqual([
    { stream: "validation", statistic: "bias", channel: "", steps: [1], wallTimes: [2], values: [NaN] },
  ]);
});
