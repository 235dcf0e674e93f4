// The view as parameters of the address, and back: a link restores all that was chosen.

import type { Baseline, Quantity } from "../model/types";
import { COUNT_SCALES } from "../drawing/raster";
import { FORMS, initialState, REFERENCE, SORTS, type SortKey, type View } from "./state";
import { formatValues, parseValues } from "../model/value_zoom";

type Parameters = Record<string, string>;

/** Only what is not the default is in the address: a short link is read by people too. */
export function toParameters(view: View): Parameters {
  const all: Record<keyof View, string | null> = {
    page: view.page,
    run: view.run,
    stream: view.stream,
    quantity: view.quantity,
    row: String(view.row),
    chosen: view.chosen === null ? null : String(view.chosen),
    baseline: { reference: "reference", first: "first", step: `step ${view.baseline.step}`, run: `run ${view.baseline.run}` }[view.baseline.kind],
    form: view.form,
    axis: view.axis,
    zoom: view.zoom && view.zoom.map((step) => Number(step.toFixed(2))).join(" "),
    values: formatValues(view.values),
    curves: fromSet(view.curves),
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
  const defaults: Record<string, unknown> = { ...initialState, row: "0", baseline: "reference" };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) =>
      value === null || value === defaults[key] ? [] : [[NAMES[key as keyof View], value]],
    ),
  );
}

/** What a link says; what it leaves out is `otherwise`, and so is what means nothing. */
export function fromParameters(given: Readonly<Parameters>, otherwise: View): View {
  const text = (key: keyof View): string | undefined => given[NAMES[key]];
  const one = <T extends string>(key: keyof View, known: readonly T[], fallback: T): T =>
    known.find((value) => value === text(key)) ?? fallback;
  const sort = text("sort")?.replace("-", "") as SortKey | undefined;
  return {
    page: one("page", ["run", "compare"], "run"),
    run: text("run") ?? null,
    stream: text("stream") ?? null,
    quantity: one<Quantity>("quantity", ["mean_pixels", "contrasts", "pixels"], "mean_pixels"),
    row: wholeNumber(text("row")) ?? 0,
    chosen: wholeNumber(text("chosen")),
    baseline: toBaseline(text("baseline") ?? ""),
    form: one("form", FORMS, otherwise.form),
    axis: one("axis", ["step", "relative", "wall"], otherwise.axis),
    zoom: toZoom(text("zoom")),
    values: parseValues(text("values")),
    curves: text("curves") === undefined ? null : toSet(text("curves")),
    logLoss: text("logLoss") === "1" || otherwise.logLoss,
    filter: text("filter") ?? "",
    sort: sort && SORTS.includes(sort) ? { key: sort, descending: text("sort")!.startsWith("-") } : null,
    selected: toSet(text("selected")),
    hidden: toSet(text("hidden")),
    kept: toSet(text("kept")),
    countScale: one("countScale", COUNT_SCALES, otherwise.countScale),
    colorMap: one("colorMap", ["auto", "blue", "cividis", "viridis", "magma"], otherwise.colorMap),
    logCounts: text("logCounts") === "1" || otherwise.logCounts,
  };
}

/** What each part of the view is called in an address. */
const NAMES: Readonly<Record<keyof View, string>> = {
  page: "page",
  run: "run",
  stream: "stream",
  quantity: "quantity",
  row: "channel",
  chosen: "step",
  baseline: "baseline",
  form: "view",
  axis: "axis",
  zoom: "zoom",
  values: "values",
  curves: "curves",
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

// No name of a run or tag has a line break in it.
const BETWEEN = "\n";

function fromSet(names: ReadonlySet<string> | null): string | null {
  return names && [...names].join(BETWEEN);
}

function toSet(text: string | undefined): ReadonlySet<string> {
  return new Set(text ? text.split(BETWEEN) : []);
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
