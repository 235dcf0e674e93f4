// The wire form of answers, field by field as docs/http_api.md has them.

import type { SampleSide } from "../model/samples";
import type { Finding, QuantileSource, Quantity, Run, Split, Steps, StepUnit, ValueRange } from "../model/types";
import type { WireArray } from "./binary";

export interface WireStream {
  readonly name: string;
  readonly paired: boolean;
  readonly value_range: ValueRange;
  readonly channels: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly bins: number;
  readonly reference_count: number;
  readonly reference_hash: string;
  readonly unit: StepUnit;
  readonly steps: Steps;
  readonly loss: { readonly event_directory: string; readonly tag: string } | null;
  readonly samples: number;
  readonly has_mean_images: boolean;
}

export interface WireCurve {
  readonly event_directory: string;
  readonly tag: string;
  readonly name: string;
  readonly split: Split;
  readonly primary: boolean;
}

export interface WireRun extends Pick<Run, "name" | "revision" | "notes"> {
  readonly event_directory: string;
  readonly streams: readonly WireStream[];
  readonly curves: readonly WireCurve[];
}

export interface WireRuns {
  readonly runs: readonly WireRun[];
  readonly event_directories: readonly string[];
  readonly notes: readonly string[];
}

export interface WireOpening {
  readonly catalog: WireRuns;
  readonly overview: WireScalars;
  readonly shown: {
    readonly run: string;
    readonly stream: string;
    readonly quantity: Quantity;
    readonly scalars: WireScalars;
    readonly histograms: WireHistograms;
    readonly findings: WireFindings;
  } | null;
}

export interface WireScoreName {
  readonly stream: string;
  readonly name: string;
  readonly channel: string;
}

export interface WireSeries {
  readonly steps: WireArray;
  readonly wall_times: WireArray;
  readonly values: WireArray;
}

export interface WireScalars {
  readonly runs: readonly {
    readonly name: string;
    readonly scores: readonly (WireSeries & WireScoreName)[];
    readonly curves: readonly (WireSeries & { readonly event_directory: string; readonly tag: string })[];
  }[];
}

export interface WireHistogramSeries {
  readonly side: "output" | "reference";
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  readonly steps: readonly number[];
  readonly last_steps: readonly number[];
  readonly wall_times: readonly number[];
  readonly cells: WireArray;
  readonly mean: WireArray;
  readonly std: WireArray;
  readonly quantile_values: WireArray;
  readonly quantile_source: QuantileSource;
  readonly recorded_quantiles: {
    readonly probabilities: readonly number[];
    readonly low: number;
    readonly high: number;
    readonly levels: WireArray;
  } | null;
}

export interface WireHistogramRun {
  readonly name: string;
  readonly channels: readonly string[];
  readonly notes: readonly string[];
  readonly digest: string;
  readonly after: number | null;
  readonly series: readonly WireHistogramSeries[];
}

export interface WireHistograms {
  readonly quantiles: readonly number[];
  readonly extra_cells: number;
  readonly runs: readonly WireHistogramRun[];
}

export interface WireFindings {
  readonly runs: readonly {
    readonly name: string;
    readonly findings: readonly (Pick<Finding, "id" | "stream" | "severity" | "sentence"> & {
      readonly first_step: number;
      readonly last_step: number;
      readonly state?: Finding["state"];
      readonly episodes?: Finding["episodes"];
      readonly look_at?: string;
    })[];
  }[];
}

export interface WireBaselineScores {
  readonly runs: readonly {
    readonly comparable: boolean;
    readonly notes: readonly string[];
    readonly scores: readonly {
      readonly name: string;
      readonly channel: string;
      readonly steps: readonly number[];
      readonly wall_times: readonly number[];
      readonly values: readonly (number | null)[];
    }[];
  }[];
}

export interface WireMeanImages {
  readonly steps: readonly number[];
  readonly output: WireArray;
  readonly reference: WireArray | null;
  readonly reference_steps: readonly number[];
}

export interface WireSampleSheet {
  readonly step: number;
  readonly reference_hash: string;
  readonly height: number;
  readonly width: number;
  readonly samples: readonly {
    readonly side: SampleSide;
    readonly index: number;
    readonly error: number | null;
    readonly is_worst: boolean;
  }[];
  readonly png: WireArray;
}

export interface WireSamples {
  readonly recorded_steps: readonly number[];
  readonly sheets: readonly WireSampleSheet[];
  readonly references: readonly WireSampleSheet[];
}
