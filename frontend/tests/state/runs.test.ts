import { expect, test } from "vitest";
import { leastIndex } from "../../src/model/series";
import type { Run } from "../../src/model/types";
import { comparedRuns, comparedSeries, comparedSteps, isComparable } from "../../src/state/comparison";
import { summarize, visibleRuns } from "../../src/state/runs";
import { createState, type State, update } from "../../src/state/state";

function run(name: string, referenceHash = "same"): Run {
  const stream = {
    name: "validation",
    paired: true,
    valueRange: { low: 0, high: 1, source: "data" as const },
    channels: ["all"],
    height: 8,
    width: 8,
    bins: 64,
    referenceCount: 4,
    referenceHash,
    unit: "epoch" as const,
    steps: { first: 0, last: 1, loaded: 2, recorded: 2 },
    loss: { eventDirectory: `${name}/train`, tag: "epoch_loss" },
    samples: 0,
    hasMeanImages: false,
  };
  return { name, eventDirectory: `${name}/mean_pixel`, revision: "1", streams: [stream], curves: [], notes: [] };
}

function state(drifts: Record<string, number>, change: Partial<State> = {}): State {
  const score = (value: number) => ({
    stream: "validation",
    channel: "",
    steps: [0, 1],
    wallTimes: [0, 1],
    values: [1, value],
  });
  return createState({
    catalog: { runs: Object.keys(drifts).map((name) => run(name)), eventDirectories: [], notes: [] },
    overview: new Map(
      Object.entries(drifts).map(([name, drift]) => [
        name,
        { scores: [{ ...score(drift), name: "drift" }], curves: [] },
      ]),
    ),
    ...change,
  });
}

const names = (all: readonly Run[]): string[] => all.map(({ name }) => name);

test("rows are sorted by a number, and what has none comes last in either direction", () => {
  const drifts = { a: 0.5, b: NaN, c: 0.25 };

  expect(names(visibleRuns(state(drifts, { sort: { key: "drift", descending: false } })))).toEqual(["c", "a", "b"]);
  expect(names(visibleRuns(state(drifts, { sort: { key: "drift", descending: true } })))).toEqual(["a", "c", "b"]);
});

test("the loss of a run is the curve that the server calls so, not the first or that of another split", () => {
  const curve = (eventDirectory: string, split: "train" | "validation", value: number) => ({
    curve: { eventDirectory, tag: "epoch_loss", name: "loss", split, primary: true },
    steps: [0, 1],
    wallTimes: [0, 1],
    values: [1, value],
  });
  const curves = [curve("a/validation", "validation", 0.5), curve("a/train", "train", 0.25)];
  const shown = state({}, { overview: new Map([["a", { scores: [], curves }]]) });

  expect(summarize(run("a"), shown).loss).toBe(0.25);
  expect(summarize(run("b"), shown).loss).toBeNull();
});

test("runs are compared in every epoch once that is here, and in few points until then", () => {
  const drift = (...values: number[]) => ({
    scores: [
      { stream: "validation", name: "drift", channel: "", steps: values.map((_, i) => i), wallTimes: [], values },
    ],
    curves: [],
  });
  const all = state({ a: 0.5, b: 0.25 });
  const compared = () => comparedSeries(all).map(([{ name }, series]) => [name, series.drift?.values]);

  expect([compared(), comparedSteps(all)]).toEqual([
    [
      ["a", [1, 0.5]],
      ["b", [1, 0.25]],
    ],
    [0, 1],
  ]);
  update(all, { curves: new Map([["a", drift(1, 0.75, 0.5)]]) });
  expect([compared(), comparedSteps(all)]).toEqual([
    [
      ["a", [1, 0.75, 0.5]],
      ["b", [1, 0.25]],
    ],
    [0, 1, 2],
  ]);
});

test("names are sorted as people count", () => {
  const sorted = visibleRuns(state({ run_10: 1, run_9: 1 }, { sort: { key: "name", descending: false } }));

  expect(names(sorted)).toEqual(["run_9", "run_10"]);
});

test.each([
  ["^vae", ["vae-1"]],
  ["AE", ["vae-1", "ae-2"]],
  ["e-[", []],
  ["", ["vae-1", "ae-2"]],
])("the filter %j leaves %j", (filter, left) => {
  expect(names(visibleRuns(state({ "vae-1": 1, "ae-2": 1 }, { filter })))).toEqual(left);
});

test("hidden ones are gone and kept ones on top", () => {
  const shown = visibleRuns(state({ a: 1, b: 1, c: 1 }, { hidden: new Set(["a"]), kept: new Set(["c"]) }));

  expect(names(shown)).toEqual(["c", "b"]);
});

test("ticked runs are compared; without a tick all that are visible", () => {
  expect(names(comparedRuns(state({ a: 1, b: 1 }, { selected: new Set(["b"]) })))).toEqual(["b"]);
  expect(names(comparedRuns(state({ a: 1, b: 1 })))).toEqual(["a", "b"]);
  expect(comparedSteps(state({ a: 1, b: 1 }))).toEqual([0, 1]);
});

test("other reference images make a run not comparable", () => {
  const all = [run("a"), run("b", "other"), run("c")];

  expect(all.map((one) => isComparable(one, all))).toEqual([true, false, true]);
});

test("a summary holds the last values, and the best one is the least finite", () => {
  const shown = state({ a: 0.5 });
  const { drift, lastDrift, loss, spread } = summarize(shown.catalog!.runs[0]!, shown);

  expect([lastDrift, loss, spread]).toEqual([0.5, null, null]);
  expect(drift!.steps[leastIndex(drift!.values)]).toBe(1);
  expect(leastIndex([NaN, NaN])).toBe(-1);
});
