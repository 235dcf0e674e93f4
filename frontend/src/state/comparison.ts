// Which trainings are compared, and by what.

import { hasChannel, mainStream, type Training } from "../model/types";
import type { State } from "./state";
import { derive } from "./store";
import { headlines, visibleTrainings, type Headlines } from "./runs";

/** The ticked trainings that are visible; all visible ones if none is ticked. */
export const chosenTrainings = derive(
  (state) => [visibleTrainings(state), state.selected],
  (state): readonly Training[] => {
    const visible = visibleTrainings(state);
    const ticked = visible.filter(({ name }) => state.selected.has(name));
    return ticked.length ? ticked : visible;
  },
);

/** Names of the channels that can be compared, of the run that has most of them: all together, then each. */
export const comparedChannels = derive(
  (state) => [chosenTrainings(state)],
  (state): readonly string[] =>
    chosenTrainings(state)
      .map((training) => mainStream(training)?.channels ?? [])
      .reduce((most, channels) => (channels.length > most.length ? channels : most), []),
);

/** The channel that is compared; empty for all together. */
export function comparedChannel(state: State): string {
  return state.row > 0 ? (comparedChannels(state)[state.row] ?? "") : "";
}

/** Those of the chosen trainings that have the channel. */
export const comparedTrainings = derive(
  (state) => [chosenTrainings(state), comparedChannel(state)],
  (state): readonly Training[] => {
    const channel = comparedChannel(state);
    return chosenTrainings(state).filter((training) => hasChannel(training, channel));
  },
);

/** The courses of one training: in every epoch once they are here, until then in few points. */
export function coursesOf(training: Training, state: State): Headlines {
  const { courses, overview } = state;
  return headlines(training, courses.get(training.name) ?? overview.get(training.name), comparedChannel(state));
}

/** Those of all that are compared. */
export const comparedCourses = derive(
  (state) => [comparedTrainings(state), state.courses, state.overview, comparedChannel(state)],
  (state): readonly (readonly [Training, Headlines])[] => comparedTrainings(state).map((training) => [training, coursesOf(training, state)]),
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

/** All epochs that any of the compared trainings has recorded. */
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

/** Whether a training was measured by the same images as the first of those compared. */
export function isComparable(training: Training, all: readonly Training[]): boolean {
  const hash = (one: Training | undefined): string | undefined => one && mainStream(one)?.referenceHash;
  return hash(training) === hash(all[0]);
}
