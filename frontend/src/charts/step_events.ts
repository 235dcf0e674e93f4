// Pointing, clicking, dragging and keys on the axis of steps.

import { clampZoom, type StepAxis } from "../model/axis";
import { type Domain, nearestIndex } from "../model/series";
import { cursorStep, nearestRecorded, recordedSteps, shownAxis, shownDomain, wholeDomain } from "../state/shown";
import { type State, UNZOOMED, update } from "../state/state";
import type { PointerEvents } from "./pointer";

const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

export function stepEvents(state: State): PointerEvents {
  const axis = (): StepAxis => shownAxis(state);
  return {
    onHover: (x) => update(state, { hovered: x === null ? null : nearestRecorded(state, axis().toStep(x)) }),
    onPick: (x) => update(state, { chosen: nearestRecorded(state, axis().toStep(x)), hovered: null }),
    onZoom: (domain) => zoomTo(state, domain && [axis().toStep(domain[0]), axis().toStep(domain[1])]),
    onKey: (event) => onKey(state, event),
  };
}

/** Move by so many recorded steps; infinite for the first or the last. */
export function moveSteps(state: State, count: number): void {
  const steps = recordedSteps(state);
  const from = nearestIndex(steps, cursorStep(state) ?? 0);
  const to = Math.min(steps.length - 1, Math.max(0, from + count));
  update(state, { chosen: steps[to] ?? null, hovered: null });
}

export function zoomTo(state: State, zoom: Domain | null): void {
  update(state, { zoom: zoom && clampZoom(zoom, wholeDomain(state)) });
}

function onKey(state: State, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const steps = MOVES[event.key];
  if (steps !== undefined) moveSteps(state, steps);
  else if (event.key === "Escape") letGo(state);
  else if (event.key === "+" || event.key === "=") zoomBy(state, 0.5);
  else if (event.key === "-") zoomBy(state, 2);
  else if (event.key === "0") update(state, UNZOOMED);
  else return false;
  return true;
}

/** Let go of the step first, of the zooms next. */
function letGo(state: State): void {
  if (state.chosen !== null || state.hovered !== null) update(state, { chosen: null, hovered: null });
  else update(state, UNZOOMED);
}

function zoomBy(state: State, factor: number): void {
  const [low, high] = shownDomain(state);
  const middle = cursorStep(state) ?? (low + high) / 2;
  zoomTo(state, [middle - (middle - low) * factor, middle + (high - middle) * factor]);
}
