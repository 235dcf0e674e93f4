// The horizontal axis: epochs, hours since the start, or the time of day.

import { nearestIndex, type Domain } from "./series";

export type AxisKind = "step" | "relative" | "wall";

export interface StepAxis {
  readonly kind: AxisKind;
  /** Where an epoch lies: the epoch itself, or seconds. */
  toX(step: number): number;
  toStep(x: number): number;
}

const BY_STEP: StepAxis = { kind: "step", toX: (step) => step, toStep: (x) => x };

/** Times between recorded epochs are taken as even; past the ends they go on at the mean pace. */
export function stepAxis(
  kind: AxisKind,
  steps: readonly number[],
  wallTimes: readonly number[],
): StepAxis {
  const first = wallTimes[0] ?? 0;
  // An epoch that was written anew, after a crash, does not turn time around.
  const times: number[] = [];
  for (const time of wallTimes)
    times.push(Math.max(time - (kind === "relative" ? first : 0), times[times.length - 1] ?? -Infinity));
  const last = steps.length - 1;
  if (kind === "step" || last < 1 || times[last] === times[0]) return BY_STEP;
  const pace = (times[last]! - times[0]!) / (steps[last]! - steps[0]!);
  return {
    kind,
    toX: (step) => interpolate(steps, times, step, pace),
    toStep: (x) => interpolate(times, steps, x, 1 / pace),
  };
}

function interpolate(from: readonly number[], to: readonly number[], at: number, slope: number): number {
  const last = from.length - 1;
  if (at <= from[0]!) return to[0]! + (at - from[0]!) * slope;
  if (at >= from[last]!) return to[last]! + (at - from[last]!) * slope;
  const near = nearestIndex(from, at);
  const left = from[near]! > at ? near - 1 : near;
  const width = from[left + 1]! - from[left]!;
  return to[left]! + (width ? ((at - from[left]!) / width) * (to[left + 1]! - to[left]!) : 0);
}

/** `zoom` kept within `whole` and at least one epoch wide; null if it is all of it anyway. */
export function clampZoom(zoom: Domain, whole: Domain): Domain | null {
  const low = Math.max(whole[0], Math.min(zoom[0], zoom[1]));
  const high = Math.min(whole[1], Math.max(zoom[0], zoom[1]));
  if (high <= low || (low <= whole[0] && high >= whole[1])) return null;
  const room = Math.max(0, 1 - (high - low)) / 2;
  return [low - room, high + room];
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** Seconds as people say them, "45 s", "1 h 20 min", and as a clock what would be a long list: "1 d 3:20:05". */
export function formatDuration(seconds: number): string {
  let rest = Number(Math.abs(seconds).toFixed(3));
  const counts = UNITS.map(([unit]) => {
    const count = unit === 1 ? Number(rest.toFixed(3)) : Math.floor(rest / unit);
    rest -= count * unit;
    return count;
  });
  const words = UNITS.flatMap(([, name], index) => (counts[index] ? [`${counts[index]} ${name}`] : []));
  const [days, hours, minutes = 0, last = 0] = counts;
  const two = (count: number): string => (count < 10 ? `0${count}` : String(count));
  const clock = [hours, two(minutes), ...(last ? [two(last)] : [])].join(":");
  const text = words.length > 2 ? `${days ? `${days} d ` : ""}${clock}` : words.join(" ") || "0 s";
  return (seconds < 0 ? "−" : "") + text;
}
