// Dragging along the numbers at the left of a chart zooms its values.

import { h } from "../base/dom";
import type { Domain } from "../model/series";

const LEAST_DRAG = 5;
const HELP = "Drag along the numbers to zoom the values, double-click to show all of them (keys: Shift+↑ and Shift+↓, 0)";

/** The strip of a chart's numbers; `valueAt` turns pixels from its top into values. */
export function valueStrip(
  element: HTMLElement,
  valueAt: (top: number) => number,
  onZoom: (limits: Domain | null) => void,
): HTMLElement {
  const strip = h("div.strip", { title: HELP });
  const brush = h("div.brush.across", { hidden: true });
  element.append(strip, brush);
  let start: number | null = null;
  const topOf = (event: PointerEvent): number =>
    Math.min(strip.clientHeight, Math.max(0, event.clientY - strip.getBoundingClientRect().top));
  const end = (): void => {
    start = null;
    brush.hidden = true;
  };

  strip.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = topOf(event);
    strip.setPointerCapture(event.pointerId);
  });
  strip.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const top = topOf(event);
    brush.hidden = Math.abs(top - start) <= LEAST_DRAG;
    brush.style.cssText = `top:${strip.offsetTop + Math.min(start, top)}px;height:${Math.abs(top - start)}px`;
  });
  strip.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [from, to] = [start, topOf(event)];
    end();
    if (Math.abs(to - from) > LEAST_DRAG) onZoom([valueAt(Math.max(from, to)), valueAt(Math.min(from, to))]);
  });
  strip.addEventListener("pointercancel", end);
  strip.addEventListener("dblclick", () => onZoom(null));
  return strip;
}
