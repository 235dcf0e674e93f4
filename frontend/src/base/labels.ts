// The numbers of an axis, written together: no two of them read the same, and each has room.

import { format, precisionFixed, precisionRound } from "d3-format";
import { typeset } from "./format";

/** The kind of an axis' numbers: plain ones, shares of a whole, ratios to another number, or whole steps. */
export type Unit = "number" | "share" | "ratio" | "step";

export interface Labels {
  readonly texts: readonly string[];
  /** Where the numbers would be too long: a number to add to each of them. Almost always "". */
  readonly base: string;
}

/** From here on a ratio is a multiple. */
const MULTIPLE = 10;
/** Smaller differences of shares have no room as percentages. */
const MIN_SHARE = 1e-10;
/** A number is written with an exponent where that saves more characters than this. */
const WORTH_AN_EXPONENT = 2;
/** A floating point number has no more. */
const MAX_DIGITS = 15;
const MAX_DECIMALS = 20;

/** Ascending numbers in at most `room` CSS pixels each. */
export function axisLabels(ticks: readonly number[], unit: Unit, room: number): Labels {
  if (unit === "step") return { texts: ticks.map((tick) => typeset(String(tick))), base: "" };
  if (unit === "number" || precisionOf(ticks) < MIN_SHARE) return labels(ticks, "", room);
  const isMultiple = unit === "ratio" && ticks.some((tick) => Math.abs(tick) >= MULTIPLE);
  return isMultiple
    ? labels(ticks, "×", room)
    : labels(
        ticks.map((tick) => tick * 100),
        "%",
        room,
      );
}

function labels(values: readonly number[], suffix: string, room: number): Labels {
  const fits = (texts: readonly string[]): boolean => texts.every((text) => textWidth(text + suffix) <= room);
  const finish = (texts: readonly string[], base = ""): Labels => ({ texts: texts.map((text) => text + suffix), base });
  const step = precisionOf(values);
  const whole = written(values, step, fits);
  if (fits(whole) || values.length < 2) return finish(whole);
  // Long numbers that differ in their last digits: the differences, and once the number they are added to.
  const [first = 0] = values;
  const unit = Number(step.toPrecision(1));
  const rest = values.map((value) => Math.round((value - first) / unit) * unit);
  return finish(written(rest, unit, fits), `${whole[0]}${suffix} +`);
}

/** All of them in the same way: in full, or those that are very large or small with exponents. */
function written(values: readonly number[], step: number, fits: (texts: readonly string[]) => boolean): string[] {
  const most = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  const digits = Math.min(MAX_DIGITS, precisionRound(step, most + 2 * step));
  const full = texts(values, format(`.${Math.min(MAX_DECIMALS, precisionFixed(step))}~f`));
  const significant = format(`.${digits}~r`);
  const scientific = format(`.${digits - 1}~e`);
  const short = texts(values, (value) => (isHandy(value) ? significant : scientific)(value).replace("e+", "e"));
  const saved = longest(full) - longest(short);
  return saved > WORTH_AN_EXPONENT || (saved > 0 && !fits(full)) ? short : full;
}

/** Not so large or small that it needs an exponent. */
function isHandy(value: number): boolean {
  return value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4);
}

function texts(values: readonly number[], write: (value: number) => string): string[] {
  return values.map((value) => typeset(write(value)));
}

function longest(all: readonly string[]): number {
  return all.reduce((most, { length }) => Math.max(most, length), 0);
}

/** The least that tells the numbers from each other and from 0. */
function precisionOf(values: readonly number[]): number {
  if (values.length < 2) return Math.abs(values[0] ?? 0) / 1000 || 1;
  const distances = values.slice(1).map((value, index) => value - values[index]!);
  return Math.min(...distances, ...values.map(Math.abs).filter(Boolean));
}

const FONT_SIZE = 11;
// Widths in a wide font, as shares of its size: a file has no way to measure a text.
const WIDTHS: Readonly<Record<string, number>> = {
  ...Object.fromEntries([..."0123456789"].map((digit) => [digit, 0.62])),
  ...Object.fromEntries([...".,:; \u00a0"].map((mark) => [mark, 0.33])),
  ...Object.fromEntries([..."−+×%"].map((sign) => [sign, 0.9])),
};
const LETTER = 0.56;

/** About how wide a text of an axis is, in CSS pixels. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDTHS[character] ?? LETTER;
  return width * FONT_SIZE;
}
