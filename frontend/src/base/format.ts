// Numbers as people read them in text; those of an axis are in labels.ts.

const MISSING = "–";

interface Style {
  readonly style?: "percent";
  readonly signDisplay?: "exceptZero" | "negative";
  readonly minimumFractionDigits?: number;
  readonly maximumFractionDigits?: number;
  readonly maximumSignificantDigits?: number;
}

const formatters = new Map<string, Intl.NumberFormat>();

/** To make a formatter takes a hundred times as long as to use it. */
function write(value: number, style: Style): string {
  const key = JSON.stringify(style);
  let formatter = formatters.get(key);
  if (!formatter) {
    // The sign is that of the rounded number: no "-0.000".
    formatter = new Intl.NumberFormat("en", { useGrouping: false, signDisplay: "negative", ...style });
    formatters.set(key, formatter);
  }
  return formatter.format(value).replace("-", "−");
}

function decimals(count: number): Style {
  return { minimumFractionDigits: count, maximumFractionDigits: count };
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** An intensity, with as many digits as its range makes worth reading. */
export function formatIntensity(value: number | null | undefined, span: number): string {
  return isNumber(value) ? write(value, intensityStyle(value, span)) : MISSING;
}

/** The same with its sign, which 0 has not. */
export function formatSigned(value: number | null | undefined, span: number): string {
  return isNumber(value) ? write(value, { ...intensityStyle(value, span), signDisplay: "exceptZero" }) : MISSING;
}

function intensityStyle(value: number, span: number): Style {
  const size = Math.max(span, Math.abs(value));
  return decimals(Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(size)))));
}

/** A share of values: 0 is 0%, and a little is never shown as nothing. */
export function formatShare(share: number | null | undefined): string {
  if (!isNumber(share)) return MISSING;
  if (share > 0 && share < 0.001) return "< 0.1%";
  if (share < 1 && share > 0.999) return "> 99.9%";
  return write(share, { style: "percent", ...decimals(share > 0 && share < 0.1 ? 1 : 0) });
}

/** A ratio as a percentage, "81%", or a multiple where it is one: "255×". */
export function formatPercent(ratio: number | null | undefined): string {
  if (!isNumber(ratio)) return MISSING;
  return ratio < 10 ? write(ratio, { style: "percent", ...decimals(0) }) : `${formatNumber(ratio)}×`;
}

/** A correlation, -1 to 1. */
export function formatCorrelation(value: number | null): string {
  return isNumber(value) ? write(value, decimals(2)) : MISSING;
}

/** A loss, or any other number of unknown size: four significant digits. */
export function formatNumber(value: number | null | undefined): string {
  if (!isNumber(value)) return MISSING;
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-4)) return typeset(value.toExponential(2));
  return write(value, { maximumSignificantDigits: 4 });
}

const COUNT = new Intl.NumberFormat("en");

export function formatCount(count: number, noun: string): string {
  return `${COUNT.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** Seconds as people say them, "45 s", "1 h 20 min"; long lists as a clock: "1 d 3:20:05". */
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

/** Plain text as it is printed: a true minus before a number, and no line break between a number and its sign. */
export function typeset(text: string): string {
  return text.replace(/(?<![\w.-])-(?=\d)|(?<=\de)-(?=\d)/g, "−").replace(/(?<=\d) (?=[%×])/g, "\u00a0");
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
