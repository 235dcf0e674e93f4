// Derived from the state for the table of runs.

import { lastValue } from "../model/series";
import {
  type CurveSeries,
  type Finding,
  lookOf,
  mainStream,
  type Run,
  type Scalars,
  type ScoreSeries,
  spanOf,
} from "../model/types";
import { derived, type Sort, type State } from "./state";

/** The three series that a run is judged by. */
export interface RunSeries {
  readonly drift: ScoreSeries | undefined;
  readonly spread: ScoreSeries | undefined;
  /** That of the main stream. */
  readonly loss: CurveSeries | undefined;
}

export function runSeries(run: Run, scalars: Scalars | undefined, channel = ""): RunSeries {
  const main = mainStream(run);
  const score = (name: string): ScoreSeries | undefined =>
    scalars?.scores.find(
      (series) => series.stream === main?.name && series.name === name && series.channel === channel,
    );
  return {
    drift: score("drift"),
    spread: score("pixel_spread_ratio") ?? score("brightness_spread_ratio"),
    loss: scalars?.curves.find(
      ({ curve }) => curve.eventDirectory === main?.loss?.eventDirectory && curve.tag === main.loss.tag,
    ),
  };
}

export interface Summary {
  readonly loss: number | null;
  readonly drift: ScoreSeries | undefined;
  readonly lastDrift: number | null;
  readonly spread: number | null;
  readonly span: number;
  readonly findings: readonly Finding[];
}

/** A run in one row of the table. */
export function summarize(run: Run, { overview, findings }: State): Summary {
  const { drift, spread, loss } = runSeries(run, overview.get(run.name));
  return {
    loss: lastValue(loss),
    drift,
    lastDrift: lastValue(drift),
    spread: lastValue(spread),
    span: valueSpan(run),
    findings: findings.get(run.name) ?? [],
  };
}

/** How far the value range of a run's images reaches. */
export function valueSpan(run: Run): number {
  const main = mainStream(run);
  return main ? spanOf(main) : 1;
}

/** Rows of the table: filtered, without the hidden ones, kept ones first, sorted. */
export const visibleRuns = derived((state): readonly Run[] => {
  const { catalog, filter, hidden, kept, sort } = state;
  const matches = toMatcher(filter);
  const all = (catalog?.runs ?? []).filter(({ name, streams }) => streams.length && matches(name) && !hidden.has(name));
  const sorted = sort ? sortRuns(all, sort, state) : all;
  return [...sorted.filter(({ name }) => kept.has(name)), ...sorted.filter(({ name }) => !kept.has(name))];
});

function sortRuns(all: readonly Run[], { key, descending }: Sort, state: State): Run[] {
  const value = (run: Run): number | string | null => {
    if (key === "name") return run.name;
    const { loss, lastDrift, spread, findings } = summarize(run, state);
    return { loss, drift: lastDrift, spread, findings: urgency(findings) }[key];
  };
  const direction = descending ? -1 : 1;
  return all
    .map((run) => ({ run, value: value(run) }))
    .sort((a, b) => {
      if (a.value === b.value) return 0;
      // What has no value comes last in either direction.
      if (a.value === null || b.value === null) return a.value === null ? 1 : -1;
      if (typeof a.value === "string")
        return direction * a.value.localeCompare(String(b.value), "en", { numeric: true });
      return direction * (a.value - Number(b.value));
    })
    .map(({ run }) => run);
}

/** An error stands before any number of warnings. */
function urgency(findings: readonly Finding[]): number {
  return findings.reduce((sum, finding) => sum + WEIGHTS[lookOf(finding)], 0);
}

/** A run has less than a hundred of each. */
const WEIGHTS = { error: 10000, warning: 100, early: 1 };

/** How many of the runs have findings, as far as these are here. */
export const runsWithFindings = derived(
  ({ catalog, findings }): number =>
    (catalog?.runs ?? []).filter(({ name }) => findings.get(name)?.some(({ state }) => state === "found")).length,
);

/** A filter as a regular expression; while one is half typed, as plain text. */
function toMatcher(filter: string): (name: string) => boolean {
  try {
    const pattern = new RegExp(filter, "i");
    return (name) => pattern.test(name);
  } catch {
    return (name) => name.includes(filter);
  }
}

/** What a run is called on the page; TensorBoard calls the log directory ".". */
export function runLabel({ name }: Run): string {
  return name === "." ? "(log directory)" : name;
}
