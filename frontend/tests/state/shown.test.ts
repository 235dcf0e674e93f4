import { expect, test } from "vitest";
import type { Detail, HistogramPair, Quantity } from "../../src/model/types";
import { decodeHistograms } from "../../src/server/decode";
import {
  baselineAt,
  baselinePhrase,
  chosenStream,
  cursorStep,
  findScore,
  shownBaseline,
  shownChannel,
  wholeDomain,
} from "../../src/state/shown";
import { type BaselineData, createState, type State, update } from "../../src/state/state";
import { encodeHistograms } from "../support/encode";
import { wireRun } from "../support/server";

function pair(name: string, steps: readonly number[]): HistogramPair {
  const output = {
    side: "output" as const,
    steps,
    cells: steps.flatMap((step) => [0, step + 1, 0, 0, 0, 0, 0]),
    mean: steps.map(() => 0.5),
    quantiles: steps.flatMap(() => [0, 0, 0]),
  };
  return decodeHistograms(encodeHistograms({ name, series: [output] }))[0]!;
}

const score = (name: string, channel: string, value: number) => ({
  stream: "validation",
  name,
  channel,
  steps: [0],
  wallTimes: [0],
  values: [value],
});

function detail(quantity: Quantity = "mean_pixels"): Detail {
  const run = wireRun("a", {});
  const scores = [score("drift", "", 1), score("drift", "red", 2), score("correlation", "", 3)];
  return { run, stream: run.streams[0]!, quantity, histograms: pair("a", [0, 1, 2]), scalars: { scores, curves: [] } };
}

const against = (change: Partial<BaselineData> = {}): Partial<State> => ({
  baseline: { kind: "run", step: null, run: "b" },
  baselineData: {
    run: "a",
    stream: "validation",
    quantity: "mean_pixels",
    baseline: { kind: "run", step: null, run: "b" },
    scores: { comparable: true, notes: [], scores: [score("drift", "", 7)] },
    histograms: pair("b", [0, 5]),
    ...change,
  },
});

test("the chosen run and stream are shown, else the first that there are", () => {
  const runs = [
    wireRun("empty", { streams: [] }),
    wireRun("a", {}),
    wireRun("b", { streams: ["validation", "samples"] }),
  ];
  const state = createState({ catalog: { runs, eventDirectories: [], notes: [] } });
  const shown = () => [chosenStream(state)?.run.name, chosenStream(state)?.stream.name];

  expect(shown()).toEqual(["a", "validation"]);
  update(state, { run: "b", stream: "samples" });
  expect(shown()).toEqual(["b", "samples"]);
  update(state, { stream: "gone" });
  expect(shown()).toEqual(["b", "validation"]);
  update(state, { run: "empty" });
  expect(shown()).toEqual(["a", "validation"]);
  update(state, { catalog: null });
  expect(chosenStream(state)).toBeNull();
});

test("the cursor is at the step that is pointed at, else at the chosen one, else at the last", () => {
  const state = createState({ detail: detail() });

  expect(cursorStep(state)).toBe(2);
  update(state, { chosen: 1 });
  expect(cursorStep(state)).toBe(1);
  update(state, { hovered: 0 });
  expect(cursorStep(state)).toBe(0);
  expect(wholeDomain(state)).toEqual([-0.5, 2.5]);
});

test("a channel that the stream lacks is all together", () => {
  const state = createState({ detail: detail(), channelIndex: 1 });

  expect([shownChannel(state), findScore(state, "drift")?.values[0]]).toEqual(["red", 2]);
  update(state, { channelIndex: 2 });
  expect([shownChannel(state), findScore(state, "drift")?.values[0]]).toEqual(["", 1]);
});

test("scores are against the baseline once these are here, where there can be any", () => {
  const state = createState({ detail: detail(), ...against() });

  expect([
    baselinePhrase(state),
    findScore(state, "drift")?.values[0],
    findScore(state, "correlation")?.values[0],
  ]).toEqual(["b", 7, 3]);
  expect(baselineAt(state, 5)?.finite).toBe(6);
});

test.each<Partial<BaselineData>>([{ run: "other" }, { stream: "samples" }, { scores: null }])(
  "a baseline's scores of something else are not shown: %j",
  (change) => {
    const state = createState({ detail: detail(), ...against(change) });

    expect([shownBaseline(state).kind, findScore(state, "drift")?.values[0]]).toEqual(["reference", 1]);
  },
);

test("a baseline's histograms of another quantity are not compared with", () => {
  expect(baselineAt(createState({ detail: detail("pixels"), ...against() }), 0)).toBeNull();
  expect(baselineAt(createState({ detail: detail("mean_pixels"), ...against() }), 0)?.finite).toBe(1);
});
