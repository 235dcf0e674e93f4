// What pointing, clicking, dragging and keys mean on the axis of epochs.

import { clampZoom, type StepAxis } from "../model/axis";
import type { PointerEvents } from "./pointer";
import { nearestIndex, type Domain } from "../model/series";
import { cursorStep, nearestRecorded, recordedSteps, shownAxis, shownDomain, wholeDomain } from "../state/shown";
import { UNZOOMED } from "../state/state";
import type { Store } from "../state/store";

const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

export function stepEvents(store: Store): PointerEvents {
  const axis = (): StepAxis => shownAxis(store.state);
  return {
    onHover: (x) =>
      store.update({ hovered: x === null ? null : nearestRecorded(store.state, axis().toStep(x)) }),
    onPick: (x) => store.update({ chosen: nearestRecorded(store.state, axis().toStep(x)), hovered: null }),
    onZoom: (domain) => zoomTo(store, domain && [axis().toStep(domain[0]), axis().toStep(domain[1])]),
    onKey: (event) => onKey(store, event),
  };
}

/** Move by so many recorded epochs; infinite for the first or the last. */
export function moveSteps(store: Store, count: number): void {
  const steps = recordedSteps(store.state);
  const from = nearestIndex(steps, cursorStep(store.state) ?? 0);
  const to = Math.min(steps.length - 1, Math.max(0, from + count));
  store.update({ chosen: steps[to] ?? null, hovered: null });
}

export function zoomTo(store: Store, zoom: Domain | null): void {
  store.update({ zoom: zoom && clampZoom(zoom, wholeDomain(store.state)) });
}

function onKey(store: Store, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const steps = MOVES[event.key];
  if (steps !== undefined) moveSteps(store, steps);
  else if (event.key === "Escape") escape(store);
  else if (event.key === "+" || event.key === "=") zoomBy(store, 0.5);
  else if (event.key === "-") zoomBy(store, 2);
  else if (event.key === "0") store.update(UNZOOMED);
  else return false;
  return true;
}

/** Let go of the epoch first, of the zooms next. */
function escape(store: Store): void {
  if (store.state.chosen !== null || store.state.hovered !== null) store.update({ chosen: null, hovered: null });
  else store.update(UNZOOMED);
}

function zoomBy(store: Store, factor: number): void {
  const [low, high] = shownDomain(store.state);
  const middle = cursorStep(store.state) ?? (low + high) / 2;
  zoomTo(store, [middle - (middle - low) * factor, middle + (high - middle) * factor]);
}
