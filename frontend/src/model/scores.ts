// What the scores are: names, words and formats, in one place.

import { formatCorrelation, formatIntensity, formatPercent, formatPercentTick, formatShare, formatShareTick, formatSigned, formatTick } from "../base/format";
import type { ValueAxis } from "./value_zoom";

export interface Statistic {
  readonly name: string;
  /** In a legend. */
  readonly label: string;
  /** In the table of numbers. */
  readonly title: string;
  readonly help: string;
  readonly format: (value: number | null, span: number) => string;
  readonly dashed?: boolean;
  /** Is always of the reference, whatever the baseline. */
  readonly ofReference?: boolean;
}

export interface Group {
  readonly title: string;
  readonly axis: ValueAxis;
  readonly statistics: readonly Statistic[];
  /** What the title says of the baseline. */
  readonly suffix?: (baseline: string) => string;
  /** What a perfect output would have. */
  readonly ideal: number;
  readonly formatAxis: (value: number, step: number) => string;
  /** Worth its place on the page only when something is wrong. */
  readonly onlyWhenNonZero?: boolean;
}

export const DISTANCE: Group = {
  title: "Drift",
  axis: "drift",
  suffix: (baseline) => ` from ${baseline}`,
  ideal: 0,
  formatAxis: formatTick,
  statistics: [
    {
      name: "drift",
      label: "drift",
      title: "Drift",
      help: "Wasserstein distance between the outputs' pixels and the baseline's, in intensity units; of several channels the worst",
      format: formatIntensity,
    },
    {
      name: "bias",
      label: "bias",
      title: "Bias",
      help: "Mean of the outputs less mean of the baseline: below 0 is darker",
      format: formatSigned,
      dashed: true,
    },
  ],
};

export const SPREAD: Group = {
  title: "Spread",
  axis: "spread",
  suffix: (baseline) => ` of the outputs, by that of ${baseline}`,
  ideal: 1,
  formatAxis: formatPercentTick,
  statistics: [
    {
      name: "pixel_spread_ratio",
      ofReference: true,
      label: "variety",
      title: "Variety",
      help: "How much a pixel varies from image to image, of the reference's; near 0 when all outputs are the same image",
      format: formatPercent,
    },
    {
      name: "contrast_ratio",
      label: "contrast",
      title: "Contrast",
      help: "How much the pixels inside an image vary, of the baseline's; near 0 when outputs are flat",
      format: formatPercent,
    },
    {
      name: "brightness_spread_ratio",
      label: "brightness",
      title: "Brightness spread",
      help: "How much the images' mean pixels vary, of the baseline's",
      format: formatPercent,
    },
  ],
};

export const OUTSIDE: Group = {
  title: "Pixels outside the range",
  axis: "outside",
  ideal: 0,
  formatAxis: formatShareTick,
  onlyWhenNonZero: true,
  statistics: [
    { name: "below_range", label: "below", title: "Below the range", help: "Share of output pixels below the value range", format: formatShare },
    { name: "above_range", label: "above", title: "Above the range", help: "Share of output pixels above the value range", format: formatShare },
    { name: "non_finite", label: "not finite", title: "Not finite", help: "Share of output pixels that are NaN or infinite", format: formatShare },
  ],
};

/** Rows of the table of numbers, in the order in which one asks. */
export const NUMBERS: readonly Statistic[] = [
  { name: "output_mean", label: "", title: "Mean of the outputs", help: "", format: formatIntensity },
  { name: "reference_mean", label: "", title: "Mean of the reference", help: "", format: formatIntensity },
  DISTANCE.statistics[1]!,
  DISTANCE.statistics[0]!,
  ...SPREAD.statistics,
  { name: "color_cast", label: "", title: "Colour cast", help: "The greatest bias of a channel less the least", format: formatIntensity },
  { name: "correlation", label: "", title: "Correlation", help: "Of paired image means, -1 to 1", format: (value) => formatCorrelation(value) },
  ...OUTSIDE.statistics,
];
