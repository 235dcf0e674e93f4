// Derived from the state for the charts: pure functions that views read.

import { type StepAxis, stepAxis, stepDomain } from "../model/axis";
import { type Distribution, distributionAt, distributions } from "../model/distribution";
import { type SampleSheet, type Samples, sheetAt } from "../model/samples";
import { type Domain, lastAtOrBefore, nearestIndex } from "../model/series";
import {
  type Baseline,
  type Histograms,
  type MeanImages,
  mainStream,
  type Run,
  type ScoreSeries,
  type Stream,
} from "../model/types";
import { comparedSteps } from "./comparison";
import { derived, REFERENCE, type State } from "./state";
import { stepName, stepWord } from "./step_words";

/** The run and stream that are shown: the chosen ones, or the first that there are. */
export const chosenStream = derived((state): { readonly run: Run; readonly stream: Stream } | null => {
  const all = (state.catalog?.runs ?? []).filter(({ streams }) => streams.length);
  const run = all.find(({ name }) => name === state.run) ?? all[0];
  const stream = run && (run.streams.find(({ name }) => name === state.stream) ?? mainStream(run));
  return run && stream ? { run, stream } : null;
});

/** The step that everything shows: hovered, else chosen, else the latest. */
export const cursorStep = derived((state): number | null => {
  const steps = recordedSteps(state);
  return state.hovered ?? state.chosen ?? steps[steps.length - 1] ?? null;
});

export function recordedSteps(state: State): readonly number[] {
  return state.page === "compare" ? comparedSteps(state) : (state.detail?.histograms.output.steps ?? []);
}

/** The channel that is shown, by its index; a grey image has but one. */
export function shownChannelIndex({ detail, channelIndex }: State): number {
  return detail && channelIndex < detail.stream.channels.length ? channelIndex : 0;
}

/** A channel's name as scores have it: empty for all channels together. */
export function shownChannel(state: State): string {
  const index = shownChannelIndex(state);
  return index === 0 ? "" : (state.detail?.stream.channels[index] ?? "");
}

/** The end of a title about one channel. */
export function inChannel(channel: string): string {
  return channel && `, ${channel}`;
}

/** The baseline of the shown scores: those of the chosen one may not have arrived yet. */
export function shownBaseline({ baseline, baselineData, detail }: State): Baseline {
  if (baseline.kind === "reference" || !baselineData?.scores) return REFERENCE;
  const isShown = baselineData.run === detail?.run.name && baselineData.stream === detail.stream.name;
  return isShown ? baselineData.baseline : REFERENCE;
}

/** A score of the shown stream and channel, against the baseline where it has one. */
export function findScore(state: State, score: string): ScoreSeries | undefined {
  const { detail, baselineData } = state;
  if (!detail) return undefined;
  const channel = shownChannel(state);
  const against = shownBaseline(state).kind === "reference" ? null : baselineData?.scores;
  const measured = against && MEASURED.has(score) ? against.scores : detail.scalars.scores;
  return measured.find(
    (series) => series.stream === detail.stream.name && series.name === score && series.channel === channel,
  );
}

/** Scores that are of one thing against another, and can be against any baseline. */
const MEASURED = new Set(["bias", "drift", "drift_means", "contrast_ratio", "brightness_spread_ratio", "color_cast"]);

/** The baseline's distribution at `step`; null while it is not here or not comparable. */
export function baselineAt(state: State, step: number): Distribution | null {
  const { detail, baselineData } = state;
  const baseline = shownBaseline(state);
  if (!detail) return null;
  const channel = shownChannelIndex(state);
  const { output, reference } = detail.histograms;
  if (baseline.kind === "reference") return reference && atOrBefore(reference, step, channel);
  if (baseline.kind === "first") return distributionAt(output, 0, channel);
  if (baseline.kind === "step") return atOrBefore(output, baseline.step ?? 0, channel);
  const other = baselineData?.quantity === detail.quantity ? baselineData.histograms?.output : null;
  return other && channel < other.channelCount ? atOrBefore(other, step, channel) : null;
}

/** A fixed reference has one step, which stands for all of them. */
export function atOrBefore(series: Histograms, step: number, channel: number): Distribution {
  return distributionAt(series, lastAtOrBefore(series.steps, step), channel);
}

export function baselineName(state: State): string {
  const baseline = shownBaseline(state);
  return {
    reference: "reference",
    first: `first ${stepWord(state)}`,
    step: stepName(state, baseline.step),
    run: baseline.run ?? "",
  }[baseline.kind];
}

/** The same within a sentence: "the reference", "epoch 7". */
export function baselinePhrase(state: State): string {
  const { kind } = shownBaseline(state);
  return `${kind === "reference" || kind === "first" ? "the " : ""}${baselineName(state)}`;
}

/** The outputs of each step in the shown channel. */
export const shownColumns = derived((state): readonly Distribution[] =>
  state.detail ? distributions(state.detail.histograms.output, shownChannelIndex(state)) : [],
);

/** Mean images of the shown stream; null until they are here. */
export function shownImages({ detail, imageData }: State): MeanImages | null {
  const isShown = imageData?.run === detail?.run.name && imageData?.stream === detail?.stream.name;
  return imageData && isShown ? imageData.images : null;
}

/** Samples of the shown stream; null until they are here, and where there are none. */
export function shownSamples({ detail, sampleData }: State): Samples | null {
  const isShown = sampleData?.run === detail?.run.name && sampleData?.stream === detail?.stream.name;
  return sampleData?.samples.sheets.size && isShown ? sampleData.samples : null;
}

/** The samples nearest to the cursor: of many steps the same. */
export const shownSheet = derived((state): SampleSheet | null => {
  const samples = shownSamples(state);
  const step = cursorStep(state);
  return samples && step !== null ? sheetAt(samples, step) : null;
});

export const shownAxis = derived((state): StepAxis => {
  // Runs ran at other times: they are compared by their steps.
  const output = state.page === "run" ? state.detail?.histograms.output : undefined;
  return stepAxis(state.axis, output?.steps ?? [], output?.wallTimes ?? []);
});

/** All steps of the shown run: recorded ones, and those of its own logs. */
export const wholeDomain = derived((state): Domain => {
  const { detail, page } = state;
  if (page === "compare") return stepDomain([comparedSteps(state)]);
  if (!detail) return [-0.5, 0.5];
  const logs = detail.scalars.curves.filter(({ curve }) => curve.eventDirectory === detail.run.eventDirectory);
  return stepDomain([detail.histograms.output.steps, ...logs.map(({ steps }) => steps)]);
});

/** The steps that are shown. */
export function shownDomain(state: State): Domain {
  return state.zoom ?? wholeDomain(state);
}

/** The one horizontal axis of all charts of a page. */
export function shownX(state: State): Domain {
  const axis = shownAxis(state);
  const [low, high] = shownDomain(state);
  const [from, to] = [axis.toX(low), axis.toX(high)];
  // Steps that were written at the same time have no width.
  return to > from ? [from, to] : [from - 0.5, to + 0.5];
}

export function nearestRecorded(state: State, step: number): number | null {
  const steps = recordedSteps(state);
  return steps[nearestIndex(steps, step)] ?? null;
}
