// What the plugin's routes are asked for; the only file that asks.

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
} from "../model/types";
import { binary, type Parameters } from "./request";
import {
  decodeHistograms,
  decodeMeanImages,
  decodeOpening,
  decodeScalars,
  toBaselineScores,
  toFindings,
  toListing,
  type Opening,
} from "./decode";
import type { WireDrift, WireFindings, WireTrainings } from "./schema";

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

async function json(route: string, parameters: Parameters): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await binary(route, parameters)));
}
