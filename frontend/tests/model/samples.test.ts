import { expect, it } from "vitest";
import {
  followedIndices,
  joinSamples,
  pairsOf,
  type SampleImage,
  type SampleSheet,
  type Samples,
  sheetAt,
  spread,
} from "../../src/model/samples";

const pixels = {} as ImageData;

function output(index: number, error: number | null, isWorst = false): SampleImage {
  return { side: "output", index, error, isWorst, pixels };
}

function reference(index: number, isWorst = false): SampleImage {
  return { side: "reference", index, error: null, isWorst, pixels };
}

function sheet(step: number, images: readonly SampleImage[], referenceHash = "a"): SampleSheet {
  return { step, referenceHash, images };
}

function samples(sheets: readonly SampleSheet[], references: readonly SampleSheet[] = []): Samples {
  return {
    recordedSteps: sheets.map(({ step }) => step),
    sheets: new Map(sheets.map((one) => [one.step, one])),
    references: new Map(references.map((one) => [one.referenceHash, one])),
  };
}

const fixed = sheet(0, [reference(1), reference(2), reference(3)]);
const step4 = sheet(4, [output(1, 0.1), output(2, 0.3), output(3, 0.2), output(9, null, true), reference(9, true)]);
const all = samples([step4], [fixed]);

it("lists the greatest error first, and what is not finite before it", () => {
  expect(pairsOf(step4, all).map((pair) => pair.output.index)).toEqual([9, 2, 3, 1]);
  expect(pairsOf(step4, all).map((pair) => pair.reference?.index)).toEqual([9, 2, 3, 1]);
});

it("follows those that are the same at each step", () => {
  expect(followedIndices(step4, all, 2)).toEqual([2, 3]);
});

it("gives no output a reference of another hash", () => {
  const other = sheet(5, [output(1, 0.1)], "b");
  expect(pairsOf(other, samples([other], [fixed]))).toMatchObject([{ reference: null, input: null }]);
});

it("keeps unpaired outputs in their order", () => {
  const gan = sheet(1, [output(7, null), output(3, null)]);
  expect(pairsOf(gan, samples([gan])).map((pair) => pair.output.index)).toEqual([3, 7]);
});

it("finds the nearest sheet", () => {
  const several = samples([sheet(0, []), sheet(10, [])]);
  expect([-5, 4, 6, 99].map((step) => sheetAt(several, step)?.step)).toEqual([0, 0, 10, 10]);
  expect(sheetAt(samples([]), 3)).toBeNull();
});

it("forgets steps that the server has dropped when it joins", () => {
  const more: Samples = { ...samples([sheet(7, [])]), recordedSteps: [4, 7] };
  const joined = joinSamples(samples([sheet(1, []), step4]), more);
  expect([...joined.sheets.keys()]).toEqual([4, 7]);
});

it("spreads columns evenly, with both ends", () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  expect(spread([5, 6], 12)).toEqual([5, 6]);
});
