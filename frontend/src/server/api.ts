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
  Run,
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
import type { WireDrift, WireFindings, WireRuns } from "./schema";

/** What the page needs to open: of a run and stream, if they are there, else of the first. */
export async function fetchOpening(
  run: string | null,
  stream: string | null,
  quantity: Quantity,
): Promise<Opening> {
  return decodeOpening(await binary("opening", { run, stream, quantity }));
}

export async function fetchRuns(): Promise<Listing> {
  return toListing((await json("runs", {})) as WireRuns);
}

/** What the table shows of runs: headline drift and spread, and the loss, in few points. */
export async function fetchOverview(runs: readonly Run[]): Promise<Map<string, Scalars>> {
  return decodeScalars(await binary("overview", { run: runs.map(({ name }) => name) }), runs);
}

/** The same in every epoch, and of each channel. */
export async function fetchCourses(runs: readonly Run[]): Promise<Map<string, Scalars>> {
  const answer = await binary("scalars", {
    run: runs.map(({ name }) => name),
    score: ["drift", "pixel_spread_ratio", "brightness_spread_ratio"],
    curves: "primary",
    format: "binary",
  });
  return decodeScalars(answer, runs);
}

/** Every score and curve of one run; of the steps past `after` only, if it is given. */
export async function fetchScalars(run: Run, after: number | null): Promise<Scalars> {
  const answer = await binary("scalars", { run: run.name, format: "binary", after });
  return decodeScalars(answer, [run]).get(run.name) ?? { scores: [], curves: [] };
}

export interface HistogramQuery {
  readonly run: readonly string[];
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

export async function fetchFindings(runs: readonly string[]): Promise<Map<string, Finding[]>> {
  return toFindings((await json("findings", { run: runs })) as WireFindings);
}

export async function fetchBaselineScores(
  run: string,
  stream: string,
  { kind, step, run: of }: Baseline,
): Promise<BaselineScores | null> {
  const answer = await json("drift", {
    run,
    stream,
    baseline: kind,
    step: kind === "step" ? step : null,
    of: kind === "run" ? of : null,
  });
  return toBaselineScores(answer as WireDrift, stream);
}

export async function fetchMeanImages(
  run: string,
  stream: string,
  steps: readonly number[],
): Promise<MeanImages> {
  return decodeMeanImages(await binary("mean_images", { run, stream, step: steps }));
}

async function json(route: string, parameters: Parameters): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await binary(route, parameters)));
}
