// The scores: names, words and formats, in one place.

import {
  formatCorrelation,
  formatIntensity,
  formatNumber,
  formatPercent,
  formatShare,
  formatSigned,
} from "../base/format";
import type { Unit } from "../base/labels";
import type { ValueAxis } from "./value_zoom";

export interface Score {
  readonly name: string;
  /** In a legend. */
  readonly label: string;
  /** In the table of numbers. */
  readonly title: string;
  readonly help: string;
  readonly format: (value: number | null, span: number) => string;
  readonly dashed?: boolean;
  /** Compares with the reference, whatever the baseline is. */
  readonly ofReference?: boolean;
}

export interface ScoreGroup {
  readonly title: string;
  readonly axis: ValueAxis;
  readonly scores: readonly Score[];
  /** The end of the title, which names the baseline. */
  readonly suffix?: (baseline: string) => string;
  /** The value of a perfect output. */
  readonly ideal: number;
  /** The kind of the numbers of its axis. */
  readonly unit: Unit;
  /** Worth its place on the page only when something is wrong. */
  readonly onlyWhenNonZero?: boolean;
}

export const DISTANCE: ScoreGroup = {
  title: "Drift",
  axis: "drift",
  suffix: (baseline) => ` from ${baseline}`,
  ideal: 0,
  unit: "number",
  scores: [
    {
      name: "drift",
      label: "drift",
      title: "Drift",
      help: "Wasserstein distance between the outputs' pixels and the baseline's, in intensity units; the worst channel where there are several",
      format: formatIntensity,
    },
    {
      name: "bias",
      label: "bias",
      title: "Bias",
      help: "Mean of the outputs minus mean of the baseline: below 0 is darker",
      format: formatSigned,
      dashed: true,
    },
  ],
};

export const SPREAD: ScoreGroup = {
  title: "Spread",
  axis: "spread",
  suffix: (baseline) => ` compared with ${baseline}`,
  ideal: 1,
  unit: "ratio",
  scores: [
    {
      name: "pixel_spread_ratio",
      ofReference: true,
      label: "pixel spread",
      title: "Pixel spread",
      help: "How much a pixel varies from image to image, in % of the reference; near 0 when all outputs are the same image",
      format: formatPercent,
    },
    {
      name: "contrast_ratio",
      label: "contrast",
      title: "Contrast",
      help: "How much the pixels inside an image vary, in % of the baseline; near 0 when outputs are flat",
      format: formatPercent,
    },
    {
      name: "brightness_spread_ratio",
      label: "brightness spread",
      title: "Brightness spread",
      help: "How much the images' mean pixels vary, in % of the baseline",
      format: formatPercent,
    },
  ],
};

export const OUTSIDE: ScoreGroup = {
  title: "Pixels outside the range",
  axis: "outside",
  ideal: 0,
  unit: "share",
  onlyWhenNonZero: true,
  scores: [
    {
      name: "below_range",
      label: "below",
      title: "Below the range",
      help: "Share of output pixels below the value range",
      format: formatShare,
    },
    {
      name: "above_range",
      label: "above",
      title: "Above the range",
      help: "Share of output pixels above the value range",
      format: formatShare,
    },
    {
      name: "non_finite",
      label: "not finite",
      title: "Not finite",
      help: "Share of output pixels that are NaN or infinite",
      format: formatShare,
    },
  ],
};

/** Rows of the table of numbers that are always there, the most important first. */
export const NUMBERS: readonly Score[] = [
  { name: "output_mean", label: "", title: "Mean of the outputs", help: "", format: formatIntensity },
  { name: "reference_mean", label: "", title: "Mean of the reference", help: "", format: formatIntensity },
  DISTANCE.scores[1]!,
  DISTANCE.scores[0]!,
  ...SPREAD.scores,
  number(
    "image_correlation",
    "Image correlation",
    "Whether each output has the structure of its own reference, -1 to 1: the correlation of 8 x 8 block means",
    formatCorrelation,
  ),
  ...OUTSIDE.scores,
];

/** The rest of them, folded up. A score that is not recorded is no row. */
export const MORE_NUMBERS: readonly Score[] = [
  number("color_cast", "Colour cast", "The greatest bias of a channel minus the least", formatIntensity),
  number("chroma_ratio", "Chroma", "How colourful the outputs are, in % of the reference", formatPercent),
  number(
    "sharpness",
    "Sharpness",
    "Differences of neighbouring pixels, in % of the reference: blur is low",
    formatPercent,
  ),
  number("pattern", "Checkerboard", "A regular pattern of 2 x 2 pixels, in grey levels of 255", formatNumber),
  number("correlation", "Correlation of means", "Of paired image means, -1 to 1", formatCorrelation),
  number("pixel_correlation", "Pixel correlation", "As the image correlation, over single pixels", formatCorrelation),
  number(
    "output_slope",
    "Slope",
    "Of output pixels on reference pixels: 1 is exact, 0 has nothing of them",
    formatCorrelation,
  ),
  number("excess_below", "Depth below the range", "Mean over all pixels", formatIntensity),
  number("excess_above", "Depth above the range", "Mean over all pixels", formatIntensity),
  number("at_low", "At the lower limit", "Share of output pixels at the lower limit of the range", formatShare),
  number("at_high", "At the upper limit", "Share of output pixels at the upper limit of the range", formatShare),
  number("bad_images", "Bad images", "Share of outputs that are flat, black, white or wrapped round", formatShare),
  number("repeats", "Repeats", "How many outputs look like another one", formatNumber),
  number("different_images", "Different images", "How many different outputs there seem to be", formatNumber),
  number(
    "smallest_bias",
    "Smallest visible bias",
    "A smaller bias could not be seen with so few images",
    formatIntensity,
  ),
];

function number(name: string, title: string, help: string, format: Score["format"]): Score {
  return { name, label: "", title, help, format };
}
