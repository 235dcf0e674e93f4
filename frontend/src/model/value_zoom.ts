// Zoom of the axis of values, as pure functions: a spike must not flatten all the rest.

import type { Domain } from "./series";

/** Charts whose values can be zoomed; those of the comparison are in the plural. */
export const VALUE_AXES = [
  "mean_pixels",
  "contrasts",
  "pixels",
  "drift",
  "loss",
  "spread",
  "outside",
  "drifts",
  "losses",
  "spreads",
] as const;
export type ValueAxis = (typeof VALUE_AXES)[number];

export type ValueZooms = ReadonlyMap<ValueAxis, Domain>;

/** The narrowest zoom, as a share of the values. */
const MIN_ZOOM = 1e-4;

export function withValues(zooms: ValueZooms, axis: ValueAxis, zoom: Domain | null): ValueZooms {
  const next = new Map(zooms);
  if (zoom) next.set(axis, zoom);
  else next.delete(axis);
  return next;
}

/** `zoom` kept within `whole`; null if it is all of it anyway. */
export function clampValues([low, high]: Domain, whole: Domain): Domain | null {
  const size = Math.max(Math.abs(whole[0]), Math.abs(whole[1]));
  const slack = 1e-9 * size; // zooming in and out again leaves rounding errors
  const [from, to] = [Math.max(low, whole[0]), Math.min(high, whole[1])];
  if (to <= from || (from <= whole[0] + slack && to >= whole[1] - slack)) return null;
  return [from, Math.max(to, from + MIN_ZOOM * Math.abs(from))];
}

/** Limits of the values that are shown; a logarithmic axis has no place for 0 and below. */
export function shownLimits(zoom: Domain | null | undefined, whole: Domain, log: boolean): Domain {
  if (!zoom) return whole;
  const low = log && zoom[0] <= 0 ? whole[0] : zoom[0];
  return low < zoom[1] ? [low, zoom[1]] : whole;
}

/** A chart's limits as a line of a link each, "loss 0.1 0.4", and back. */
export function formatValues(zooms: ValueZooms): string | null {
  return zooms.size ? [...zooms].map(([axis, limits]) => [axis, ...rounded(limits)].join(" ")).join("\n") : null;
}

/** With as many digits as tell the limits apart to a pixel. */
function rounded([low, high]: Domain): number[] {
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low))) + 3;
  return [low, high].map((value) => Number(value.toPrecision(Math.min(digits, 15))));
}

export function parseValues(text: string | undefined): ValueZooms {
  return new Map(
    (text ?? "").split("\n").flatMap((line): [ValueAxis, Domain][] => {
      const [name, ...numbers] = line.split(" ");
      const axis = VALUE_AXES.find((known) => known === name);
      const [low = NaN, high = NaN] = numbers.map(Number);
      return axis && low < high && Number.isFinite(high - low) ? [[axis, [low, high]]] : [];
    }),
  );
}
