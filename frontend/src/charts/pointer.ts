// Pointing, clicking and dragging in a chart, in values of its horizontal axis.

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

const LEAST_DRAG = 5;

/** Watch the plot's area `over` of the chart `element`; `valuesAt` turns its pixels into values. */
export function watchPointer(
  over: HTMLElement,
  element: HTMLElement,
  valuesAt: (left: number, top: number) => readonly [x: number, y: number],
  events: PointerEvents,
): void {
  const brush = h("div.brush", { hidden: true });
  element.append(brush);
  let start: number | null = null;
  const leftOf = (event: PointerEvent): number =>
    Math.min(over.clientWidth, Math.max(0, event.clientX - over.getBoundingClientRect().left));
  const valueAt = (left: number): number => valuesAt(left, 0)[0];
  const dragged = (left: number): boolean => !!events.onZoom && start !== null && Math.abs(left - start) > LEAST_DRAG;

  over.addEventListener("pointermove", (event) => {
    const left = leftOf(event);
    const box = element.getBoundingClientRect();
    const top = event.clientY - over.getBoundingClientRect().top;
    const [x, y] = valuesAt(left, top);
    events.onHover(x, [event.clientX - box.left, event.clientY - box.top], y);
    brush.hidden = !dragged(left);
    if (start !== null)
      brush.style.cssText = `left:${over.offsetLeft + Math.min(start, left)}px;width:${Math.abs(left - start)}px`;
  });
  over.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = leftOf(event);
    if (events.onZoom) over.setPointerCapture(event.pointerId);
  });
  over.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const left = leftOf(event);
    if (dragged(left)) events.onZoom?.([valueAt(Math.min(start, left)), valueAt(Math.max(start, left))]);
    else events.onPick?.(valueAt(left));
    start = null;
    brush.hidden = true;
  });
  over.addEventListener("pointercancel", () => {
    start = null;
    brush.hidden = true;
  });
  over.addEventListener("pointerleave", () => events.onHover(null, [0, 0], 0));
  over.addEventListener("dblclick", () => events.onZoom?.(null));
}
