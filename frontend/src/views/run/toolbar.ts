// The head of the page of one run: its name and facts, the choices of view, its notes.

import { choices, h, replaceChildren, select } from "../../base/dom";
import { formatCount, formatNumber } from "../../base/format";
import type { Baseline, Detail, Run, Stream } from "../../model/types";
import type { Paint } from "../../state/frames";
import { runLabel } from "../../state/runs";
import { baselineName, cursorStep, recordedSteps, shownBaseline, shownChannelIndex } from "../../state/shown";
import { CHOICES, type Form, REFERENCE, type State, update } from "../../state/state";
import { recordCount, stepName, stepWord } from "../../state/step_words";
import { channelChoices, displayMenu, quantityChoices } from "../shell/choices";

const FORM_NAMES: Readonly<Record<Form, readonly [name: string, help: string]>> = {
  heatmap: ["Heatmap", "Colour is the share of values, over all steps"],
  bands: ["Bands", "Mean, median and the middle nine tenths, over all steps"],
  ridgelines: ["Ridgelines", "A histogram a step, one above the other"],
  overlay: ["Overlay", "A histogram a step, all on one ground"],
  single: ["One step", "The histogram of the step alone, large"],
};

const SOURCES = {
  declared: "declared",
  dtype: "from the images' type",
  data: "inferred from the reference",
};

export function toolbarView(state: State, paint: Paint, exportMenu: HTMLElement): HTMLElement {
  const title = h("h1");
  const facts = h("span.facts");
  const controls = h("div.controls");
  const notes = h("div");
  const display = displayMenu(state, paint);
  paint(() => {
    const { detail } = state;
    if (!detail) return;
    title.textContent = runLabel(detail.run);
    facts.textContent = factsOf(state, detail);
    replaceChildren(controls, ...controlsOf(state, detail.run, detail.stream), display);
    replaceChildren(notes, ...notesOf(state, detail).map((note) => h("p.note", {}, note)));
  });
  return h("div.toolbar", {}, h("div.heading", {}, title, facts, exportMenu), controls, notes);
}

export function factsOf(state: State, { stream, histograms }: Detail): string {
  const { low, high, source } = stream.valueRange;
  const { loaded, recorded } = stream.steps;
  const shown = histograms.output.steps.length;
  return [
    `${formatCount(stream.referenceCount, "reference image")}${stream.height ? ` ${stream.height} × ${stream.width}` : ""}`,
    `range ${formatNumber(low)} to ${formatNumber(high)}, ${SOURCES[source]}`,
    loaded < recorded ? `${loaded} of ${recordCount(state, recorded)} loaded` : recordCount(state, shown),
  ].join(" · ");
}

/** Records that could not be read, and why the outputs cannot be compared with the baseline. */
export function notesOf(state: State, { run, histograms }: Detail): string[] {
  const against = shownBaseline(state).kind === "reference" ? null : state.baselineData?.scores;
  const missing = against?.comparable === false ? `: outputs cannot be compared with ${baselineName(state)}` : "";
  return [...run.notes, ...histograms.notes, ...(against?.notes ?? []).map((note) => note + missing)];
}

function controlsOf(state: State, run: Run, stream: Stream): (HTMLElement | false)[] {
  return [
    run.streams.length > 1 &&
      select(
        "Stream",
        run.streams.map(({ name }) => [name, name]),
        stream.name,
        (name) => update(state, { stream: name, chosen: null }),
      ),
    quantityChoices(state),
    stream.channels.length > 1 && channelChoices(state, stream.channels, shownChannelIndex(state)),
    choices(
      "View",
      CHOICES.form.map((form) => ({
        key: form,
        label: form === "single" ? `One ${stepWord(state)}` : FORM_NAMES[form][0],
        help: FORM_NAMES[form][1],
        chosen: form === state.form,
        choose: () => update(state, { form }),
      })),
    ),
    baselineSelect(state),
  ];
}

type Option = readonly [kind: Baseline["kind"], of: number | string | null];

function toOption({ kind, step, run }: Baseline): Option {
  return [kind, step ?? run];
}

function baselineSelect(state: State): HTMLElement {
  const { detail, baseline } = state;
  const steps = recordedSteps(state);
  const step = baseline.kind === "step" ? baseline.step : (state.chosen ?? steps[steps.length - 1] ?? null);
  const own: readonly (readonly [Option, string])[] = [
    [["reference", null], "reference"],
    [["first", null], `first ${stepWord(state)}`],
    [["step", step], stepName(state, step)],
  ];
  const others = (state.catalog?.runs ?? [])
    .filter(({ name, streams }) => name !== detail?.run.name && streams.some((one) => one.name === detail?.stream.name))
    .map((other): readonly [Option, string] => [["run", other.name], `run ${runLabel(other)}`]);
  const options = [...own, ...others].map(([option, text]) => [JSON.stringify(option), text] as const);
  return select("Baseline", options, JSON.stringify(toOption(baseline)), (value) =>
    update(state, { baseline: toBaseline(state, value) }),
  );
}

function toBaseline(state: State, value: string): Baseline {
  const [kind, of] = JSON.parse(value) as Option;
  // "This step" is the one that is looked at when it is chosen.
  if (kind === "step") return { ...REFERENCE, kind, step: typeof of === "number" ? of : cursorStep(state) };
  return { ...REFERENCE, kind, run: typeof of === "string" ? of : null };
}
