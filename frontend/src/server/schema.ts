// The wire form of answers, field by field as docs/http_api.md has them.

import type { WireArray } from "./binary";
import type { Curve, Finding, Quantity, Training, ValueRange } from "../model/types";

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
  readonly last_step: number;
  readonly epochs: { readonly loaded: number; readonly recorded: number };
  readonly has_mean_images: boolean;
}

export interface WireTraining extends Omit<Training, "streams"> {
  readonly streams: readonly WireStream[];
  readonly curves: readonly Curve[];
}

export interface WireTrainings {
  readonly trainings: readonly WireTraining[];
  readonly runs: readonly string[];
  readonly notes: readonly string[];
}

export interface WireOpening {
  readonly listing: WireTrainings;
  readonly overview: WireScalars;
  readonly shown: {
    readonly training: string;
    readonly stream: string;
    readonly quantity: Quantity;
    readonly scalars: WireScalars;
    readonly histograms: WireHistograms;
    readonly findings: WireFindings;
  } | null;
}

export interface WireScoreName {
  readonly stream: string;
  readonly statistic: string;
  readonly channel: string;
}

export interface WireSeries {
  readonly steps: WireArray;
  readonly wall_times: WireArray;
  readonly values: WireArray;
}

export interface WireScalars {
  readonly trainings: readonly {
    readonly name: string;
    readonly scores: readonly (WireSeries & WireScoreName)[];
    readonly curves: readonly (WireSeries & { readonly run: string; readonly tag: string })[];
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
}

export interface WireHistogramTraining {
  readonly training: string;
  readonly channels: readonly string[];
  readonly notes: readonly string[];
  readonly digest: string;
  readonly after: number | null;
  readonly series: readonly WireHistogramSeries[];
}

export interface WireHistograms {
  readonly quantiles: readonly number[];
  readonly extra_cells: number;
  readonly trainings: readonly WireHistogramTraining[];
}

export interface WireFindings {
  readonly trainings: readonly {
    readonly name: string;
    readonly findings: readonly (Omit<Finding, "firstEpoch" | "lastEpoch"> & {
      readonly first_epoch: number;
      readonly last_epoch: number;
    })[];
  }[];
}

export interface WireDrift {
  readonly trainings: readonly {
    readonly comparable: boolean;
    readonly notes: readonly string[];
    readonly scores: readonly {
      readonly statistic: string;
      readonly channel: string;
      readonly steps: readonly number[];
      readonly wall_times: readonly number[];
      readonly values: readonly (number | null)[];
    }[];
  }[];
}

export interface WireMeanImages {
  readonly epochs: readonly number[];
  readonly output: WireArray;
  readonly reference: WireArray | null;
  readonly reference_epochs: readonly number[];
}
