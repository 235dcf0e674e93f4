// What the plugin's routes send (tb_meanpixel/http_api.md), turned into the types of
// model.ts. Nothing past this file sees the wire form.

import type {
  Counts,
  Curve,
  HistogramPair,
  Histograms,
  Scalars,
  ScoreSeries,
  Series,
  Training,
  ValueRange,
} from "./model";

/** An answer that is not what http_api.md promises. */
export class WireError extends Error {}

/** Decode the binary answer of the route `histograms`. */
export function decodeHistograms(buffer: ArrayBuffer): HistogramPair {
  const length = new DataView(buffer).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  const header = JSON.parse(text) as WireHistograms;
  const sides = new Map(
    header.series.map((series) => [series.side, toHistograms(buffer, 4 + length, header, series)]),
  );
  const output = sides.get("output");
  if (!output) throw new WireError("The server sent no histograms of outputs");
  return { output, reference: sides.get("reference") ?? null, notes: header.notes };
}

/** Scores and curves by training; the curves as the listing of trainings knows them. */
export function toScalars(
  wire: WireScalars,
  trainings: readonly Training[],
): Map<string, Scalars> {
  const curves = new Map(
    trainings.flatMap((t) => t.curves.map((curve) => [`${curve.run}\n${curve.tag}`, curve])),
  );
  return new Map(
    wire.trainings.map(({ name, scores, curves: found }) => [
      name,
      {
        scores,
        curves: found.flatMap(({ run, tag, steps, values }) => {
          // A curve that the listing did not have yet comes with the next reload.
          const curve = curves.get(`${run}\n${tag}`);
          return curve ? [{ curve, steps, values }] : [];
        }),
      },
    ]),
  );
}

export function toTraining(wire: WireTraining): Training {
  return {
    name: wire.name,
    run: wire.run,
    curves: wire.curves,
    notes: wire.notes,
    streams: wire.streams.map((stream) => ({
      name: stream.name,
      paired: stream.paired,
      valueRange: stream.value_range,
      channels: stream.channels,
      height: stream.height,
      width: stream.width,
      bins: stream.bins,
      referenceCount: stream.reference_count,
      referenceHash: stream.reference_hash,
      lastStep: stream.last_step,
    })),
  };
}

function toHistograms(
  buffer: ArrayBuffer,
  start: number,
  header: WireHistograms,
  series: WireSeries,
): Histograms {
  return {
    low: series.low,
    high: series.high,
    bins: series.bins,
    rows: header.channels.length,
    steps: series.steps,
    quantiles: header.quantiles,
    cells: toCounts(buffer, start, series.cells),
    cellsPerRow: series.bins + header.extra_cells,
    mean: toFloats(buffer, start, series.mean),
    std: toFloats(buffer, start, series.std),
    quantileValues: toFloats(buffer, start, series.quantile_values),
  };
}

function toCounts(buffer: ArrayBuffer, start: number, array: WireArray): Counts {
  const type = { uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array, float32: null }[
    array.dtype
  ];
  if (!type) throw new WireError(`The server sent counts as ${array.dtype}`);
  return new type(buffer, start + array.offset, size(array));
}

function toFloats(buffer: ArrayBuffer, start: number, array: WireArray): Float32Array {
  return new Float32Array(buffer, start + array.offset, size(array));
}

function size(array: WireArray): number {
  return array.shape.reduce((product, length) => product * length, 1);
}

interface WireStream {
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
}

export interface WireTraining {
  readonly name: string;
  readonly run: string;
  readonly streams: readonly WireStream[];
  readonly curves: readonly Curve[];
  readonly notes: readonly string[];
}

export interface WireTrainings {
  readonly trainings: readonly WireTraining[];
}

export interface WireScalars {
  readonly trainings: readonly {
    readonly name: string;
    readonly scores: readonly ScoreSeries[];
    readonly curves: readonly (Series & { readonly run: string; readonly tag: string })[];
  }[];
}

interface WireArray {
  readonly dtype: "uint16" | "uint32" | "float32" | "float64";
  readonly shape: readonly number[];
  readonly offset: number;
}

interface WireSeries {
  readonly side: "output" | "reference";
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  readonly steps: readonly number[];
  readonly cells: WireArray;
  readonly mean: WireArray;
  readonly std: WireArray;
  readonly quantile_values: WireArray;
}

interface WireHistograms {
  readonly channels: readonly string[];
  readonly quantiles: readonly number[];
  readonly extra_cells: number;
  readonly notes: readonly string[];
  readonly series: readonly WireSeries[];
}
