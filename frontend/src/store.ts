// The state of the page, and who is told when it changes.

import type { HistogramPair, Quantity, Scalars, Stream, Training } from "./model";
import type { Theme } from "./colors";

/** The shown training's data; the views of one training read nothing else. */
export interface Detail {
  readonly training: Training;
  readonly stream: Stream;
  readonly quantity: Quantity;
  readonly histograms: HistogramPair;
  readonly scalars: Scalars;
}

export interface State {
  readonly trainings: readonly Training[] | null;
  readonly overview: ReadonlyMap<string, Scalars>;
  readonly runOrder: readonly string[];
  readonly theme: Theme;
  readonly filter: string;
  /** What is asked for; `detail` follows when it has arrived. */
  readonly training: string | null;
  readonly stream: string | null;
  readonly quantity: Quantity;
  /** Row of the histograms: 0 is all channels together. */
  readonly row: number;
  readonly detail: Detail | null;
  /** Epoch that was chosen; null follows the latest one. */
  readonly pinned: number | null;
  /** Epoch under the pointer. */
  readonly hovered: number | null;
  readonly curves: ReadonlySet<string> | null;
  readonly logLoss: boolean;
  readonly error: string | null;
  readonly loading: boolean;
}

export const initialState: State = {
  trainings: null,
  overview: new Map(),
  runOrder: [],
  theme: "light",
  filter: "",
  training: null,
  stream: null,
  quantity: "mean_pixels",
  row: 0,
  detail: null,
  pinned: null,
  hovered: null,
  curves: null,
  logLoss: false,
  error: null,
  loading: true,
};

type Listener = (state: State, before: State) => void;

export class Store {
  #state = initialState;
  readonly #listeners: Listener[] = [];

  get state(): State {
    return this.#state;
  }

  update(change: Partial<State>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#state, before);
  }

  subscribe(listener: Listener): void {
    this.#listeners.push(listener);
  }
}

/** The epoch that everything shows: hovered, else pinned, else the latest. */
export function cursorStep(state: State): number | null {
  const steps = state.detail?.histograms.output.steps ?? [];
  return state.hovered ?? state.pinned ?? steps[steps.length - 1] ?? null;
}

/** The channel that is shown; a grey image has but one row. */
export function shownRow(state: State): number {
  return state.detail && state.row < state.detail.stream.channels.length ? state.row : 0;
}

/** A channel's name as scores have it: empty for all channels together. */
export function shownChannel(state: State): string {
  const row = shownRow(state);
  return row === 0 ? "" : (state.detail?.stream.channels[row] ?? "");
}

export function visibleTrainings(state: State): readonly Training[] {
  const matches = toMatcher(state.filter);
  return (state.trainings ?? []).filter((training) => matches(training.name));
}

/** A filter as a regular expression; while one is half typed, as plain text. */
function toMatcher(filter: string): (name: string) => boolean {
  try {
    const pattern = new RegExp(filter, "i");
    return (name) => pattern.test(name);
  } catch {
    return (name) => name.includes(filter);
  }
}
