// @vitest-environment happy-dom
import { beforeAll, expect, test } from "vitest";
import { Frames } from "../../../src/state/frames";
import { createState, type State, update } from "../../../src/state/state";
import { runPage } from "../../../src/views/run/run_page";
import { installCanvas } from "../../support/canvas";

beforeAll(installCanvas);

const FIRST = ["Mean pixels of the outputs", "Drift", "Loss"];

function page(change: Partial<State> = {}) {
  const state = createState(change);
  const frames = new Frames(state);
  const { views } = runPage(state, frames);
  const titles = (): string[] => [...views.querySelectorAll(".steps > section h2")].map((title) => title.textContent);
  const show = (next: Partial<State>): string[] => {
    update(state, next);
    frames.flush();
    return titles();
  };
  return { titles, show };
}

test("the views of the first screen are there before anything is painted, the others once it has opened", () => {
  const { titles, show } = page();

  expect(titles()).toEqual(FIRST);
  expect(show({})).toEqual(FIRST);
  expect(show({ opened: true })).toEqual([...FIRST, "Spread", "Pixels outside the range"]);
});

test("a form is made in its place when it is first chosen, or is that of a link", () => {
  const [heatmap = "", ...others] = FIRST;
  const { show } = page();

  expect(show({ form: "bands" })).toEqual(FIRST);
  expect(show({ form: "ridgelines" })).toEqual([heatmap, "Ridgelines", ...others]);
  expect(show({ form: "single" })).toEqual(["At the step", heatmap, "Ridgelines", ...others]);
  expect(page({ form: "single" }).titles()).toEqual(["At the step", ...FIRST]);
});
