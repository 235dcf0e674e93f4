// Talks to the plugin's routes (tb_meanpixel/http_api.md) and turns what they
// send into view types. Nothing past this file sees the wire form.

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
type Counts = Uint16Array | Uint32Array | Float64Array;

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

/** A request that failed, with the server's own sentence where it gave one. */
export class RequestError extends Error {}

// A server that has stopped answering must not leave a spinner turning for ever.
const TIMEOUT_MS = 60_000;

export async function fetchTrainings(): Promise<Training[]> {
  const wire = (await (await request("trainings", [])).json()) as WireTrainings;
  return wire.trainings.map(toTraining);
}

/** Last drift and loss of every training, for the list. */
export async function fetchOverview(
  trainings: readonly Training[],
): Promise<Map<string, Scalars>> {
  return fetchScalars(trainings, [
    ["statistic", "drift"],
    ["curves", "primary"],
  ]);
}

/** Every score and curve of one training. */
export async function fetchTraining(training: Training): Promise<Scalars> {
  const found = await fetchScalars([training], [["training", training.name]]);
  return found.get(training.name) ?? { scores: [], curves: [] };
}

export async function fetchHistograms(
  training: string,
  stream: string,
  quantity: Quantity,
): Promise<HistogramPair> {
  const response = await request("histograms", [
    ["training", training],
    ["stream", stream],
    ["quantity", quantity],
  ]);
  return decodeHistograms(await response.arrayBuffer());
}

/** Decode the binary answer of the route `histograms`. */
export function decodeHistograms(buffer: ArrayBuffer): HistogramPair {
  const length = new DataView(buffer).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  const header = JSON.parse(text) as WireHistograms;
  const sides = new Map(
    header.series.map((series) => [series.side, toHistograms(buffer, 4 + length, header, series)]),
  );
  const output = sides.get("output");
  if (!output) throw new RequestError("The server sent no histograms of outputs");
  return { output, reference: sides.get("reference") ?? null, notes: header.notes };
}

async function fetchScalars(
  trainings: readonly Training[],
  parameters: readonly Parameter[],
): Promise<Map<string, Scalars>> {
  const wire = (await (await request("scalars", parameters)).json()) as WireScalars;
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

type Parameter = readonly [name: string, value: string];

async function request(route: string, parameters: readonly Parameter[]): Promise<Response> {
  const query = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
  let response: Response;
  try {
    // Relative to <base>: right under --path_prefix and /experiment/<id>/ too.
    response = await fetch(`./${route}${query && "?"}${query}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new RequestError(
      late ? `No answer from TensorBoard in ${TIMEOUT_MS / 1000} seconds` : "TensorBoard cannot be reached",
    );
  }
  if (!response.ok) {
    const sentence = (await response.text()).trim().slice(0, 300);
    throw new RequestError(`${sentence || response.statusText} (${response.status} from ${route})`);
  }
  return response;
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

interface WireTraining {
  readonly name: string;
  readonly run: string;
  readonly streams: readonly WireStream[];
  readonly curves: readonly Curve[];
  readonly notes: readonly string[];
}

interface WireTrainings {
  readonly trainings: readonly WireTraining[];
}

interface WireScalars {
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

function toTraining(wire: WireTraining): Training {
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
  if (!type) throw new RequestError(`The server sent counts as ${array.dtype}`);
  return new type(buffer, start + array.offset, size(array));
}

function toFloats(buffer: ArrayBuffer, start: number, array: WireArray): Float32Array {
  return new Float32Array(buffer, start + array.offset, size(array));
}

function size(array: WireArray): number {
  return array.shape.reduce((product, length) => product * length, 1);
}
