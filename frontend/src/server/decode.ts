// Turns the answers of the plugin's routes (docs/http_api.md) into the types of
// model/types.ts. Nothing past this file sees the wire form.

import type {
  BaselineScores,
  Catalog,
  Detail,
  Finding,
  HistogramPair,
  Histograms,
  MeanImages,
  RecordedQuantiles,
  Run,
  Scalars,
  ScoreSeries,
  Series,
} from "../model/types";
import { Answer, WireError } from "./binary";
import type {
  WireBaselineScores,
  WireFindings,
  WireHistogramRun,
  WireHistogramSeries,
  WireHistograms,
  WireMeanImages,
  WireOpening,
  WireRun,
  WireRuns,
  WireScalars,
  WireScoreName,
  WireSeries,
} from "./schema";

export interface Opening {
  readonly catalog: Catalog;
  /** Of those runs of which the server has it at hand. */
  readonly overview: ReadonlyMap<string, Scalars>;
  readonly detail: Detail | null;
  readonly findings: ReadonlyMap<string, Finding[]>;
}

export function toCatalog(wire: WireRuns): Catalog {
  return { runs: wire.runs.map(toRun), eventDirectories: wire.event_directories, notes: wire.notes };
}

function toRun(wire: WireRun): Run {
  return {
    name: wire.name,
    eventDirectory: wire.event_directory,
    revision: wire.revision,
    notes: wire.notes,
    curves: wire.curves.map(({ event_directory, tag, name, split, primary }) => ({
      eventDirectory: event_directory,
      tag,
      name,
      split,
      primary,
    })),
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
      unit: stream.unit,
      steps: stream.steps,
      loss: stream.loss && { eventDirectory: stream.loss.event_directory, tag: stream.loss.tag },
      samples: stream.samples,
      hasMeanImages: stream.has_mean_images,
    })),
  };
}

/** The catalog, and the run that is shown first; null where there is none. */
export function decodeOpening(buffer: ArrayBuffer): Opening {
  const answer = Answer.from<WireOpening>(buffer);
  const { catalog: wire, overview: known, shown } = answer.header;
  const catalog = toCatalog(wire);
  const overview = toScalars(answer.part(known), catalog.runs);
  const run = catalog.runs.find(({ name }) => name === shown?.run);
  const stream = run?.streams.find(({ name }) => name === shown?.stream);
  if (!shown || !run || !stream) return { catalog, overview, detail: null, findings: new Map() };
  const [histograms] = toHistogramPairs(answer.part(shown.histograms));
  if (!histograms) throw new WireError("The server sent no histograms");
  const scalars = toScalars(answer.part(shown.scalars), [run]).get(run.name) ?? { scores: [], curves: [] };
  return {
    catalog,
    overview,
    detail: { run, stream, quantity: shown.quantity, histograms, scalars },
    findings: toFindings(shown.findings),
  };
}

/** Histograms of runs, in the order of the answer. */
export function decodeHistograms(buffer: ArrayBuffer): HistogramPair[] {
  return toHistogramPairs(Answer.from<WireHistograms>(buffer));
}

function toHistogramPairs(answer: Answer<WireHistograms>): HistogramPair[] {
  return answer.header.runs.map((run) => {
    const sides = new Map(run.series.map((series) => [series.side, toHistograms(answer, run, series)]));
    const output = sides.get("output");
    if (!output) throw new WireError("The server sent no histograms of outputs");
    const { notes, digest, after } = run;
    return { run: run.name, output, reference: sides.get("reference") ?? null, notes, digest, after };
  });
}

function toHistograms(answer: Answer<WireHistograms>, run: WireHistogramRun, series: WireHistogramSeries): Histograms {
  const cells = answer.array(series.cells);
  if (cells instanceof Uint8Array || cells instanceof Int32Array || cells instanceof Float32Array)
    throw new WireError(`The server sent counts as ${series.cells.dtype}`);
  return {
    low: series.low,
    high: series.high,
    bins: series.bins,
    channelCount: run.channels.length,
    steps: series.steps,
    lastSteps: series.last_steps,
    wallTimes: series.wall_times,
    quantiles: answer.header.quantiles,
    cells,
    cellsPerChannel: series.bins + answer.header.extra_cells,
    mean: answer.floats(series.mean),
    std: answer.floats(series.std),
    quantileValues: answer.floats(series.quantile_values),
    quantileSource: series.quantile_source,
    recorded: toQuantiles(answer, series),
  };
}

/** The level of a quantile that is undefined, or was not recorded; those below it go evenly from low to high. */
const UNDEFINED_LEVEL = 65535;

function toQuantiles(answer: Answer<WireHistograms>, series: WireHistogramSeries): RecordedQuantiles | null {
  const wire = series.recorded_quantiles;
  if (!wire) return null;
  const { probabilities, low, high } = wire;
  const size = (high - low) / (UNDEFINED_LEVEL - 1);
  const values = Float32Array.from(answer.array(wire.levels), (level) =>
    level === UNDEFINED_LEVEL ? NaN : low + level * size,
  );
  return { probabilities, values };
}

/** Scores and curves by run; the curves as the catalog knows them. */
export function decodeScalars(buffer: ArrayBuffer, runs: readonly Run[]): Map<string, Scalars> {
  return toScalars(Answer.from<WireScalars>(buffer), runs);
}

function toScalars(answer: Answer<WireScalars>, runs: readonly Run[]): Map<string, Scalars> {
  const series = (wire: WireSeries): Series => ({
    steps: answer.array(wire.steps),
    wallTimes: answer.array(wire.wall_times),
    values: answer.array(wire.values),
  });
  const known = new Map(
    runs.flatMap(({ curves }) => curves.map((curve) => [`${curve.eventDirectory}\n${curve.tag}`, curve])),
  );
  return new Map(
    answer.header.runs.map(({ name, scores, curves }) => [
      name,
      {
        scores: scores.map((wire) => ({ ...series(wire), ...scoreName(wire) })),
        curves: curves.flatMap((wire) => {
          // A curve that the catalog did not have yet comes with the next reload.
          const curve = known.get(`${wire.event_directory}\n${wire.tag}`);
          return curve ? [{ ...series(wire), curve }] : [];
        }),
      },
    ]),
  );
}

function scoreName({ stream, name, channel }: WireScoreName): WireScoreName {
  return { stream, name, channel };
}

export function toFindings(wire: WireFindings): Map<string, Finding[]> {
  return new Map(
    wire.runs.map(({ name, findings }) => [
      name,
      findings.map(({ id, stream, severity, sentence, first_step, last_step, state, episodes, look_at }) => ({
        id,
        stream,
        severity,
        state: state ?? "found",
        sentence,
        firstStep: first_step,
        lastStep: last_step,
        episodes: episodes ?? [[first_step, last_step] as const],
        lookAt: look_at ?? "",
      })),
    ]),
  );
}

export function toBaselineScores(wire: WireBaselineScores, stream: string): BaselineScores | null {
  const [found] = wire.runs;
  if (!found) return null;
  return {
    comparable: found.comparable,
    notes: found.notes,
    scores: found.scores.map(
      ({ name, channel, steps, wall_times, values }): ScoreSeries => ({
        stream,
        name,
        channel,
        steps,
        wallTimes: wall_times,
        values: values.map((value) => value ?? NaN),
      }),
    ),
  };
}

export function decodeMeanImages(buffer: ArrayBuffer): MeanImages {
  const answer = Answer.from<WireMeanImages>(buffer);
  const { header } = answer;
  const [, height = 0, width = 0, channels = 0] = header.output.shape;
  return {
    height,
    width,
    channels,
    steps: header.steps,
    output: answer.floats(header.output),
    reference: header.reference && answer.floats(header.reference),
    referenceSteps: header.reference_steps,
  };
}
