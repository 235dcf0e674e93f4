// The numbers at the cursor as one sentence.

import { formatIntensity, formatPercent, formatShare } from "../base/format";

export interface Measured {
  readonly bias: number | null;
  /** Standard deviation of the baseline, in intensity units. */
  readonly referenceStd: number | null;
  readonly pixelSpreadRatio: number | null;
  readonly outside: number | null;
  readonly nonFinite: number | null;
  /** The name of the baseline: "the reference". */
  readonly baseline: string;
  /** Width of the value range, in intensity units. */
  readonly span: number;
}

/** A difference of less than one of 256 grey levels is not visible, so it is not mentioned. */
const GREY_LEVELS = 255;

export function plainReading({
  bias,
  referenceStd,
  pixelSpreadRatio,
  outside,
  nonFinite,
  baseline,
  span,
}: Measured): string {
  if (nonFinite === 1) return "No output pixel is a finite number.";
  const parts: string[] = [];
  if (bias !== null) {
    const size = Math.abs(bias);
    const part = referenceStd ? fraction(size / referenceStd) : "";
    parts.push(
      size < span / GREY_LEVELS
        ? `Outputs are as bright as ${baseline}`
        : `Outputs are ${formatIntensity(size, span)} ${bias < 0 ? "darker" : "brighter"} than ${baseline}${part && `, ${part} its spread`}`,
    );
  }
  const spread = pixelSpreadRatio === null ? "" : `${formatPercent(pixelSpreadRatio)} of the reference's pixel spread`;
  if (spread) parts.push(bias === null ? `Outputs have ${spread}` : `with ${spread}`);
  let sentence = parts.length ? `${parts.join(", ")}.` : "";
  if (outside !== null && outside > 0)
    sentence += ` ${formatShare(outside)} of their pixels lie outside the value range.`;
  if (nonFinite !== null && nonFinite > 0) sentence += ` ${formatShare(nonFinite)} are not finite.`;
  return sentence.trim();
}

const FRACTIONS: readonly (readonly [upTo: number, words: string])[] = [
  [0.07, ""],
  [0.15, "a tenth of"],
  [0.29, "a fifth of"],
  [0.42, "a third of"],
  [0.58, "half of"],
  [0.72, "two thirds of"],
  [0.87, "four fifths of"],
  [1.25, "as much as"],
];

/** A ratio as people say it: "a third of", "3 times". */
export function fraction(ratio: number): string {
  return FRACTIONS.find(([upTo]) => ratio <= upTo)?.[1] ?? `${Number(ratio.toPrecision(2))} times`;
}
