// @vitest-environment happy-dom
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { StepChart, type StepView } from "../../src/charts/step_chart";
import { moveSteps, zoomTo } from "../../src/charts/step_events";
import type { Detail } from "../../src/model/types";
import { Frames } from "../../src/state/frames";
import { cursorStep } from "../../src/state/shown";
import { createState, type State, update } from "../../src/state/state";
import { installCanvas } from "../support/canvas";

const WIDTH = 616; // of which the plot has 500
let frames: FrameRequestCallback[] = [];
const nextFrame = (): void => frames.splice(0).forEach((frame) => frame(0));

beforeAll(() => {
  installCanvas();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
    },
  );
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
});

const detail = (...steps: readonly number[]): Detail =>
  ({
    run: { name: "vae", eventDirectory: "vae/mean_pixel" },
    stream: { name: "validation", channels: ["all"] },
    quantity: "mean_pixels",
    histograms: { output: { steps, wallTimes: steps.map((step) => 100 + 10 * step) } },
    scalars: { scores: [], curves: [] },
  }) as unknown as Detail;

let state: State;
let chart: StepChart;
const plot = vi.fn<StepView["plot"]>();

beforeEach(() => {
  frames = [];
  plot.mockReset();
  plot.mockImplementation(({ detail: shown }) => {
    const steps = shown?.histograms.output.steps;
    return steps
      ? { x: steps, lines: [{ label: "loss", color: "red", values: steps.map((step) => 10 - step) }], range: [0, 10] }
      : null;
  });
  state = createState({ detail: detail(0, 1, 2, 3, 4) });
  const all = new Frames(state);
  chart = new StepChart(state, all.paintOn("run"), {
    title: "Loss",
    height: 130,
    values: () => "loss",
    plot,
    legend: (shown) => [{ label: "loss", color: "red", value: String(cursorStep(shown)) }],
    table: () => null,
    tip: (_, step, y) => [`epoch ${step}`, `value ${y.toFixed(1)}`],
  });
  document.body.replaceChildren(chart.panel.element);
  all.flush();
  chart.chart.resize(WIDTH);
});

const find = (selector: string): HTMLElement => chart.panel.element.querySelector<HTMLElement>(selector)!;
const legend = (): string | null => find(".legend").textContent;
const key = (name: string, shiftKey = false): boolean => {
  const event = new KeyboardEvent("keydown", { key: name, shiftKey, cancelable: true });
  chart.chart.element.dispatchEvent(event);
  nextFrame();
  return event.defaultPrevented;
};

function point(type: string, clientX: number, clientY = 50): void {
  const over = find(".over");
  Object.defineProperty(over, "clientWidth", { value: 500, configurable: true });
  over.dispatchEvent(new PointerEvent(type, { clientX, clientY, button: 0 }));
  nextFrame();
}

test("the cursor moves without a new plot", () => {
  expect([legend(), plot.mock.calls.length]).toEqual(["loss 4", 1]);
  point("pointermove", 150);

  expect([state.hovered, legend(), plot.mock.calls.length]).toEqual([1, "loss 1", 1]);
  expect(find(".cursor").style.transform).toBe("translateX(150px)");
  expect(find(".tip").textContent).toContain("epoch 1");
  point("pointerleave", 0);
  expect([state.hovered, legend(), find(".tip").hidden, plot.mock.calls.length]).toEqual([null, "loss 4", true, 1]);
});

test("a click chooses the step, and keys move it", () => {
  point("pointerdown", 250);
  point("pointerup", 250);
  expect([state.chosen, state.hovered, legend()]).toEqual([2, null, "loss 2"]);

  expect([key("ArrowLeft"), state.chosen]).toEqual([true, 1]);
  expect([key("End"), state.chosen]).toEqual([true, 4]);
  expect([key("Home"), state.chosen]).toEqual([true, 0]);
  expect([key("Escape"), state.chosen]).toEqual([true, null]);
  expect(key("q")).toBe(false);
});

test("keys zoom steps and values, and one key shows all again", () => {
  key("+");
  expect(state.zoom).not.toBeNull();
  key("ArrowUp", true);
  expect(state.values.has("loss")).toBe(true);
  expect(find(".toggle").hidden).toBe(false);

  key("0");
  expect([state.zoom, state.values.size, find(".toggle").hidden]).toEqual([null, 0, true]);
});

test("letting go takes the step first, the zooms next", () => {
  moveSteps(state, -2);
  zoomTo(state, [1, 3]);
  key("Escape");
  expect([state.chosen, state.zoom]).toEqual([null, [1, 3]]);
  key("Escape");
  expect(state.zoom).toBeNull();
});

test("without a plot the panel is hidden, and has its legend when it is shown", () => {
  update(state, { detail: null });
  nextFrame();
  expect(chart.panel.element.hidden).toBe(true);

  update(state, { detail: detail(0, 1, 2) });
  nextFrame();
  expect([chart.panel.element.hidden, legend()]).toEqual([false, "loss 2"]);
});

test("on the axis of time the places are times, and the cursor is the same step", () => {
  update(state, { axis: "relative", hovered: 3 });
  nextFrame();

  expect(find(".cursor").style.transform).toBe("translateX(350px)");
  point("pointermove", 150);
  expect(state.hovered).toBe(1);
});

test("a chart of a page that is not shown rests", () => {
  update(state, { page: "compare" });
  nextFrame();
  update(state, { detail: detail(0, 1), hovered: 0 });
  nextFrame();
  expect([plot.mock.calls.length, legend()]).toEqual([1, "loss 4"]);

  update(state, { page: "run" });
  nextFrame();
  expect([plot.mock.calls.length, legend()]).toEqual([2, "loss 0"]);
});
