// Pointing, clicking and dragging in a chart: along the plot in values of its horizontal axis, along the
// numbers at its left in those of its vertical one.

import { h } from "../base/dom";
import type { Domain } from "../model/series";

export interface PointerEvents {
  /** Where the pointer is; null when it has left. `place` is in CSS pixels of the chart. */
  onHover(x: number | null, place: readonly [left: number, top: number], y: number): void;
  onPick?(x: number): void;
  /** The dragged part of the axis; null to show all of it again. */
  onZoom?(domain: Domain | null): void;
  /** Whether the key meant something. */
  onKey?(event: KeyboardEvent): boolean;
}

/** A shorter drag is a click with an unsteady hand. */
const MIN_DRAG = 5;
const HELP =
  "Drag along the numbers to zoom the values, double-click to show all of them (keys: Shift+↑ and Shift+↓, 0)";

/** Watch the plot's area `over` of the chart `element`; `valuesAt` turns its pixels into values. */
export function watchPointer(
  over: HTMLElement,
  element: HTMLElement,
  valuesAt: (left: number, top: number) => readonly [x: number, y: number],
  events: PointerEvents,
): void {
  const brush = h("div.brush", { hidden: true });
  element.append(brush);
  const valueAt = (left: number): number => valuesAt(left, 0)[0];
  over.addEventListener("pointermove", (event) => {
    const [plot, chart] = [over.getBoundingClientRect(), element.getBoundingClientRect()];
    const [x, y] = valuesAt(within(event.clientX - plot.left, over.clientWidth), event.clientY - plot.top);
    events.onHover(x, [event.clientX - chart.left, event.clientY - chart.top], y);
  });
  watchDrag(over, brush, {
    place: (event) => within(event.clientX - over.getBoundingClientRect().left, over.clientWidth),
    style: (from, to) => `left:${over.offsetLeft + from}px;width:${to - from}px`,
    canZoom: !!events.onZoom,
    onDrag: (from, to) => events.onZoom?.([valueAt(from), valueAt(to)]),
    onClick: (at) => events.onPick?.(valueAt(at)),
  });
  over.addEventListener("pointerleave", () => events.onHover(null, [0, 0], 0));
  over.addEventListener("dblclick", () => events.onZoom?.(null));
}

/** The strip of a chart's numbers, along which values are zoomed; `valueAt` turns pixels from its top into values. */
export function valueStrip(
  element: HTMLElement,
  valueAt: (top: number) => number,
  onZoom: (limits: Domain | null) => void,
): HTMLElement {
  const strip = h("div.strip", { title: HELP });
  const brush = h("div.brush.across", { hidden: true });
  element.append(strip, brush);
  watchDrag(strip, brush, {
    place: (event) => within(event.clientY - strip.getBoundingClientRect().top, strip.clientHeight),
    style: (from, to) => `top:${strip.offsetTop + from}px;height:${to - from}px`,
    canZoom: true,
    onDrag: (from, to) => onZoom([valueAt(to), valueAt(from)]),
  });
  strip.addEventListener("dblclick", () => onZoom(null));
  return strip;
}

interface Drag {
  /** Where along the element the pointer is, in CSS pixels. */
  readonly place: (event: PointerEvent) => number;
  /** How the brush covers this part of the element. */
  readonly style: (from: number, to: number) => string;
  readonly canZoom: boolean;
  readonly onDrag: (from: number, to: number) => void;
  readonly onClick?: (at: number) => void;
}

function watchDrag(element: HTMLElement, brush: HTMLElement, { place, style, canZoom, onDrag, onClick }: Drag): void {
  let start: number | null = null;
  const isDragged = (from: number, to: number): boolean => canZoom && Math.abs(to - from) > MIN_DRAG;
  const end = (): void => {
    start = null;
    brush.hidden = true;
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = place(event);
    if (canZoom) element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const at = place(event);
    brush.hidden = !isDragged(start, at);
    brush.style.cssText = style(Math.min(start, at), Math.max(start, at));
  });
  element.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [from, to] = [start, place(event)];
    end();
    if (isDragged(from, to)) onDrag(Math.min(from, to), Math.max(from, to));
    else onClick?.(to);
  });
  element.addEventListener("pointercancel", end);
}

function within(place: number, size: number): number {
  return Math.min(size, Math.max(0, place));
}
