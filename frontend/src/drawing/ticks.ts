// Where an axis has its numbers.

import type { Domain } from "../model/series";

/** Round numbers about `space` pixels apart; `least` is the smallest distance that makes sense. */
export function linearTicks([low, high]: Domain, pixels: number, space: number, least = 0): number[] {
  const rough = ((high - low) / Math.max(1, pixels)) * space;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!);
  return multiples(step, low, high);
}

/** Powers of ten, where there are few of them 2 and 5 times these, and within one of them round numbers. */
export function logTicks([low, high]: Domain, pixels: number, space: number): number[] {
  const ticks: number[] = [];
  const factors = high / low < 1e3 ? [1, 2, 5] : [1];
  const every = Math.ceil(Math.log10(high / low) / 8);
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    if (power % every === 0) ticks.push(...factors.map((factor) => factor * 10 ** power));
  const inside = ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  return inside.length > 2 ? inside : linearTicks([low, high], pixels, space);
}

// Times of day and durations are told no finer.
const MILLISECOND = 0.001;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIMES = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

/** Seconds on round times: minutes, hours, days; `offset` is that of the time zone. */
export function timeTicks([low, high]: Domain, pixels: number, space: number, offset = 0): number[] {
  const rough = ((high - low) / Math.max(1, pixels)) * space;
  if (rough < 1) return linearTicks([low, high], pixels, space, MILLISECOND);
  const step = TIMES.find((size) => size >= rough) ?? TIMES[TIMES.length - 1]!;
  return multiples(step, low + offset, high + offset).map((tick) => tick - offset);
}

/** Seconds since 1970 as the time of day here, and with the date where that turns. */
export function formatClock(seconds: number): string {
  const date = new Date(Math.round(seconds * 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = date.getMilliseconds() / 1000;
  const midnight = date.getHours() + date.getMinutes() + date.getSeconds() + fraction === 0;
  if (midnight) return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const second = two(date.getSeconds()) + String(fraction).slice(1);
  return second === "00" ? clock : `${clock}:${second}`;
}

function multiples(step: number, low: number, high: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  // A product has no error that grows, and the division none that shows: 0.3, not 0.30000000000000004.
  return Array.from({ length: count }, (_, i) => (step < 1 ? (first + i) / Math.round(1 / step) : (first + i) * step));
}
