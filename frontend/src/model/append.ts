// Joins new data to the data that is already here.

import { areSame } from "../base/lists";
import type { Catalog, Counts, HistogramPair, Histograms, RecordedQuantiles, Scalars, Series } from "./types";

/** A run that has not changed stays the same object: TensorBoard's reloads do not make its views again. */
export function continueCatalog(known: Catalog | null, next: Catalog): Catalog {
  if (!known) return next;
  const byName = new Map(known.runs.map((run) => [run.name, run]));
  const runs = next.runs.map((run) => {
    const before = byName.get(run.name);
    return before?.revision === run.revision ? before : run;
  });
  const isSame =
    areSame(known.runs, runs) &&
    areSame(known.eventDirectories, next.eventDirectories) &&
    areSame(known.notes, next.notes);
  return isSame ? known : { ...next, runs };
}

export function appendHistograms(known: HistogramPair, more: HistogramPair): HistogramPair {
  if (more.after === null) return more;
  return {
    ...more,
    output: append(known.output, more.output),
    reference:
      known.reference && more.reference ? append(known.reference, more.reference) : (more.reference ?? known.reference),
    notes: [...new Set([...known.notes, ...more.notes])],
  };
}

function append(known: Histograms, more: Histograms): Histograms {
  if (!more.steps.length) return known;
  return {
    ...more,
    steps: [...known.steps, ...more.steps],
    lastSteps: [...known.lastSteps, ...more.lastSteps],
    wallTimes: [...known.wallTimes, ...more.wallTimes],
    cells: joinCounts(known.cells, more.cells),
    mean: join(known.mean, more.mean),
    std: join(known.std, more.std),
    quantileValues: join(known.quantileValues, more.quantileValues),
    quantileSource: known.quantileSource === more.quantileSource ? known.quantileSource : "mixed",
    recorded: joinQuantiles(known, more),
  };
}

/** Steps of the side without quantiles of these probabilities have none. */
function joinQuantiles(known: Histograms, more: Histograms): RecordedQuantiles | null {
  const probabilities = (more.recorded ?? known.recorded)?.probabilities;
  if (!probabilities) return null;
  const valuesOf = ({ recorded, steps, channelCount }: Histograms): Float32Array =>
    recorded && areSame(recorded.probabilities, probabilities)
      ? recorded.values
      : new Float32Array(steps.length * channelCount * probabilities.length).fill(NaN);
  return { probabilities, values: join(valuesOf(known), valuesOf(more)) };
}

/** In the wider of the two types: new counts may need one that the old ones did not. */
function joinCounts(first: Counts, second: Counts): Counts {
  const wider = first.BYTES_PER_ELEMENT >= second.BYTES_PER_ELEMENT ? first : second;
  const joined = wider.slice(0, 0).constructor as new (length: number) => Counts;
  const all = new joined(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function join(first: ArrayLike<number>, second: ArrayLike<number>): Float32Array {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

export function appendScalars(known: Scalars, more: Scalars): Scalars {
  return {
    scores: appendSeries(known.scores, more.scores, (s) => `${s.stream}\n${s.name}\n${s.channel}`),
    curves: appendSeries(known.curves, more.curves, ({ curve }) => `${curve.eventDirectory}\n${curve.tag}`),
  };
}

function appendSeries<S extends Series>(known: readonly S[], more: readonly S[], key: (series: S) => string): S[] {
  const arrived = new Map(more.map((series) => [key(series), series]));
  const continued = known.map((series) => {
    const next = arrived.get(key(series));
    arrived.delete(key(series));
    if (!next?.steps.length) return series;
    const last = series.steps[series.steps.length - 1] ?? -Infinity;
    // Series end at different steps, and are asked for from where the shortest ends.
    const start = Array.from(next.steps).findIndex((step) => step > last);
    if (start < 0) return series;
    const both = (name: "steps" | "wallTimes" | "values"): number[] => [
      ...Array.from(series[name]),
      ...Array.from(next[name]).slice(start),
    ];
    return { ...next, steps: both("steps"), wallTimes: both("wallTimes"), values: both("values") };
  });
  return [...continued, ...arrived.values()];
}
