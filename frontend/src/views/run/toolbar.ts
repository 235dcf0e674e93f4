// What is shown of the run, and how; and what it is made of.

import { afterPaint } from "../../base/after_paint";
import { choices, h, replaceChildren, select } from "../../base/dom";
import { formatCount, formatNumber } from "../../base/format";
import type { Baseline, Detail, Quantity, Stream, Run } from "../../model/types";
import { baselineName, cursorStep, shownBaseline, shownRow } from "../../state/shown";
import { FORMS, REFERENCE, type Form, type State } from "../../state/state";
import type { Store } from "../../state/store";
import { runLabel } from "../../state/runs";
import { displayMenu } from "../shell/display_menu";

const QUANTITIES: readonly (readonly [Quantity, string, string])[] = [
  ["mean_pixels", "Mean pixels", "One value an image: the mean of its pixels"],
  ["contrasts", "Contrasts", "One value an image: the standard deviation of its pixels"],
  ["pixels", "All pixels", "Every pixel of every image"],
];

const FORM_NAMES: Readonly<Record<Form, readonly [name: string, help: string]>> = {
  heatmap: ["Heatmap", "Colour is the share of values, over all epochs"],
  bands: ["Bands", "Mean, median and the middle nine tenths, over all epochs"],
  ridgelines: ["Ridgelines", "A histogram an epoch, one above the other"],
  overlay: ["Overlay", "A histogram an epoch, all on one ground"],
  single: ["One epoch", "The histogram of the epoch alone, large"],
};

const SOURCES = {
  declared: "declared",
  dtype: "from the images' type",
  data: "inferred from the reference",
};

export function toolbarView(store: Store, takeAway: HTMLElement): HTMLElement {
  const title = h("h1");
  const facts = h("span.facts");
  const controls = h("div.controls");
  const notes = h("div");
  store.watch(
    ({ detail, row, quantity, form, baseline, baselineData, catalog, chosen }) => [detail, row, quantity, form, baseline, baselineData, catalog, chosen],
    (state) => {
      const { detail } = state;
      if (!detail) return;
      title.textContent = runLabel(detail.run);
      facts.textContent = factsOf(detail);
      replaceChildren(controls, ...controlsOf(store, state, detail.run, detail.stream), display);
      replaceChildren(notes, ...notesOf(state, detail).map((note) => h("p.note", {}, note)));
    },
  );
  const display = displayMenu(store);
  return h("div.toolbar", {}, h("div.heading", {}, title, facts, takeAway), controls, notes);
}

export function factsOf({ stream, histograms }: Detail): string {
  const { low, high, source } = stream.valueRange;
  const { loaded, recorded } = stream.steps;
  const shown = histograms.output.steps.length;
  return [
    `${formatCount(stream.referenceCount, "reference image")}${stream.height ? ` ${stream.height} × ${stream.width}` : ""}`,
    `range ${formatNumber(low)} to ${formatNumber(high)}, ${SOURCES[source]}`,
    loaded < recorded ? `${loaded} of ${formatCount(recorded, "epoch")} loaded` : formatCount(shown, "epoch"),
  ].join(" · ");
}

/** What could not be read, and what keeps the outputs from being measured by the baseline. */
export function notesOf(state: State, { run, histograms }: Detail): string[] {
  const against = shownBaseline(state).kind === "reference" ? null : state.baselineData?.scores;
  const missing = against?.comparable === false ? `: there are no scores by ${baselineName(state)}` : "";
  return [...run.notes, ...histograms.notes, ...(against?.notes ?? []).map((note) => note + missing)];
}

function controlsOf(store: Store, state: State, run: Run, stream: Stream): (HTMLElement | false)[] {
  return [
    run.streams.length > 1 &&
      select("Stream", run.streams.map(({ name }) => [name, name]), stream.name, (name) => store.update({ stream: name, chosen: null })),
    quantityChoices(store, state),
    stream.channels.length > 1 && channelChoices(store, stream.channels, shownRow(state)),
    choices(
      "View",
      FORMS.map((form) => ({ key: form, label: FORM_NAMES[form][0], help: FORM_NAMES[form][1], chosen: form === state.form, choose: () => store.update({ form }) })),
    ),
    baselineSelect(store, state),
  ];
}

export function channelChoices(store: Store, channels: readonly string[], chosen: number): HTMLElement {
  return choices(
    "Channel",
    channels.map((channel, row) => ({ key: channel, label: channel, chosen: row === chosen, choose: () => store.update({ row }) })),
  );
}

export function quantityChoices(store: Store, state: State): HTMLElement {
  return choices(
    "Quantity",
    QUANTITIES.map(([quantity, label, help]) => ({ key: quantity, label, help, chosen: quantity === state.quantity, choose: () => store.update({ quantity }) })),
  );
}

type Option = readonly [kind: Baseline["kind"], of: number | string | null];

function toOption({ kind, step, run }: Baseline): Option {
  return [kind, step ?? run];
}

function baselineSelect(store: Store, state: State): HTMLElement {
  const { detail, baseline } = state;
  const step = baseline.kind === "step" ? baseline.step : cursorStep(state);
  const own: readonly (readonly [Option, string])[] = [
    [["reference", null], "reference"],
    [["first", null], "first epoch"],
    [["step", step], `epoch ${step}`],
  ];
  const others = (state.catalog?.runs ?? [])
    .filter(({ name, streams }) => name !== detail?.run.name && streams.some((one) => one.name === detail?.stream.name))
    .map((other): readonly [Option, string] => [["run", other.name], `run ${runLabel(other)}`]);
  const encoded = (options: typeof own): (readonly [string, string])[] => options.map(([option, text]) => [JSON.stringify(option), text]);
  const chooses = baseline.kind === "run";
  const element = select("Baseline", encoded(chooses ? [...own, ...others] : own), JSON.stringify(toOption(baseline)), (value) =>
    store.update({ baseline: toBaseline(store.state, value) }),
  );
  // A hundred runs to choose from take as long to lay out as the rest of the toolbar.
  if (!chooses) afterPaint(() => element.querySelector("select")!.append(...encoded(others).map(([value, text]) => h("option", { value }, text))));
  return element;
}

function toBaseline(state: State, value: string): Baseline {
  const [kind, of] = JSON.parse(value) as Option;
  // "This epoch" is the one that is looked at when it is chosen.
  if (kind === "step") return { ...REFERENCE, kind, step: typeof of === "number" ? of : cursorStep(state) };
  return { ...REFERENCE, kind, run: typeof of === "string" ? of : null };
}
