// The plugin's routes as functions: the only file that sends requests.

import type {
  Baseline,
  BaselineScores,
  Catalog,
  Finding,
  HistogramPair,
  MeanImages,
  Quantity,
  Run,
  Scalars,
} from "../model/types";
import {
  decodeHistograms,
  decodeMeanImages,
  decodeOpening,
  decodeScalars,
  type Opening,
  toBaselineScores,
  toCatalog,
  toFindings,
} from "./decode";
import { binary, json, type Parameters, splitByAddress } from "./request";
import type { WireBaselineScores, WireFindings, WireRuns } from "./schema";

/** Names of runs; null for all that there are, which need no names in an address. */
export type RunNames = readonly string[] | null;

export function namesUnlessAll(names: readonly string[], all: readonly Run[]): RunNames {
  return names.length === all.length ? null : names;
}

/** What the page needs to open: of a run and stream, if they are there, else of the first. */
export async function fetchOpening(run: string | null, stream: string | null, quantity: Quantity): Promise<Opening> {
  return decodeOpening(await binary("opening", { run, stream, quantity }));
}

export async function fetchRuns(): Promise<Catalog> {
  return toCatalog((await json("runs", {})) as WireRuns);
}

/** The table's numbers: drift, spread and loss, in few points. `known` are the runs of the catalog. */
export function fetchOverview(runs: RunNames, known: readonly Run[]): Promise<Map<string, Scalars>> {
  return ofRuns("overview", runs, {}, async (parameters) => [
    ...decodeScalars(await binary("overview", parameters), known),
  ]);
}

/** The same at every step, and of each channel. */
export function fetchCurves(runs: RunNames, known: readonly Run[]): Promise<Map<string, Scalars>> {
  const parameters = {
    score: ["drift", "pixel_spread_ratio", "brightness_spread_ratio"],
    curves: "primary",
    format: "binary",
  };
  return ofRuns("scalars", runs, parameters, async (all) => [...decodeScalars(await binary("scalars", all), known)]);
}

/** Every score and curve of one run; of the steps past `after` only, if it is given. */
export async function fetchScalars(run: Run, after: number | null): Promise<Scalars> {
  const answer = await binary("scalars", { run: run.name, format: "binary", after });
  return decodeScalars(answer, [run]).get(run.name) ?? { scores: [], curves: [] };
}

export interface HistogramQuery {
  readonly stream: string;
  readonly quantity: Quantity;
  readonly side?: "output" | "reference";
  /** By number or by name. */
  readonly channel?: number | string;
  /** Sum neighbouring steps into at most so many columns. */
  readonly columns?: number;
  readonly first?: number;
  readonly last?: number;
}

/** Histograms of many runs, by run. */
export function fetchHistograms(runs: RunNames, query: HistogramQuery): Promise<Map<string, HistogramPair>> {
  return ofRuns("histograms", runs, { ...query }, async (parameters) =>
    decodeHistograms(await binary("histograms", parameters)).map((pair) => [pair.run, pair]),
  );
}

/** Histograms of one run past what is here already: all steps up to `after`, which the server called `digest`. */
export async function continueHistograms(
  run: string,
  query: HistogramQuery,
  after: number | null,
  digest: string | null,
): Promise<HistogramPair | undefined> {
  return decodeHistograms(await binary("histograms", { run, ...query, after, digest }))[0];
}

export function fetchFindings(runs: RunNames): Promise<Map<string, Finding[]>> {
  return ofRuns("findings", runs, {}, async (parameters) => [
    ...toFindings((await json("findings", parameters)) as WireFindings),
  ]);
}

export async function fetchBaselineScores(
  run: string,
  stream: string,
  { kind, step, run: baselineRun }: Baseline,
): Promise<BaselineScores | null> {
  const answer = await json("baseline_scores", {
    run,
    stream,
    baseline: kind,
    baseline_step: kind === "step" ? step : null,
    baseline_run: kind === "run" ? baselineRun : null,
  });
  return toBaselineScores(answer as WireBaselineScores, stream);
}

export async function fetchMeanImages(run: string, stream: string, steps: readonly number[]): Promise<MeanImages> {
  return decodeMeanImages(await binary("mean_images", { run, stream, step: steps }));
}

/** Something by run, in as many requests as the length of an address needs. */
async function ofRuns<Value>(
  route: string,
  runs: RunNames,
  parameters: Parameters,
  fetch: (parameters: Parameters) => Promise<readonly (readonly [string, Value])[]>,
): Promise<Map<string, Value>> {
  const groups = runs ? splitByAddress(route, parameters, runs).map((run) => ({ ...parameters, run })) : [parameters];
  return new Map((await Promise.all(groups.map(fetch))).flat());
}
