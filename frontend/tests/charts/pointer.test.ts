// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { h } from "../../src/base/dom";
import { valueStrip, watchPointer } from "../../src/charts/pointer";

const SIZE = 100;

/** An element of 100 pixels; happy-dom lays nothing out. */
function sized(element: HTMLElement): HTMLElement {
  for (const size of ["clientWidth", "clientHeight"]) Object.defineProperty(element, size, { value: SIZE });
  element.setPointerCapture = vi.fn();
  return element;
}

function point(element: HTMLElement, type: string, place: Partial<PointerEventInit> = {}): void {
  element.dispatchEvent(new PointerEvent(type, { bubbles: true, ...place }));
}

let chart: HTMLElement;
let over: HTMLElement;
const events = { onHover: vi.fn(), onPick: vi.fn(), onZoom: vi.fn() };
const brush = (): HTMLElement => chart.querySelector<HTMLElement>(".brush")!;
/** Ten steps along the plot, values from 100 at its top to 0. */
const valuesAt = (left: number, top: number): [number, number] => [left / 10, 100 - top];

beforeEach(() => {
  vi.clearAllMocks();
  over = sized(h("div"));
  chart = h("div", {}, over);
  watchPointer(over, chart, valuesAt, events);
});

test("the pointer is at values, and nowhere when it has left", () => {
  point(over, "pointermove", { clientX: 30, clientY: 20 });
  point(over, "pointermove", { clientX: 500, clientY: 20 });
  point(over, "pointerleave");

  expect(events.onHover.mock.calls).toEqual([
    [3, [30, 20], 80],
    [10, [500, 20], 80],
    [null, [0, 0], 0],
  ]);
});

test("a click picks, also with an unsteady hand", () => {
  point(over, "pointerdown", { clientX: 30 });
  point(over, "pointermove", { clientX: 34 });
  expect(brush().hidden).toBe(true);
  point(over, "pointerup", { clientX: 34 });

  expect(events.onPick.mock.calls).toEqual([[3.4]]);
  expect(events.onZoom).not.toHaveBeenCalled();
});

test.each([
  [20, 80],
  [80, 20],
])("a drag from %d to %d zooms to what lies between, under a brush", (from, to) => {
  point(over, "pointerdown", { clientX: from });
  point(over, "pointermove", { clientX: to });
  expect(brush().hidden).toBe(false);
  expect(brush().style.cssText).toContain("left: 20px; width: 60px");
  point(over, "pointerup", { clientX: to });

  expect(events.onZoom.mock.calls).toEqual([[[2, 8]]]);
  expect(events.onPick).not.toHaveBeenCalled();
  expect(brush().hidden).toBe(true);
});

test("a drag out of the plot ends at its edge", () => {
  point(over, "pointerdown", { clientX: 50 });
  point(over, "pointerup", { clientX: 900 });

  expect(events.onZoom.mock.calls).toEqual([[[5, 10]]]);
});

test("a double click shows all, another button and a cancelled drag do nothing", () => {
  point(over, "pointerdown", { clientX: 20, button: 2 });
  point(over, "pointerup", { clientX: 80, button: 2 });
  point(over, "pointerdown", { clientX: 20 });
  point(over, "pointercancel");
  point(over, "pointerup", { clientX: 80 });
  expect(events.onZoom).not.toHaveBeenCalled();
  expect(events.onPick).not.toHaveBeenCalled();

  over.dispatchEvent(new MouseEvent("dblclick"));
  expect(events.onZoom.mock.calls).toEqual([[null]]);
});

test("where nothing can be zoomed a drag picks where it ends", () => {
  const { onHover, onPick } = events;
  over = sized(h("div"));
  chart = h("div", {}, over);
  watchPointer(over, chart, valuesAt, { onHover, onPick });
  point(over, "pointerdown", { clientX: 20 });
  point(over, "pointermove", { clientX: 80 });
  expect(brush().hidden).toBe(true);
  point(over, "pointerup", { clientX: 80 });

  expect(onPick.mock.calls).toEqual([[8]]);
  expect(over.setPointerCapture).not.toHaveBeenCalled();
});

test("a drag along the numbers zooms the values, the lower one first, and a click does nothing", () => {
  const onZoom = vi.fn();
  const strip = sized(valueStrip(chart, (top) => 100 - top, onZoom));
  point(strip, "pointerdown", { clientY: 10 });
  point(strip, "pointerup", { clientY: 12 });
  expect(onZoom).not.toHaveBeenCalled();

  point(strip, "pointerdown", { clientY: 10 });
  point(strip, "pointermove", { clientY: 60 });
  expect(chart.querySelector<HTMLElement>(".brush.across")!.style.cssText).toContain("top: 10px; height: 50px");
  point(strip, "pointerup", { clientY: 60 });
  strip.dispatchEvent(new MouseEvent("dblclick"));
  expect(onZoom.mock.calls).toEqual([[[40, 90]], [null]]);
});
