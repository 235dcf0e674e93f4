// What the page knows of runs: the types that everything past server/decode.ts works with.

export interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly source: "declared" | "dtype" | "data";
}

/** The first and the last recorded step, and how many there are. */
export interface Steps {
  readonly first: number;
  readonly last: number;
  /** Fewer than recorded where TensorBoard was told to downsample them. */
  readonly loaded: number;
  readonly recorded: number;
}

export type StepUnit = "epoch" | "step" | "image";

export interface Stream {
  readonly name: string;
  readonly paired: boolean;
  readonly valueRange: ValueRange;
  /** Names of the channels; the first is "all", all of them together. */
  readonly channels: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly bins: number;
  readonly referenceCount: number;
  readonly referenceHash: string;
  /** What its steps count. */
  readonly unit: StepUnit;
  readonly steps: Steps;
  /** The curve that is the loss of the stream; null where there is none. */
  readonly loss: Pick<Curve, "eventDirectory" | "tag"> | null;
  /** So many outputs of each step are kept to be looked at. */
  readonly samples: number;
  readonly hasMeanImages: boolean;
}

export type Split = "train" | "validation";

export interface Curve {
  readonly eventDirectory: string;
  readonly tag: string;
  readonly name: string;
  readonly split: Split;
  readonly primary: boolean;
}

export interface Run {
  readonly name: string;
  readonly eventDirectory: string;
  /** Another one as soon as anything of the run is another. */
  readonly revision: string;
  readonly streams: readonly Stream[];
  readonly curves: readonly Curve[];
  readonly notes: readonly string[];
}

/** What an experiment holds. */
export interface Catalog {
  readonly runs: readonly Run[];
  /** All that TensorBoard has, in its order. */
  readonly eventDirectories: readonly string[];
  /** Sentences on event directories that could not be read. */
  readonly notes: readonly string[];
}

/** The stream that stands for a run: the first one, of images that it was not trained on. */
export function mainStream({ streams }: Run): Stream | undefined {
  return streams[0];
}

/** How far the value range of a stream's images reaches. */
export function spanOf({ valueRange: { low, high } }: Stream): number {
  return high - low;
}

/** Whether a run's main stream has a channel; that of all together, "", each has. */
export function hasChannel(run: Run, channel: string): boolean {
  return !channel || !!mainStream(run)?.channels.includes(channel);
}

/** Values by step; NaN where a value is not finite. */
export interface Series {
  readonly steps: ArrayLike<number>;
  /** Seconds since 1970. */
  readonly wallTimes: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface ScoreSeries extends Series {
  readonly stream: string;
  readonly name: string;
  /** Empty for all channels together. */
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

/** Of the images' own values, of bins, or of each at some steps. */
export type QuantileSource = "recorded" | "binned" | "mixed";

/** Quantiles of the images' own values: of a series steps x channels x probabilities, NaN where none were recorded. */
export interface RecordedQuantiles {
  /** Ascending, from 0 to 1. */
  readonly probabilities: readonly number[];
  readonly values: Float32Array;
}

/** Histograms of one side of a stream by step, for all channels. */
export interface Histograms {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  /** That of all channels together is one of them. */
  readonly channelCount: number;
  readonly steps: readonly number[];
  /** Where neighbouring steps were summed: the last one of each sum. */
  readonly lastSteps: readonly number[];
  readonly wallTimes: readonly number[];
  readonly quantiles: readonly number[];
  /** Steps x channels x cells: underflow, bins, overflow, NaN, +Inf, -Inf. */
  readonly cells: Counts;
  readonly cellsPerChannel: number;
  readonly mean: Float32Array;
  readonly std: Float32Array;
  /** At the probabilities `quantiles`. */
  readonly quantileValues: Float32Array;
  readonly quantileSource: QuantileSource;
  /** null where there are bins only. */
  readonly recorded: RecordedQuantiles | null;
}

export interface HistogramPair {
  readonly run: string;
  readonly output: Histograms;
  readonly reference: Histograms | null;
  readonly notes: readonly string[];
  /** The server's name of this history; a request with it is not answered with the same again. */
  readonly digest: string;
  /** Set where only the steps after this one were sent. */
  readonly after: number | null;
}

/** The shown run's data; the views of one run read nothing else. */
export interface Detail {
  readonly run: Run;
  readonly stream: Stream;
  readonly quantity: Quantity;
  readonly histograms: HistogramPair;
  readonly scalars: Scalars;
}

/** A diagnosis, in one sentence, and the steps where it holds. */
export interface Finding {
  readonly id: string;
  readonly stream: string;
  readonly severity: "error" | "warning";
  /** "early": it is too early to tell, and would be a finding if it lasted. */
  readonly state: "found" | "early";
  readonly firstStep: number;
  readonly lastStep: number;
  /** First and last step of each time that it held, the worst first. */
  readonly episodes: readonly (readonly [first: number, last: number])[];
  readonly sentence: string;
  /** What to look at first; empty where nothing is known. */
  readonly lookAt: string;
}

/** How a finding looks: what is too early to tell is neither error nor warning. */
export function lookOf({ state, severity }: Finding): "error" | "warning" | "early" {
  return state === "early" ? "early" : severity;
}

/** The images that outputs are compared with. */
export interface Baseline {
  readonly kind: "reference" | "first" | "step" | "run";
  readonly step: number | null;
  readonly run: string | null;
}

export interface BaselineScores {
  readonly comparable: boolean;
  readonly notes: readonly string[];
  readonly scores: readonly ScoreSeries[];
}

/** Mean images at a few steps, in intensity units: steps x height x width x channels. */
export interface MeanImages {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly steps: readonly number[];
  readonly output: Float32Array;
  readonly reference: Float32Array | null;
  readonly referenceSteps: readonly number[];
}
