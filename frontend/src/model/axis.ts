// The horizontal axis: steps, hours since the start, or the time of day.

import { scaleLinear } from "d3-scale";
import { type Domain, stepWidth } from "./series";

export type AxisKind = "step" | "relative" | "wall";

export interface StepAxis {
  readonly kind: AxisKind;
  /** Where a step lies: the step itself, or seconds. */
  toX(step: number): number;
  toStep(x: number): number;
}

const BY_STEP: StepAxis = { kind: "step", toX: (step) => step, toStep: (x) => x };

/** Times between recorded steps are taken as even; past the ends they go on at the mean pace. */
export function stepAxis(kind: AxisKind, steps: readonly number[], wallTimes: readonly number[]): StepAxis {
  const start = wallTimes[0] ?? 0;
  // A step that was written again after a crash does not turn time back.
  const times: number[] = [];
  for (const time of wallTimes)
    times.push(Math.max(time - (kind === "relative" ? start : 0), times[times.length - 1] ?? -Infinity));
  const count = steps.length;
  const [firstStep = 0, lastStep = 0] = [steps[0], steps[count - 1]];
  const [firstTime = 0, lastTime = 0] = [times[0], times[count - 1]];
  if (kind === "step" || count < 2 || lastTime === firstTime) return BY_STEP;
  // The scale goes on beyond its ends as between its last two points: these give it the mean pace.
  const [length, duration] = [lastStep - firstStep, lastTime - firstTime];
  const scale = scaleLinear(
    [firstStep - length, ...steps, lastStep + length],
    [firstTime - duration, ...times, lastTime + duration],
  );
  return { kind, toX: scale, toStep: (x) => scale.invert(x) };
}

/** All steps, with room for half a step at either end. */
export function stepDomain(all: readonly ArrayLike<number>[]): Domain {
  let low = Infinity;
  let high = -Infinity;
  let width = Infinity;
  for (const steps of all) {
    if (!steps.length) continue;
    low = Math.min(low, steps[0]!);
    high = Math.max(high, steps[steps.length - 1]!);
    width = Math.min(width, stepWidth(steps));
  }
  if (!Number.isFinite(low)) return [-0.5, 0.5];
  return [low - width / 2, high + width / 2];
}

/** Where a column of the heatmap lies: half-way to its neighbours, but never wider than usual. */
export function columnEdges(steps: ArrayLike<number>, index: number, width: number): Domain {
  const here = steps[index]!;
  const before = index > 0 ? here - steps[index - 1]! : width;
  const after = index + 1 < steps.length ? steps[index + 1]! - here : width;
  return [here - Math.min(before, width) / 2, here + Math.min(after, width) / 2];
}

/** `zoom` kept within `whole` and at least one step wide; null if it is all of it anyway. */
export function clampZoom(zoom: Domain, whole: Domain): Domain | null {
  const low = Math.max(whole[0], Math.min(zoom[0], zoom[1]));
  const high = Math.min(whole[1], Math.max(zoom[0], zoom[1]));
  if (high <= low || (low <= whole[0] && high >= whole[1])) return null;
  const room = Math.max(0, 1 - (high - low)) / 2;
  return [low - room, high + room];
}
