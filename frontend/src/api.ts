// Fetches from the plugin's routes; the only file that does.

import type {
  Baseline,
  BaselineScores,
  Finding,
  HistogramPair,
  Listing,
  MeanImages,
  Quantity,
  Scalars,
  Training,
} from "./model";
import {
  decodeHistograms,
  decodeMeanImages,
  decodeOpening,
  decodeScalars,
  toBaselineScores,
  toFindings,
  toListing,
  type Opening,
} from "./wire";
import type { WireDrift, WireFindings, WireTrainings } from "./wire_types";

/** A request that failed, with the server's own sentence where it gave one. */
export class RequestError extends Error {}

// A server that has stopped answering must not leave a page waiting for ever.
const TIMEOUT_MS = 60_000;

/** What the page needs to open: of a training and stream, if they are there, else of the first. */
export async function fetchOpening(
  training: string | null,
  stream: string | null,
  quantity: Quantity,
): Promise<Opening> {
  return decodeOpening(await binary("opening", { training, stream, quantity }));
}

export async function fetchTrainings(): Promise<Listing> {
  return toListing((await json("trainings", {})) as WireTrainings);
}

/** What the table shows of trainings: headline drift and spread, and the loss, in few points. */
export async function fetchOverview(trainings: readonly Training[]): Promise<Map<string, Scalars>> {
  return decodeScalars(await binary("overview", { training: trainings.map(({ name }) => name) }), trainings);
}

/** The same in every epoch, and of each channel. */
export async function fetchCourses(trainings: readonly Training[]): Promise<Map<string, Scalars>> {
  const answer = await binary("scalars", {
    training: trainings.map(({ name }) => name),
    statistic: ["drift", "pixel_ratio", "between_ratio"],
    curves: "primary",
    format: "binary",
  });
  return decodeScalars(answer, trainings);
}

/** Every score and curve of one training; of the steps past `after` only, if it is given. */
export async function fetchScalars(training: Training, after: number | null): Promise<Scalars> {
  const answer = await binary("scalars", { training: training.name, format: "binary", after });
  return decodeScalars(answer, [training]).get(training.name) ?? { scores: [], curves: [] };
}

export interface HistogramQuery {
  readonly training: readonly string[];
  readonly stream: string;
  readonly quantity: Quantity;
  readonly side?: "output" | "reference";
  /** By number or by name. */
  readonly row?: number | string;
  /** Sum neighbouring epochs into at most so many columns. */
  readonly columns?: number;
  readonly first?: number;
  readonly last?: number;
  /** What is already here: all steps up to `after`, which the server called `digest`. */
  readonly after?: number | null;
  readonly digest?: string | null;
}

export async function fetchHistograms(query: HistogramQuery): Promise<HistogramPair[]> {
  return decodeHistograms(await binary("histograms", { ...query }));
}

export async function fetchFindings(trainings: readonly string[]): Promise<Map<string, Finding[]>> {
  return toFindings((await json("findings", { training: trainings })) as WireFindings);
}

export async function fetchBaselineScores(
  training: string,
  stream: string,
  { kind, epoch, training: of }: Baseline,
): Promise<BaselineScores | null> {
  const answer = await json("drift", {
    training,
    stream,
    baseline: kind,
    epoch: kind === "epoch" ? epoch : null,
    of: kind === "training" ? of : null,
  });
  return toBaselineScores(answer as WireDrift, stream);
}

export async function fetchMeanImages(
  training: string,
  stream: string,
  epochs: readonly number[],
): Promise<MeanImages> {
  return decodeMeanImages(await binary("mean_images", { training, stream, epoch: epochs }));
}

type Value = string | number | null | undefined;
type Parameters = Readonly<Record<string, Value | readonly (string | number)[]>>;

async function json(route: string, parameters: Parameters): Promise<unknown> {
  return (await request(route, parameters)).json();
}

async function binary(route: string, parameters: Parameters): Promise<ArrayBuffer> {
  return (await request(route, parameters)).arrayBuffer();
}

/** `./route?name=value`, relative to <base>: right under --path_prefix and /experiment/<id>/ too. */
export function toUrl(route: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as (string | number)[]) : [value as Value])
      .filter((one) => one !== null && one !== undefined)
      .map((one) => [name, String(one)]),
  );
  const query = new URLSearchParams(pairs).toString();
  return `./${route}${query && "?"}${query}`;
}

async function request(route: string, parameters: Parameters): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(toUrl(route, parameters), { signal: AbortSignal.timeout(TIMEOUT_MS) });
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
