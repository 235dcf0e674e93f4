// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { countColors } from "../../src/drawing/colors";
import { fromParameters } from "../../src/state/link";
import { recallPreferences, rememberPreferences } from "../../src/state/preferences";
import { initialState } from "../../src/state/state";

const KEY = "tb_meanpixel";

beforeEach(() => localStorage.clear());

test("what was looked at last time is looked at again", () => {
  rememberPreferences({ ...initialState, form: "bands", colorMap: "magma", logLoss: true });

  expect(recallPreferences()).toEqual({
    form: "bands",
    axis: "step",
    countScale: "root",
    colorMap: "magma",
    logLoss: true,
    logCounts: false,
  });
});

test.each([
  ["colorMap", "turbo"],
  ["form", "pie"],
  ["axis", 3],
  ["countScale", null],
  ["logLoss", "yes"],
  ["logCounts", 1],
  ["page", "elsewhere"],
])("of another version's preferences %s = %j means nothing", (key, value) => {
  localStorage.setItem(KEY, JSON.stringify({ axis: "wall", [key]: value }));
  const recalled = recallPreferences();

  expect(recalled).toEqual(key === "axis" ? {} : { axis: "wall" });
  expect(countColors({ ...initialState, ...recalled }.colorMap, "light")).toHaveLength(768);
});

test.each(["", "{", "null", "[]", '"text"', "7"])("%j in the storage is no preference", (text) => {
  localStorage.setItem(KEY, text);

  expect(recallPreferences()).toEqual({});
});

test("a link says more than preferences do, and what it leaves out is theirs", () => {
  localStorage.setItem(KEY, JSON.stringify({ form: "bands", colorMap: "magma" }));
  const view = fromParameters({ view: "overlay" }, { ...initialState, ...recallPreferences() });

  expect([view.form, view.colorMap]).toEqual(["overlay", "magma"]);
});
