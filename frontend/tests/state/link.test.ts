import { expect, test } from "vitest";
import { fromParameters, toParameters, VIEW_KEYS } from "../../src/state/link";
import { initialState, type View } from "../../src/state/state";

const view: View = {
  page: "compare",
  run: "a/b=c&d #1",
  stream: "samples",
  quantity: "pixels",
  channelIndex: 2,
  chosen: 14,
  baseline: { kind: "run", step: null, run: "other run" },
  form: "ridgelines",
  axis: "relative",
  zoom: [3.25, 9.5],
  values: new Map([
    ["loss", [0.1, 0.4]],
    ["drifts", [-0.2, 1e-5]],
  ]),
  tickedCurves: new Set(["kl loss", "loss"]),
  logLoss: true,
  filter: "^vae",
  sort: { key: "drift", descending: true },
  selected: new Set(["x", "y z"]),
  hidden: new Set(["h"]),
  kept: new Set(["k"]),
  countScale: "log",
  colorMap: "viridis",
  logCounts: true,
};

test("a link restores every part of the view", () => {
  expect(fromParameters(toParameters(view), initialState)).toEqual(view);
  expect(Object.keys(view).sort()).toEqual([...VIEW_KEYS].sort());
});

test("the view that everybody begins with needs no link", () => {
  expect(toParameters(initialState)).toEqual({});
});

test("no ticked curve at all is not the same as the loss, which is shown first", () => {
  const none = { ...view, tickedCurves: new Set<string>() };

  expect(fromParameters(toParameters(none), initialState).tickedCurves).toEqual(new Set());
  expect(fromParameters({}, initialState).tickedCurves).toBeNull();
});

test.each([
  { step: "-1" },
  { step: "1e3" },
  { zoom: "9 3" },
  { zoom: "x" },
  { values: "loss 4 1\npie 1 4\ndrift 1\nspread NaN 2" },
  { view: "pie" },
  { baseline: "epoch" },
  { sort: "colour" },
  { counts: "__proto__" },
])("%j means nothing and changes nothing", (parameters) => {
  const read = fromParameters(parameters as Record<string, string>, initialState);
  expect(toParameters(read)).toEqual({});
});
