// The view as parameters of the address, and back: a link restores all that was chosen.

import type { Baseline } from "../model/types";
import { formatValues, parseValues } from "../model/value_zoom";
import { CHOICES, initialState, REFERENCE, SORTS, type SortKey, type State, type View } from "./state";

type Parameters = Record<string, string>;

/** Only what is not the default is in the address: a short link is read by people too. */
export function toParameters(view: View): Parameters {
  const all: Record<keyof View, string | null> = {
    page: view.page,
    run: view.run,
    stream: view.stream,
    quantity: view.quantity,
    channelIndex: String(view.channelIndex),
    chosen: view.chosen === null ? null : String(view.chosen),
    baseline: {
      reference: "reference",
      first: "first",
      step: `step ${view.baseline.step}`,
      run: `run ${view.baseline.run}`,
    }[view.baseline.kind],
    form: view.form,
    axis: view.axis,
    zoom: view.zoom && view.zoom.map((step) => Number(step.toFixed(2))).join(" "),
    values: formatValues(view.values),
    tickedCurves: fromSet(view.tickedCurves),
    logLoss: view.logLoss ? "1" : null,
    filter: view.filter || null,
    sort: view.sort && `${view.sort.descending ? "-" : ""}${view.sort.key}`,
    selected: view.selected.size ? fromSet(view.selected) : null,
    hidden: view.hidden.size ? fromSet(view.hidden) : null,
    kept: view.kept.size ? fromSet(view.kept) : null,
    countScale: view.countScale,
    colorMap: view.colorMap,
    logCounts: view.logCounts ? "1" : null,
  };
  const defaults: Record<string, unknown> = { ...initialState, channelIndex: "0", baseline: "reference" };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) =>
      value === null || value === defaults[key] ? [] : [[NAMES[key as keyof View], value]],
    ),
  );
}

/** The view of a link; what it leaves out is that of `defaults`, and so is what means nothing. */
export function fromParameters(given: Readonly<Parameters>, defaults: View): View {
  const text = (key: keyof View): string | undefined => given[NAMES[key]];
  const one = <Key extends keyof typeof CHOICES>(key: Key, fallback: View[Key]): View[Key] =>
    known(key, text(key)) ?? fallback;
  const sort = text("sort")?.replace("-", "") as SortKey | undefined;
  return {
    page: one("page", "run"),
    run: text("run") ?? null,
    stream: text("stream") ?? null,
    quantity: one("quantity", "mean_pixels"),
    channelIndex: wholeNumber(text("channelIndex")) ?? 0,
    chosen: wholeNumber(text("chosen")),
    baseline: toBaseline(text("baseline") ?? ""),
    form: one("form", defaults.form),
    axis: one("axis", defaults.axis),
    zoom: toZoom(text("zoom")),
    values: parseValues(text("values")),
    tickedCurves: text("tickedCurves") === undefined ? null : toSet(text("tickedCurves")),
    logLoss: text("logLoss") === "1" || defaults.logLoss,
    filter: text("filter") ?? "",
    sort: sort && SORTS.includes(sort) ? { key: sort, descending: text("sort")!.startsWith("-") } : null,
    selected: toSet(text("selected")),
    hidden: toSet(text("hidden")),
    kept: toSet(text("kept")),
    countScale: one("countScale", defaults.countScale),
    colorMap: one("colorMap", defaults.colorMap),
    logCounts: text("logCounts") === "1" || defaults.logCounts,
  };
}

/** Names of the parts of the view in an address. */
const NAMES: Readonly<Record<keyof View, string>> = {
  page: "page",
  run: "run",
  stream: "stream",
  quantity: "quantity",
  channelIndex: "channel",
  chosen: "step",
  baseline: "baseline",
  form: "view",
  axis: "axis",
  zoom: "zoom",
  values: "values",
  tickedCurves: "curves",
  logLoss: "log",
  filter: "filter",
  sort: "sort",
  selected: "select",
  hidden: "hide",
  kept: "pin",
  countScale: "counts",
  colorMap: "colors",
  logCounts: "logcounts",
};

export const VIEW_KEYS = Object.keys(NAMES) as readonly (keyof View)[];

/** The view alone of all that the state holds. */
export function viewOf(state: State): View {
  return Object.fromEntries(VIEW_KEYS.map((key) => [key, state[key]])) as unknown as View;
}

/** A choice that this version knows; another version's links and preferences may hold others. */
export function known<Key extends keyof typeof CHOICES>(key: Key, value: unknown): View[Key] | undefined {
  return (CHOICES[key] as readonly unknown[]).includes(value) ? (value as View[Key]) : undefined;
}

// No name of a run or tag has a line break in it.
const SEPARATOR = "\n";

function fromSet(names: ReadonlySet<string> | null): string | null {
  return names && [...names].join(SEPARATOR);
}

function toSet(text: string | undefined): ReadonlySet<string> {
  return new Set(text ? text.split(SEPARATOR) : []);
}

function toBaseline(text: string): Baseline {
  const [kind, ...rest] = text.split(" ");
  const value = rest.join(" ");
  const step = wholeNumber(value);
  if (kind === "first") return { ...REFERENCE, kind };
  if (kind === "step" && step !== null) return { ...REFERENCE, kind, step };
  if (kind === "run" && value) return { ...REFERENCE, kind, run: value };
  return REFERENCE;
}

function toZoom(text: string | undefined): View["zoom"] {
  const [low, high] = (text ?? "").split(" ").map(Number);
  return low !== undefined && high !== undefined && high > low ? [low, high] : null;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
