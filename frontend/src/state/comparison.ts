// Which runs are compared, and by what.

import { hasChannel, mainStream, type Run } from "../model/types";
import type { State } from "./state";
import { derive } from "./store";
import { headlines, visibleRuns, type Headlines } from "./runs";

/** The ticked runs that are visible; all visible ones if none is ticked. */
export const chosenRuns = derive(
  (state) => [visibleRuns(state), state.selected],
  (state): readonly Run[] => {
    const visible = visibleRuns(state);
    const ticked = visible.filter(({ name }) => state.selected.has(name));
    return ticked.length ? ticked : visible;
  },
);

/** Names of the channels that can be compared, of the run that has most of them: all together, then each. */
export const comparedChannels = derive(
  (state) => [chosenRuns(state)],
  (state): readonly string[] =>
    chosenRuns(state)
      .map((run) => mainStream(run)?.channels ?? [])
      .reduce((most, channels) => (channels.length > most.length ? channels : most), []),
);

/** The channel that is compared; empty for all together. */
export function comparedChannel(state: State): string {
  return state.row > 0 ? (comparedChannels(state)[state.row] ?? "") : "";
}

/** Those of the chosen runs that have the channel. */
export const comparedRuns = derive(
  (state) => [chosenRuns(state), comparedChannel(state)],
  (state): readonly Run[] => {
    const channel = comparedChannel(state);
    return chosenRuns(state).filter((run) => hasChannel(run, channel));
  },
);

/** The courses of one run: in every epoch once they are here, until then in few points. */
export function coursesOf(run: Run, state: State): Headlines {
  const { courses, overview } = state;
  return headlines(run, courses.get(run.name) ?? overview.get(run.name), comparedChannel(state));
}

/** Those of all that are compared. */
export const comparedCourses = derive(
  (state) => [comparedRuns(state), state.courses, state.overview, comparedChannel(state)],
  (state): readonly (readonly [Run, Headlines])[] => comparedRuns(state).map((run) => [run, coursesOf(run, state)]),
);

const MANY = 20;

/** How wide the lines of so many runs are: many would hide each other, and take more than a frame to paint. */
export function widthOfLines(count: number, usual: number): number {
  return count > MANY ? 1 : usual;
}

/** Behind the title of what is of one channel. */
export function inChannel(channel: string): string {
  return channel && `, ${channel}`;
}

/** All epochs that any of the compared runs has recorded. */
export const comparedSteps = derive(
  (state) => [comparedCourses(state)],
  (state): readonly number[] => {
    const all = new Set<number>();
    for (const [, { drift }] of comparedCourses(state)) {
      const { steps } = drift ?? { steps: [] };
      for (let i = 0; i < steps.length; i++) all.add(steps[i]!);
    }
    return [...all].sort((a, b) => a - b);
  },
);

/** Whether a run was measured by the same images as the first of those compared. */
export function isComparable(run: Run, all: readonly Run[]): boolean {
  const hash = (one: Run | undefined): string | undefined => one && mainStream(one)?.referenceHash;
  return hash(run) === hash(all[0]);
}
