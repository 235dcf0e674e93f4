// Numbers as people read them.

const MISSING = "–";

/** An intensity, with as many digits as its range makes worth reading. */
export function formatIntensity(value: number | null | undefined, span: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  const size = Math.max(span, Math.abs(value));
  const digits = Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(size))));
  return typeset(value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1"));
}

export function formatSigned(value: number | null | undefined, span: number): string {
  const text = formatIntensity(value, span);
  return /[1-9]/.test(text) && !text.startsWith("−") ? `+${text}` : text;
}

/** A share of values: 0 is 0 %, and a little is never shown as nothing. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  if (share === 0) return typeset("0 %");
  if (share < 0.001) return typeset("< 0.1 %");
  if (share < 1 && share > 0.999) return typeset("> 99.9 %");
  return typeset(`${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);
}

/** A ratio as a percentage, "81 %", or a multiple where it is one: "255 ×". */
export function formatPercent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return MISSING;
  return ratio < 10 ? typeset(`${Math.round(ratio * 100)} %`) : typeset(`${formatNumber(ratio)} ×`);
}

/** A correlation, -1 to 1. */
export function formatCorrelation(value: number | null): string {
  return value === null ? MISSING : typeset(value.toFixed(2));
}

/** A loss, or any other number of unknown size: four significant digits. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return typeset(value.toExponential(2));
  return typeset(String(Number(value.toPrecision(4))));
}

/** An axis has room for no more. */
const MOST_DIGITS = 6;

/** The same on an axis, with as many digits as tell it from its neighbour `step` away. */
export function formatTick(value: number, step: number): string {
  const digits = value && step ? Math.ceil(Math.log10(Math.abs(value) / step)) + 1 : 0;
  return digits > 4 ? typeset(String(Number(value.toPrecision(Math.min(digits, MOST_DIGITS))))) : formatNumber(value);
}

export function formatShareTick(share: number, step: number): string {
  return typeset(`${formatTick(share * 100, step * 100)} %`);
}

/** A ratio on an axis. */
export function formatPercentTick(ratio: number, step: number): string {
  return ratio < 10 ? formatShareTick(ratio, step) : typeset(`${formatTick(ratio, step)} ×`);
}

export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Plain text as it is printed: a true minus before a number, and no line break between it and its sign. */
export function typeset(text: string): string {
  return text.replace(/(?<![\w.-])-(?=\d)|(?<=\de)-(?=\d)/g, "−").replace(/(?<=\d) (?=[%×])/g, "\u00a0");
}
