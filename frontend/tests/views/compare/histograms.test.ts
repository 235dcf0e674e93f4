// @vitest-environment happy-dom
import { beforeAll, expect, test, vi } from "vitest";
import type { HistogramPair, Quantity } from "../../../src/model/types";
import { decodeHistograms } from "../../../src/server/decode";
import { Frames } from "../../../src/state/frames";
import { createState, type State, update } from "../../../src/state/state";
import { compareHistograms } from "../../../src/views/compare/histograms";
import { installCanvas } from "../../support/canvas";
import { encodeHistograms } from "../../support/encode";
import { wireRun } from "../../support/server";

beforeAll(() => {
  installCanvas();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
    },
  );
});

/** All values in the first bin. */
function pair(count: number, steps: readonly number[]): HistogramPair {
  const cells = steps.flatMap(() => [0, count, 0, 0, 0, 0, 0]);
  const series = {
    side: "output" as const,
    steps,
    cells,
    mean: steps.map(() => 0.25),
    quantiles: steps.flatMap(() => [0, 0.25, 0.5]),
  };
  return decodeHistograms(encodeHistograms({ name: "a", series: [series] }))[0]!;
}

const drift = { stream: "validation", name: "drift", channel: "", steps: [0, 1], wallTimes: [0, 1], values: [1, 0.5] };

function setUp() {
  const state = createState({
    page: "compare",
    catalog: { runs: [wireRun("a", {})], eventDirectories: [], notes: [] },
    overview: new Map([["a", { scores: [drift], curves: [] }]]),
  });
  const frames = new Frames(state);
  const element = compareHistograms(state, frames.paintOn("compare"));
  element.querySelector("summary")!.click();
  [...element.querySelectorAll<HTMLElement>(".menu button")][0]!.click();
  const shown = (change: Partial<State>): (string | null | undefined)[] => {
    update(state, change);
    frames.flush();
    const bin = element.querySelector("tbody tr:nth-child(2)");
    return [element.querySelector("h2")!.textContent, bin?.lastElementChild?.textContent];
  };
  return { state, shown };
}

const compared = (quantity: Quantity, count: number) => ({
  quantity,
  channel: "",
  byRun: new Map([["a", pair(count, [0, 1])]]),
});
const atStep = (quantity: Quantity, step: number, count: number) => ({
  quantity,
  channel: "",
  step,
  byRun: new Map([["a", pair(count, [step])]]),
});

test("the exact histograms of the cursor's step take the place of sums", () => {
  const { shown } = setUp();

  expect(shown({ compared: compared("mean_pixels", 4) })).toEqual(["Mean pixels of the outputs at epoch 1", "4"]);
  expect(shown({ comparedAtStep: atStep("mean_pixels", 1, 3) })).toEqual([
    "Mean pixels of the outputs at epoch 1",
    "3",
  ]);
  expect(shown({ chosen: 0 })).toEqual(["Mean pixels of the outputs at epoch 0", "4"]);
});

test("those of another quantity or channel do not", () => {
  const { shown } = setUp();
  shown({ compared: compared("mean_pixels", 4), comparedAtStep: atStep("mean_pixels", 1, 3) });

  // What is drawn says what it is of, until the next choice has arrived.
  expect(shown({ quantity: "pixels" })).toEqual(["Mean pixels of the outputs at epoch 1", "3"]);
  expect(shown({ compared: compared("pixels", 256) })).toEqual(["Pixels of the outputs at epoch 1", "256"]);
  expect(shown({ comparedAtStep: { ...atStep("pixels", 1, 99), channel: "red" } })).toEqual([
    "Pixels of the outputs at epoch 1",
    "256",
  ]);
  expect(shown({ comparedAtStep: atStep("pixels", 1, 255) })).toEqual(["Pixels of the outputs at epoch 1", "255"]);
});
