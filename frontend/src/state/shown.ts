// What follows from the state for the charts: pure functions that views read.

import { stepAxis, type StepAxis } from "../model/axis";
import { comparedSteps } from "./comparison";
import { distributionAt, distributions, type Distribution } from "../model/distribution";
import type { Baseline, Histograms, ScoreSeries } from "../model/types";
import { stepDomain, lastAtOrBefore, nearestIndex, type Domain } from "../model/series";
import { REFERENCE, type State } from "./state";
import { derive } from "./store";

/** The epoch that everything shows: hovered, else chosen, else the latest. */
export function cursorStep(state: State): number | null {
  const steps = recordedSteps(state);
  return state.hovered ?? state.chosen ?? steps[steps.length - 1] ?? null;
}

export function recordedSteps(state: State): readonly number[] {
  return state.page === "compare" ? comparedSteps(state) : (state.detail?.histograms.output.steps ?? []);
}

/** The channel that is shown; a grey image has but one row. */
export function shownRow({ detail, row }: State): number {
  return detail && row < detail.stream.channels.length ? row : 0;
}

/** A channel's name as scores have it: empty for all channels together. */
export function shownChannel(state: State): string {
  const row = shownRow(state);
  return row === 0 ? "" : (state.detail?.stream.channels[row] ?? "");
}

/** The baseline of what is on the screen: the chosen one has no scores until they have arrived. */
export function shownBaseline({ baseline, baselineData, detail }: State): Baseline {
  if (baseline.kind === "reference" || !baselineData?.scores) return REFERENCE;
  const ours = baselineData.run === detail?.run.name && baselineData.stream === detail.stream.name;
  return ours ? baselineData.baseline : REFERENCE;
}

/** A score of the shown stream and channel, against the baseline where it has one. */
export function findScore(state: State, score: string): ScoreSeries | undefined {
  const { detail, baselineData } = state;
  if (!detail) return undefined;
  const channel = shownChannel(state);
  const against = shownBaseline(state).kind === "reference" ? null : baselineData?.scores;
  const measured = against && MEASURED.has(score) ? against.scores : detail.scalars.scores;
  return measured.find(
    (series) =>
      series.stream === detail.stream.name && series.name === score && series.channel === channel,
  );
}

/** Scores that are of one thing against another, and can be against any baseline. */
const MEASURED = new Set(["bias", "drift", "drift_means", "contrast_ratio", "brightness_spread_ratio", "color_cast"]);

/** What the outputs at `step` are measured by; null while it is not here or not comparable. */
export function baselineAt(state: State, step: number): Distribution | null {
  const { detail, baselineData } = state;
  const baseline = shownBaseline(state);
  if (!detail) return null;
  const row = shownRow(state);
  const { output, reference } = detail.histograms;
  if (baseline.kind === "reference") return reference && atOrBefore(reference, step, row);
  if (baseline.kind === "first") return distributionAt(output, 0, row);
  if (baseline.kind === "step") return atOrBefore(output, baseline.step ?? 0, row);
  const other = baselineData?.histograms?.output;
  return other && row < other.rows ? atOrBefore(other, step, row) : null;
}

/** A fixed reference has one step, which stands for all of them. */
export function atOrBefore(series: Histograms, step: number, row: number): Distribution {
  return distributionAt(series, lastAtOrBefore(series.steps, step), row);
}

export function baselineName(state: State): string {
  const baseline = shownBaseline(state);
  return {
    reference: "reference",
    first: "first epoch",
    step: `epoch ${baseline.step}`,
    run: baseline.run ?? "",
  }[baseline.kind];
}

/** The same within a sentence: "the reference", "epoch 7". */
export function baselinePhrase(state: State): string {
  const { kind } = shownBaseline(state);
  return `${kind === "reference" || kind === "first" ? "the " : ""}${baselineName(state)}`;
}

/** Every epoch's outputs in the shown channel. */
export const shownColumns = derive(
  ({ detail, row }) => [detail, row],
  (state): readonly Distribution[] =>
    state.detail ? distributions(state.detail.histograms.output, shownRow(state)) : [],
);

export const shownAxis = derive(
  ({ detail, axis, page }) => [detail, axis, page],
  ({ detail, axis, page }): StepAxis => {
    // Runs ran at other times: they are compared by their epochs.
    const output = page === "run" ? detail?.histograms.output : undefined;
    return stepAxis(axis, output?.steps ?? [], output?.wallTimes ?? []);
  },
);

/** All epochs of the shown run: recorded ones, and those of its own logs. */
export function wholeDomain(state: State): Domain {
  const { detail, page } = state;
  if (page === "compare") return stepDomain([comparedSteps(state)]);
  if (!detail) return [-0.5, 0.5];
  const logs = detail.scalars.curves.filter(({ curve }) => curve.eventDirectory === detail.run.eventDirectory);
  return stepDomain([detail.histograms.output.steps, ...logs.map(({ steps }) => steps)]);
}

/** The epochs that are shown. */
export function shownDomain(state: State): Domain {
  return state.zoom ?? wholeDomain(state);
}

/** The one horizontal axis of all charts of a page. */
export function shownX(state: State): Domain {
  const axis = shownAxis(state);
  const [low, high] = shownDomain(state);
  const [from, to] = [axis.toX(low), axis.toX(high)];
  // Epochs that were written at the same time have no width.
  return to > from ? [from, to] : [from - 0.5, to + 0.5];
}

export function nearestRecorded(state: State, step: number): number | null {
  const steps = recordedSteps(state);
  return steps[nearestIndex(steps, step)] ?? null;
}
