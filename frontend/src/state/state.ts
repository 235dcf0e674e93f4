// The state of the page, in one place: what is asked for, and what has arrived.

import type { AxisKind } from "../model/axis";
import type { MapChoice, Theme } from "../drawing/colors";
import type {
  Baseline,
  BaselineScores,
  Detail,
  Finding,
  HistogramPair,
  Catalog,
  MeanImages,
  Quantity,
  Scalars,
} from "../model/types";
import type { Domain } from "../model/series";
import type { ValueZooms } from "../model/value_zoom";

export const FORMS = ["heatmap", "bands", "ridgelines", "overlay", "single"] as const;
export type Form = (typeof FORMS)[number];

export const COUNT_SCALES = ["root", "log", "linear"] as const;
export type CountScale = (typeof COUNT_SCALES)[number];

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
  /** Row of the histograms: 0 is all channels together. */
  readonly row: number;
  /** Epoch that was chosen; null follows the latest one. */
  readonly chosen: number | null;
  readonly baseline: Baseline;
  readonly form: Form;
  readonly axis: AxisKind;
  /** Epochs that are shown; null for all. */
  readonly zoom: Domain | null;
  /** Limits of the values that charts show; of those that are not here all. */
  readonly values: ValueZooms;
  /** Ticked curves; null for the loss. */
  readonly curves: ReadonlySet<string> | null;
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

export interface BaselineData {
  /** Names of what is measured. */
  readonly run: string;
  readonly stream: string;
  readonly baseline: Baseline;
  readonly scores: BaselineScores | null;
  /** Histograms of the run that outputs are measured by, if they are. */
  readonly histograms: HistogramPair | null;
}

export interface Compared {
  readonly quantity: Quantity;
  /** Empty for all channels together. */
  readonly channel: string;
  /** Neighbouring epochs summed into columns, by run. */
  readonly columns: ReadonlyMap<string, HistogramPair>;
}

export interface State extends View {
  readonly theme: Theme;
  /** All runs in TensorBoard's order, which decides their colours. */
  readonly directoryOrder: readonly string[];
  readonly catalog: Catalog | null;
  /** Headline numbers of each run, in few points: for the table. */
  readonly overview: ReadonlyMap<string, Scalars>;
  /** The same in every epoch, of the runs that are or were compared. */
  readonly courses: ReadonlyMap<string, Scalars>;
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly detail: Detail | null;
  readonly baselineData: BaselineData | null;
  readonly images: MeanImages | null;
  readonly compared: Compared | null;
  /** Exact histograms of one epoch, where `compared` holds sums. */
  readonly comparedAt: { readonly step: number; readonly exact: ReadonlyMap<string, HistogramPair> } | null;
  /** Epoch under the pointer. */
  readonly hovered: number | null;
  readonly playing: boolean;
  /** What could not be fetched, and the sentence that says why. */
  readonly failures: ReadonlyMap<string, string>;
}

export const REFERENCE: Baseline = { kind: "reference", step: null, run: null };

/** All epochs and all values. */
export const UNZOOMED: Pick<View, "zoom" | "values"> = { zoom: null, values: new Map() };

export const initialState: State = {
  page: "run",
  run: null,
  stream: null,
  quantity: "mean_pixels",
  row: 0,
  chosen: null,
  baseline: REFERENCE,
  form: "heatmap",
  axis: "step",
  ...UNZOOMED,
  curves: null,
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
  directoryOrder: [],
  catalog: null,
  overview: new Map(),
  courses: new Map(),
  findings: new Map(),
  detail: null,
  baselineData: null,
  images: null,
  compared: null,
  comparedAt: null,
  hovered: null,
  playing: false,
  failures: new Map(),
};
