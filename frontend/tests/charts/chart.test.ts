// @vitest-environment happy-dom
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Chart, type ChartOptions, paintUnmeasured } from "../../src/charts/chart";
import type { Plot } from "../../src/drawing/plot";
import { contextOf, installCanvas } from "../support/canvas";

/** The observers of the charts: happy-dom lays nothing out. */
let observers: ((entries: readonly { contentRect: { width: number } }[]) => void)[] = [];

beforeAll(() => {
  installCanvas();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(observe: (typeof observers)[number]) {
        observers.push(observe);
      }
      observe(): void {}
    },
  );
});

const pointer = { onHover: vi.fn(), onKey: vi.fn((event: KeyboardEvent) => event.key === "Home") };
const onValues = vi.fn();
/** The plot of a chart 616 pixels wide is 500 wide, from 58 on, and 100 high, from 8 on. */
const WIDTH = 616;
const plot: Plot = {
  x: [0, 1, 2, 3, 4],
  lines: [
    { label: "ideal", color: "grey", unmarked: true, values: [0, 0, 0, 0, 0] },
    { label: "loss", color: "red", values: [10, 8, null, 4, 2] },
  ],
  domain: [0, 5],
  range: [0, 10],
};

let chart: Chart;
beforeEach(() => {
  vi.clearAllMocks();
  observers = [];
  document.body.replaceChildren();
  chart = made();
});

function made(change: Partial<ChartOptions> = {}): Chart {
  const one = new Chart({ height: 130, label: "Loss over steps", pointer, onValues, ...change });
  document.body.append(one.element);
  return one;
}

const find = <E extends HTMLElement>(selector: string): E => chart.element.querySelector<E>(selector)!;
const calls = (): readonly (readonly unknown[])[] => contextOf(find<HTMLCanvasElement>("canvas")).calls;
const texts = (): unknown[] => calls().flatMap(([name, text]) => (name === "fillText" ? [text] : []));
const dots = (): (string | null)[] =>
  [...chart.element.querySelectorAll<HTMLElement>(".mark")].map((dot) => (dot.hidden ? null : dot.style.transform));

test("a chart is painted when it has both a plot and a width", () => {
  chart.show(plot);
  expect(calls()).toEqual([]);
  chart.resize(WIDTH);
  expect(texts()).toEqual(["0", "1", "2", "3", "4", "5", "0", "2", "4", "6", "8", "10"]);

  const other = made();
  other.resize(WIDTH);
  other.show(plot);
  expect(contextOf(other.element.querySelector("canvas")!).calls).toEqual(calls());
});

test("a chart is as wide as its element, whenever that is laid out anew", () => {
  chart.show(plot);
  const [observed] = observers;
  for (const width of [WIDTH, 300]) {
    observed?.([{ contentRect: { width } }]);
    expect(find<HTMLCanvasElement>("canvas").width).toBe(width);
  }
  expect(texts()).not.toEqual([]);
});

test("charts without a width take their own together, before their observers report it", () => {
  // happy-dom lays nothing out: every element would be without a width.
  Object.defineProperty(chart.element, "clientWidth", { value: WIDTH });
  chart.show(plot);
  paintUnmeasured();
  expect(find<HTMLCanvasElement>("canvas").width).toBe(WIDTH);
});

test("the cursor stands at its step, with a dot on each line that has a value there", () => {
  chart.resize(WIDTH);
  chart.show(plot);
  chart.showCursor(3);
  expect([find(".cursor").hidden, find(".cursor").style.transform]).toEqual([false, "translateX(300px)"]);
  expect(dots()).toEqual(["translate(300px,60px)"]);

  chart.showCursor(2);
  expect([find(".cursor").hidden, dots()]).toEqual([false, [null]]);
  chart.showCursor(1.5);
  expect(dots()).toEqual([null]);
  for (const outside of [7, null]) {
    chart.showCursor(outside);
    expect([find(".cursor").hidden, dots()]).toEqual([true, [null]]);
  }
});

test("a logarithmic axis has no dot at 0", () => {
  chart.resize(WIDTH);
  chart.show({ ...plot, log: true, range: [0.1, 10], lines: [{ label: "", color: "", values: [0, 1, 1, 1, 1] }] });
  chart.showCursor(0);
  expect(dots()).toEqual([null]);
  chart.showCursor(1);
  expect(dots()).toEqual([expect.stringMatching(/^translate\(100px,50(\.0*\d)?/)]);
});

test("many lines have no dots", () => {
  chart.resize(WIDTH);
  chart.show({ ...plot, lines: Array.from({ length: 13 }, () => plot.lines[1]!) });
  expect(dots()).toEqual([]);
});

test("the cursor stays when the plot is another", () => {
  chart.resize(WIDTH);
  chart.show(plot);
  chart.showCursor(3);
  chart.show({ ...plot, domain: [2, 4] });
  expect(find(".cursor").style.transform).toBe("translateX(250px)");
});

test("a move of the cursor paints nothing but what moves with it", () => {
  const moving = vi.fn();
  chart.resize(WIDTH);
  chart.show({ ...plot, moving });
  const painted = calls().length;
  moving.mockClear();
  for (const step of [0, 1, 2]) {
    chart.showCursor(step);
    chart.redrawMoving();
  }

  expect(calls()).toHaveLength(painted);
  expect(moving).toHaveBeenCalledTimes(3);
  expect(chart.element.querySelectorAll("canvas")).toHaveLength(2);
});

test("a tip stands beside its place, on the side with more room", () => {
  chart.resize(WIDTH);
  chart.showTip([100, 20], "step 3", "loss 4");
  expect([find(".tip").hidden, find(".tip").textContent, find(".tip").style.left]).toEqual([
    false,
    "step 3loss 4",
    "114px",
  ]);
  chart.showTip([500, 20], "step 4");
  expect([find(".tip").style.left, find(".tip").style.right]).toEqual(["", "130px"]);
  chart.showTip([500, 20]);
  expect(find(".tip").hidden).toBe(true);
  chart.showTip([500, 20], "step 4");
  chart.showTip(null);
  expect(find(".tip").hidden).toBe(true);
});

test("values are zoomed about the line at the cursor, else about the middle, and never beyond all of them", () => {
  chart.resize(WIDTH);
  chart.zoomValues(0.5);
  expect(onValues).not.toHaveBeenCalled();
  chart.show(plot);
  chart.zoomValues(0.5);
  chart.showCursor(3);
  chart.zoomValues(0.5);
  chart.zoomValues(2);

  expect(onValues.mock.calls.map(([limits]) => limits)).toEqual(
    [[2.5, 7.5], [2, 7], null].map((limits) => limits && limits.map((limit) => expect.closeTo(limit, 9))),
  );
});

test("the numbers at the left are there to be dragged, and show that values are zoomed", () => {
  chart.resize(WIDTH);
  chart.show(plot);
  expect(find(".strip").classList.contains("zoomed")).toBe(false);
  chart.show({ ...plot, zoom: [2, 4] });
  expect(find(".strip").classList.contains("zoomed")).toBe(true);
  find(".strip").dispatchEvent(new MouseEvent("dblclick"));
  expect(onValues.mock.calls).toEqual([[null]]);

  const { onValues: _, ...fixed } = { height: 130, label: "", pointer, onValues };
  expect(new Chart(fixed).element.querySelector(".strip")).toBeNull();
});

test("the pointer is at a step and a value", () => {
  chart.resize(WIDTH);
  chart.show(plot);
  const over = find(".over");
  Object.defineProperty(over, "clientWidth", { value: 500 });
  over.dispatchEvent(new PointerEvent("pointermove", { clientX: 250, clientY: 30 }));
  expect(pointer.onHover.mock.calls).toEqual([[2.5, [250, 30], 7]]);
});

test("a key that means something does nothing else", () => {
  for (const [key, isTaken] of [
    ["Home", true],
    ["a", false],
  ] as const) {
    const event = new KeyboardEvent("keydown", { key, cancelable: true });
    chart.element.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(isTaken);
  }
});

test("a file has the same picture, in any width, and none of an empty chart", () => {
  expect(chart.svg("Loss")).toBeNull();
  chart.resize(WIDTH);
  expect(chart.svg("Loss")).toBeNull();
  chart.show(plot);

  const page = new DOMParser().parseFromString(chart.svg("Loss", 300)!, "image/svg+xml");
  expect(page.documentElement.getAttribute("width")).toBe("300");
  expect(page.querySelector("title")?.textContent).toBe("Loss");
  expect([...page.querySelectorAll("path[stroke='red']")]).toHaveLength(1);
});
