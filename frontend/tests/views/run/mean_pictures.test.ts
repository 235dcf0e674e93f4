import { expect, test } from "vitest";
import type { Detail, MeanImages } from "../../../src/model/types";
import { createState, type State, update } from "../../../src/state/state";
import { meanImageTable, meanPictures } from "../../../src/views/run/mean_pictures";

function state(change: Partial<MeanImages>, channels = ["all"]): State {
  const images: MeanImages = {
    height: 1,
    width: 2,
    channels: Math.max(1, channels.length - 1),
    steps: [0, 5],
    output: Float32Array.of(0, 0.5, 0.25, 0.75),
    reference: Float32Array.of(0.5, 0.5),
    referenceSteps: [0],
    ...change,
  };
  const detail = {
    run: { name: "vae" },
    stream: { name: "validation", valueRange: { low: 0, high: 1 }, channels, hasMeanImages: true, unit: "epoch" },
    histograms: { output: { steps: [0, 5, 6] } },
  } as unknown as Detail;
  return createState({ imageData: { run: "vae", stream: "validation", images }, detail });
}

const captions = (of: State): string[] => meanPictures(of)!.pictures.map(({ caption }) => caption);
const pixels = (of: State, picture: number): number[] => [...meanPictures(of)!.pictures[picture]!.pixels];

test("outputs and reference are grey levels of the value range, at the epoch or the one before", () => {
  const latest = state({});

  expect(captions(latest)).toEqual(["outputs, epoch 5", "reference", "difference"]);
  expect(pixels(latest, 0)).toEqual([64, 64, 64, 255, 191, 191, 191, 255]);
  expect(pixels(latest, 1).slice(0, 4)).toEqual([128, 128, 128, 255]);
  update(latest, { chosen: 3 });
  expect(captions(latest)[0]).toBe("outputs, epoch 0");
});

test("a difference is blue below the reference and orange above it, as strong as the greatest", () => {
  expect(pixels(state({}), 2)).toEqual([0, 84, 159, 255, 191, 82, 0, 255]);
  expect(meanPictures(state({}))!.sentence).toContain("up to +0.250");
});

test("an epoch without a finite image has no picture of its outputs, and empty fields", () => {
  const nan = state({ output: Float32Array.of(0, 0, NaN, NaN) });

  expect(captions(nan)).toEqual(["reference"]);
  expect(meanPictures(nan)!.sentence).toContain("At epoch 5 no output is finite throughout");
  expect(meanImageTable(nan)!.rows[0]).toEqual([0, 0, "all", null, 0.5, null]);
});

test("the table has a row a pixel and channel, with the digits that were recorded", () => {
  const color = state({ output: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), reference: null, steps: [0] }, [
    "all",
    "red",
    "green",
    "blue",
  ]);
  const { name, columns, rows } = meanImageTable(color)!;

  expect(name).toBe("vae validation mean images epoch 0");
  expect(columns).toEqual(["row", "column", "channel", "output"]);
  expect(rows[1]).toEqual([0, 0, "green", 0.2]);
  expect(rows[5]).toEqual([0, 1, "blue", 0.6]);
  expect(meanImageTable(state({}))!.rows[0]).toEqual([0, 0, "all", 0.25, 0.5, -0.25]);
});

test("images of another run or stream are not shown", () => {
  const shown = state({});
  const { imageData } = shown;
  update(shown, { imageData: { ...imageData!, stream: "samples" } });
  expect(meanPictures(shown)).toBeNull();
  update(shown, { imageData: { ...imageData!, run: "other" } });
  expect(meanImageTable(shown)).toBeNull();
});

test("there is nothing without images", () => {
  expect(meanPictures(createState())).toBeNull();
  expect(meanImageTable(createState())).toBeNull();
});
