// Where the axes of a chart have their numbers, and how they are painted.

import { tickStep, ticks } from "d3-array";
import { scaleLog, scaleTime, scaleUtc } from "d3-scale";
import { timeFormat } from "d3-time-format";
import { formatDuration } from "../base/format";
import { axisLabels, type Labels, textWidth, type Unit } from "../base/labels";
import type { Domain } from "../model/series";
import type { Pen, Point } from "./pen";
import type { Layout, Plot, PlotFrame } from "./plot";

/** From one number of an axis to the next, at least. */
const X_SPACE = 45;
const Y_SPACE = 30;
/** A low chart has at least two numbers too, as steps are at most 2.5 times as long as asked for. */
const MIN_PARTS = 5;
/** Between the numbers of the vertical axis and the plot. */
const GAP = 6;
/** Between two numbers of the horizontal axis. */
const TEXT_GAP = 5;

/** Round numbers at least `space` pixels apart. */
export function linearTicks([low, high]: Domain, pixels: number, space: number): number[] {
  if (!(high > low)) return [low];
  let count = Math.max(1, Math.ceil(pixels / space));
  const isTooClose = (): boolean => tickStep(low, high, count) * pixels < 0.999 * space * (high - low);
  while (count > 1 && isTooClose()) count--;
  return ticks(low, high, count);
}

/** Powers of ten, as many of their multiples as there is room for, and within few of them round numbers. */
export function logTicks(domain: Domain, pixels: number, space: number): number[] {
  const count = pixels / space;
  const scale = scaleLog(domain, [0, pixels]);
  // d3 draws all multiples, and has an empty text for those without room for a number.
  const isNumbered = scale.tickFormat(count, "e");
  const numbered = scale.ticks(count).filter((tick) => isNumbered(tick));
  return numbered.length > 1 ? numbered : linearTicks(domain, pixels, space);
}

const DAY = 86400;

/** Seconds on round times, some `count` of them: minutes, hours, days; times of the day are those of this place. */
function timeTicks(kind: "relative" | "wall", [low, high]: Domain, count: number): number[] {
  // Days of a month are round as dates, not as durations.
  if (kind === "relative" && (high - low) / count > DAY / 2)
    return linearTicks([low / DAY, high / DAY], count, 1)
      .filter(Number.isInteger)
      .map((day) => day * DAY);
  const scale = (kind === "wall" ? scaleTime : scaleUtc)([low * 1000, high * 1000], [0, 1]);
  return scale.ticks(count).map((time) => time.getTime() / 1000);
}

/** As many times as there is room for. */
export function timeAxis(kind: "relative" | "wall", domain: Domain, pixels: number): Axis {
  let axis: Axis = { ticks: [], labels: { texts: [], base: "" } };
  // Round times are further apart than these counts are.
  for (let count = Math.ceil(pixels / X_SPACE); count > 0; count = Math.floor(0.8 * count)) {
    const times = timeTicks(kind, domain, count);
    if (times.length < 2 && axis.ticks.length) break;
    if (times.length === axis.ticks.length) continue; // the same times
    const texts = kind === "wall" ? clockLabels(times) : times.map(formatDuration);
    axis = { ticks: times, labels: { texts, base: "" } };
    const space = ((times[times.length - 1]! - times[0]!) / (times.length - 1) / (domain[1] - domain[0])) * pixels;
    if (texts.every((text) => textWidth(text) + TEXT_GAP <= space)) break;
  }
  return axis;
}

const toDate = timeFormat("%Y-%m-%d");
const toDay = timeFormat("%b %-d");
const toMinute = timeFormat("%H:%M");
const toSecond = timeFormat("%H:%M:%S");
const toMillisecond = timeFormat("%H:%M:%S.%L");

/** Seconds since 1970 as the time of day here, and as the date where that turns. */
export function clockLabels(seconds: readonly number[]): string[] {
  const times = seconds.map((second) => new Date(Math.round(second * 1000)));
  // Two days have the same noon, and two years the same day.
  const dates = inFullIfRepeated(times.filter(isMidnight), toDay, toDate);
  const clocks = inFullIfRepeated(
    times.filter((time) => !isMidnight(time)),
    toClock,
    (time) => `${toDay(time)} ${toClock(time)}`,
  );
  const texts = times.map((time) => (isMidnight(time) ? dates : clocks)(time));
  // An hour comes twice where summer time ends.
  return texts.map((text, index) => (texts.indexOf(text) === index ? text : ""));
}

type Write = (time: Date) => string;

function inFullIfRepeated(times: readonly Date[], short: Write, full: Write): Write {
  return new Set(times.map(short)).size < times.length ? full : short;
}

function toClock(time: Date): string {
  if (time.getMilliseconds()) return toMillisecond(time).replace(/0+$/, "");
  return time.getSeconds() ? toSecond(time) : toMinute(time);
}

function isMidnight(time: Date): boolean {
  return time.getHours() + time.getMinutes() + time.getSeconds() + time.getMilliseconds() === 0;
}

export interface Axis {
  readonly ticks: readonly number[];
  readonly labels: Labels;
}

export function horizontalAxis({ kind = "step", domain, numbered }: Plot, { width }: PlotFrame, room: number): Axis {
  if (kind === "relative" || kind === "wall") return timeAxis(kind, domain, width);
  return axis(linearTicks(domain, width, X_SPACE), kind, room, numbered?.x);
}

export function verticalAxis(
  { log, unit = "number", numbered }: Plot,
  { range, height }: PlotFrame,
  room: number,
): Axis {
  const space = Math.min(Y_SPACE, height / MIN_PARTS);
  return axis((log ? logTicks : linearTicks)(range, height, space), unit, room, numbered?.y);
}

function axis(all: readonly number[], unit: Unit, room: number, part: Domain = [-Infinity, Infinity]): Axis {
  const inside = all.filter(
    (tick) => tick >= part[0] && tick <= part[1] && (unit !== "step" || Number.isInteger(tick)),
  );
  return { ticks: inside, labels: axisLabels(inside, unit, room) };
}

export function paintAxes(pen: Pen, frame: PlotFrame, plot: Plot, { ink, grid, marginRight }: Layout): void {
  const { left, top, width, height } = frame;
  const across = horizontalAxis(plot, frame, left - GAP);
  const up = verticalAxis(plot, frame, left - GAP);
  const columns = across.ticks.map((tick) => Math.round(frame.x(tick)) + 0.5);
  const rows = up.ticks.map((tick) => Math.round(frame.y(tick)) + 0.5);
  const lines = [
    ...columns.map((x): Point[] => [
      [x, top],
      [x, top + height + 3],
    ]),
    ...rows.map((y): Point[] => [
      [left - 3, y],
      [left + width, y],
    ]),
  ];
  pen.paths(lines, { stroke: grid });
  const caption = plot.caption ?? "";
  const captionAt = left + width + marginRight / 2;
  const under = top + height + 15;
  const end = caption ? captionAt - halfWidth(caption) : Infinity;
  // Texts never run into each other: a number without room for it is left out.
  let taken = across.labels.base ? 2 * halfWidth(across.labels.base) : -Infinity;
  columns.forEach((x, index) => {
    const text = across.labels.texts[index]!;
    const half = halfWidth(text);
    if (!text || x - half < taken || x + half > end) return;
    pen.text(text, [x, under], ink, "middle");
    taken = x + half;
  });
  if (across.labels.base) pen.text(across.labels.base, [GAP / 2, under], ink, "start");
  if (caption) pen.text(caption, [captionAt, under], ink, "middle");
  rows.forEach((y, index) => pen.text(up.labels.texts[index]!, [left - GAP, y + 3.5], ink, "end"));
  if (up.labels.base) pen.text(up.labels.base, [left + GAP / 2, top + 9], ink, "start");
}

/** Half of the room that a text takes, with the gap to the next one. */
function halfWidth(text: string): number {
  return (textWidth(text) + TEXT_GAP) / 2;
}
