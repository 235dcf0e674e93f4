// The state of the page, in one place: all choices, and the data that has arrived.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { MapChoice, Theme } from "../drawing/colors";
import { COUNT_SCALES, type CountScale } from "../drawing/raster";
import type { AxisKind } from "../model/axis";
import type { Samples } from "../model/samples";
import type { Domain } from "../model/series";
import type {
  Baseline,
  BaselineScores,
  Catalog,
  Detail,
  Finding,
  HistogramPair,
  MeanImages,
  Quantity,
  Scalars,
} from "../model/types";
import type { ValueZooms } from "../model/value_zoom";

/** What one of several names may be, in a link as in the browser's storage. */
export const CHOICES = {
  page: ["run", "compare"],
  quantity: ["mean_pixels", "contrasts", "pixels"],
  form: ["heatmap", "bands", "ridgelines", "overlay", "single"],
  axis: ["step", "relative", "wall"],
  countScale: COUNT_SCALES,
  colorMap: ["auto", "blue", "cividis", "viridis", "magma"],
} as const satisfies { [Key in keyof View]?: readonly View[Key][] };

export type Form = "heatmap" | "bands" | "ridgelines" | "overlay" | "single";

export const SORTS = ["name", "loss", "drift", "spread", "findings"] as const;
export type SortKey = (typeof SORTS)[number];

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** What a link restores. */
export interface View {
  readonly page: "run" | "compare";
  readonly run: string | null;
  readonly stream: string | null;
  readonly quantity: Quantity;
  /** 0 is all channels together. */
  readonly channelIndex: number;
  /** Step that was chosen; null follows the latest one. */
  readonly chosen: number | null;
  readonly baseline: Baseline;
  readonly form: Form;
  readonly axis: AxisKind;
  /** Steps that are shown; null for all. */
  readonly zoom: Domain | null;
  /** Limits of the values that charts show; of those that are not here all. */
  readonly values: ValueZooms;
  /** null for the loss. */
  readonly tickedCurves: ReadonlySet<string> | null;
  readonly logLoss: boolean;
  readonly filter: string;
  readonly sort: Sort | null;
  /** Names of runs: to compare, not to show, to keep on top. */
  readonly selected: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
  readonly countScale: CountScale;
  readonly colorMap: MapChoice;
  readonly logCounts: boolean;
}

/** Scores against a baseline, with all that they are of. */
export interface BaselineData {
  readonly run: string;
  readonly stream: string;
  readonly quantity: Quantity;
  readonly baseline: Baseline;
  readonly scores: BaselineScores | null;
  /** Histograms of the baseline where that is another run. */
  readonly histograms: HistogramPair | null;
}

/** Some mean images of a run, with all that they are of. */
export interface MeanImageData {
  readonly run: string;
  readonly stream: string;
  readonly images: MeanImages;
}

/** Some samples of a stream, with all that they are of. */
export interface SampleData {
  readonly run: string;
  readonly stream: string;
  /** When each step was written: one that was written again has other samples. */
  readonly wallTimes: ReadonlyMap<number, number>;
  readonly samples: Samples;
}

/** Histograms of the compared runs, by run. */
export interface ComparedHistograms {
  readonly quantity: Quantity;
  /** Empty for all channels together. */
  readonly channel: string;
  readonly byRun: ReadonlyMap<string, HistogramPair>;
}

export interface Data {
  readonly theme: Theme;
  /** The first picture is on the screen: what it does not show is made from here on. */
  readonly opened: boolean;
  /** All of TensorBoard's runs in its order, which decides their colours. */
  readonly directoryOrder: readonly string[];
  readonly catalog: Catalog | null;
  /** Drift, spread and loss of each run, in few points: for the table. */
  readonly overview: ReadonlyMap<string, Scalars>;
  /** The same at every step, of the runs that are or were compared. */
  readonly curves: ReadonlyMap<string, Scalars>;
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly detail: Detail | null;
  readonly baselineData: BaselineData | null;
  readonly imageData: MeanImageData | null;
  readonly sampleData: SampleData | null;
  /** Neighbouring steps summed into columns. */
  readonly compared: ComparedHistograms | null;
  /** Of one step, not summed with any other. */
  readonly comparedAtStep: (ComparedHistograms & { readonly step: number }) | null;
  /** Step under the pointer. */
  readonly hovered: number | null;
  readonly playing: boolean;
  /** Where there is little room the list of runs is folded up, and unfolded over the page. */
  readonly listOpen: boolean;
  /** Parts that could not be fetched, each with the sentence that says why. */
  readonly failures: ReadonlyMap<string, string>;
}

export interface State extends View, Data {}

export const REFERENCE: Baseline = { kind: "reference", step: null, run: null };

/** All steps and all values. */
export const UNZOOMED: Pick<View, "zoom" | "values"> = { zoom: null, values: new Map() };

export const initialState: State = {
  page: "run",
  run: null,
  stream: null,
  quantity: "mean_pixels",
  channelIndex: 0,
  chosen: null,
  baseline: REFERENCE,
  form: "heatmap",
  axis: "step",
  ...UNZOOMED,
  tickedCurves: null,
  logLoss: false,
  filter: "",
  sort: null,
  selected: new Set(),
  hidden: new Set(),
  kept: new Set(),
  countScale: "root",
  colorMap: "auto",
  logCounts: false,
  theme: "light",
  opened: false,
  directoryOrder: [],
  catalog: null,
  overview: new Map(),
  curves: new Map(),
  findings: new Map(),
  detail: null,
  baselineData: null,
  imageData: null,
  sampleData: null,
  compared: null,
  comparedAtStep: null,
  hovered: null,
  playing: false,
  listOpen: false,
  failures: new Map(),
};

/** A state each part of which is a signal: an effect that reads a part follows it. `update` alone changes it. */
export function createState(change: Partial<State> = {}): State {
  const state = {};
  for (const [key, value] of Object.entries({ ...initialState, ...change })) {
    const part = signal<unknown>(value);
    Object.defineProperty(state, key, { get: () => part.value, set: (next) => (part.value = next), enumerable: true });
  }
  return state as State;
}

/** Change several parts at once. */
export function update(state: State, change: Partial<State>): void {
  batch(() => void Object.assign(state, change));
}

/** What follows from a state: computed when it is read, and again only if what it was computed from is another. */
export function derived<Result>(compute: (state: State) => Result): (state: State) => Result {
  const known = new WeakMap<State, ReadonlySignal<Result>>();
  return (state) => {
    const result = known.get(state) ?? computed(() => compute(state));
    known.set(state, result);
    return result.value;
  };
}
