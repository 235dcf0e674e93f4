// What the page knows of trainings: the types that everything past wire.ts works with.

export interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly source: "declared" | "dtype" | "data";
}

export interface Stream {
  readonly name: string;
  readonly paired: boolean;
  readonly valueRange: ValueRange;
  /** Names of the rows of every histogram; the first is "all". */
  readonly channels: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly bins: number;
  readonly referenceCount: number;
  readonly referenceHash: string;
  readonly lastStep: number;
}

export interface Curve {
  readonly run: string;
  readonly tag: string;
  readonly name: string;
  readonly split: "train" | "validation";
  readonly primary: boolean;
}

export interface Training {
  readonly name: string;
  readonly run: string;
  readonly streams: readonly Stream[];
  readonly curves: readonly Curve[];
  readonly notes: readonly string[];
}

/** The stream that stands for a training: what it makes of images that it was not trained on. */
export function mainStream({ streams }: Training): Stream | undefined {
  return streams.find(({ name }) => name === "validation") ?? streams[0];
}

/** Values by step; null where a value is not finite. */
export interface Series {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface ScoreSeries extends Series {
  readonly stream: string;
  readonly statistic: string;
  /** Empty for the headline number. */
  readonly channel: string;
}

export interface CurveSeries extends Series {
  readonly curve: Curve;
}

export interface Scalars {
  readonly scores: readonly ScoreSeries[];
  readonly curves: readonly CurveSeries[];
}

export type Quantity = "mean_pixels" | "contrasts" | "pixels";
export type Counts = Uint16Array | Uint32Array | Float64Array;

/** Histograms of one side of a stream by step, for all channels. */
export interface Histograms {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  readonly rows: number;
  readonly steps: readonly number[];
  readonly quantiles: readonly number[];
  /** Steps x rows x cells: underflow, bins, overflow, NaN, +Inf, -Inf. */
  readonly cells: Counts;
  readonly cellsPerRow: number;
  readonly mean: Float32Array;
  readonly std: Float32Array;
  readonly quantileValues: Float32Array;
}

export interface HistogramPair {
  readonly output: Histograms;
  readonly reference: Histograms | null;
  readonly notes: readonly string[];
}
