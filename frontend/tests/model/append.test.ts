import { expect, test } from "vitest";
import { appendHistograms, appendScalars, continueCatalog } from "../../src/model/append";
import type { Catalog } from "../../src/model/types";
import { decodeHistograms } from "../../src/server/decode";
import { type EncodedRun, encodeHistograms } from "../support/encode";

const output = (steps: number[], count: number) => ({
  side: "output" as const,
  steps,
  cells: steps.flatMap(() => [0, count, 0, 0, 0, 0, 0]),
  mean: steps.map(() => 0.25),
  quantiles: steps.flatMap(() => [0, 0, 0]),
});
const decode = (run: EncodedRun) => decodeHistograms(encodeHistograms(run))[0]!;

test("epochs that arrive later stand behind the ones that are here, and nothing else changes", () => {
  const whole = decode({ digest: "whole", series: [output([0, 1, 2], 4)] });
  const start = decode({ digest: "start", series: [output([0, 1], 4)] });
  const rest = decode({ digest: "whole", after: 1, series: [output([2], 4)] });

  expect({ ...appendHistograms(start, rest), after: null }).toEqual(whole);
});

test("a history that was rewritten replaces what is here", () => {
  const start = decode({ series: [output([0, 1], 4)] });
  const anew = decode({ after: null, series: [output([0], 9)] });

  expect(appendHistograms(start, anew)).toBe(anew);
});

test("a fixed reference stays when only outputs are new", () => {
  const reference = { ...output([0], 2), side: "reference" as const };
  const start = decode({ series: [output([0], 4), reference] });
  const rest = decode({
    after: 0,
    series: [output([1], 4), { ...reference, steps: [], cells: [], mean: [], quantiles: [] }],
  });

  expect(appendHistograms(start, rest).reference).toEqual(start.reference);
});

const score = (steps: number[]) => ({
  stream: "validation",
  name: "bias",
  channel: "",
  steps,
  wallTimes: steps,
  values: steps.map((step) => step / 2),
});

test("series that end at different epochs are continued without a double", () => {
  const known = { scores: [score([0, 1, 2])], curves: [] };
  const more = { scores: [score([2, 3]), { ...score([3]), name: "drift" }], curves: [] };
  const { scores } = appendScalars(known, more);

  expect(scores.map(({ name, steps }) => [name, steps])).toEqual([
    ["bias", [0, 1, 2, 3]],
    ["drift", [3]],
  ]);
  expect(scores[0]!.values).toEqual([0, 0.5, 1, 1.5]);
});

test("what a catalog says again is the object that is here, and what is new is not", () => {
  const run = (name: string, revision: string) => ({
    name,
    eventDirectory: name,
    revision,
    streams: [],
    curves: [],
    notes: [],
  });
  const catalog = (...revisions: string[]): Catalog => ({
    runs: revisions.map((revision, index) => run(`run ${index}`, revision)),
    eventDirectories: revisions.map((_, index) => `run ${index}`),
    notes: [],
  });
  const known = catalog("a", "b");

  expect(continueCatalog(null, known)).toBe(known);
  expect(continueCatalog(known, catalog("a", "b"))).toBe(known);
  const next = continueCatalog(known, catalog("a", "c", "d"));
  expect(next).toEqual(catalog("a", "c", "d"));
  expect(next.runs.map((one, index) => one === known.runs[index])).toEqual([true, false, false]);
  expect(continueCatalog(known, catalog("a"))).toEqual(catalog("a"));
  expect(continueCatalog(known, { ...known, notes: ["torn"] }).notes).toEqual(["torn"]);
});
