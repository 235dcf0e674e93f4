// What the numbers at the cursor say, in one sentence.

import { formatIntensity, formatPercent, formatShare } from "./format";

export interface Measured {
  readonly bias: number | null;
  readonly pixelRatio: number | null;
  readonly outside: number | null;
  readonly nonFinite: number | null;
  /** Width of the value range, in intensity units. */
  readonly span: number;
}

/** One of 256 grey levels: what an eye cannot see is not worth a word. */
const GREY_LEVELS = 255;

export function plainReading(measured: Measured): string {
  const { bias, pixelRatio, outside, nonFinite, span } = measured;
  if (nonFinite === 1) return "No output pixel is a finite number.";
  const parts: string[] = [];
  if (bias !== null) {
    const size = Math.abs(bias);
    parts.push(
      size < span / GREY_LEVELS
        ? "as bright as the reference"
        : `${formatIntensity(size, span)} ${bias < 0 ? "darker" : "brighter"} than the reference`,
    );
  }
  if (pixelRatio !== null) parts.push(`with ${formatPercent(pixelRatio)} of its variety`);
  let sentence = parts.length ? `Outputs are ${parts.join(", ")}.` : "";
  if (outside !== null && outside > 0)
    sentence += ` ${formatShare(outside)} of their pixels lie outside the value range.`;
  if (nonFinite !== null && nonFinite > 0)
    sentence += ` ${formatShare(nonFinite)} are not finite.`;
  return sentence.trim();
}
