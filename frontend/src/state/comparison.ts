// Which runs are compared, and by which series.

import { hasChannel, mainStream, type Run } from "../model/types";
import { type RunSeries, runSeries, visibleRuns } from "./runs";
import { derived, type State } from "./state";

/** The ticked runs that are visible; all visible ones if none is ticked. */
export const chosenRuns = derived((state): readonly Run[] => {
  const visible = visibleRuns(state);
  const ticked = visible.filter(({ name }) => state.selected.has(name));
  return ticked.length ? ticked : visible;
});

/** Names of the channels that can be compared, of the run that has most of them: all together, then each. */
export const comparedChannels = derived((state): readonly string[] =>
  chosenRuns(state)
    .map((run) => mainStream(run)?.channels ?? [])
    .reduce((most, channels) => (channels.length > most.length ? channels : most), []),
);

/** The channel that is compared; empty for all together. */
export function comparedChannel(state: State): string {
  return state.channelIndex > 0 ? (comparedChannels(state)[state.channelIndex] ?? "") : "";
}

/** Those of the chosen runs that have the channel. */
export const comparedRuns = derived((state): readonly Run[] => {
  const channel = comparedChannel(state);
  return chosenRuns(state).filter((run) => hasChannel(run, channel));
});

/** The series of each compared run: of every step once they are here, until then in few points. */
export const comparedSeries = derived((state): readonly (readonly [Run, RunSeries])[] => {
  const { curves, overview } = state;
  const channel = comparedChannel(state);
  return comparedRuns(state).map((run) => [
    run,
    runSeries(run, curves.get(run.name) ?? overview.get(run.name), channel),
  ]);
});

/** All steps that any of the compared runs has recorded. */
export const comparedSteps = derived((state): readonly number[] => {
  const all = new Set<number>();
  for (const [, { drift }] of comparedSeries(state)) {
    const { steps } = drift ?? { steps: [] };
    for (let i = 0; i < steps.length; i++) all.add(steps[i]!);
  }
  return [...all].sort((a, b) => a - b);
});

/** Whether a run was measured by the same images as the first of those compared. */
export function isComparable(run: Run, all: readonly Run[]): boolean {
  const hash = (one: Run | undefined): string | undefined => one && mainStream(one)?.referenceHash;
  return hash(run) === hash(all[0]);
}

/** From so many runs on, lines are thin: wide ones would hide each other, and take more than a frame to paint. */
const MANY = 20;

export function lineWidth(runs: number, usual: number): number {
  return runs > MANY ? 1 : usual;
}
