// The table of runs.

import { h, replaceChildren } from "../../base/dom";
import { areSame } from "../../base/lists";
import { comparedRuns } from "../../state/comparison";
import type { Paint } from "../../state/frames";
import { runsWithFindings, visibleRuns } from "../../state/runs";
import { type SortKey, type State, update } from "../../state/state";
import { rowElement, toRow } from "./run_row";

const COLUMNS: readonly (readonly [SortKey, string, string])[] = [
  ["name", "run", "Name of the run"],
  ["findings", "⚑", "Findings: how many things look wrong"],
  ["loss", "loss", "Loss at the last step: of the validation, if there is one"],
  ["drift", "drift", "Drift from the reference at the last step; the line shows it over all steps"],
  [
    "spread",
    "spread",
    "Pixel spread at the last step: how much a pixel varies from image to image, compared with the reference",
  ],
];

export function runTable(state: State, paint: Paint): HTMLElement {
  const head = h("tr");
  const rows = new Rows(state);
  const hidden = h("button.quiet", { onclick: () => update(state, { hidden: new Set() }) });
  const filter = h("input.filter", {
    type: "search",
    placeholder: "Filter (regex)",
    aria: { label: "Filter runs by a regular expression" },
    oninput: () => update(state, { filter: filter.value }),
  });
  const look = h("button.quiet", {
    title: "Show them first",
    onclick: () => update(state, { sort: { key: "findings", descending: true } }),
  });
  const unfold = h("button.unfold", { onclick: () => update(state, { listOpen: !state.listOpen }) });
  const element = h(
    "nav.sidebar",
    {
      aria: { label: "Runs" },
      onkeydown: ({ key }) => {
        if (key === "Escape") update(state, { listOpen: false });
      },
    },
    h("div.heading", {}, h("h2", {}, "Runs"), unfold, look, hidden),
    filter,
    h("div.rows", {}, h("table.runs", {}, h("thead", {}, head), rows.body)),
  );
  paint(() => {
    element.hidden = !state.catalog?.runs.length;
    if (document.activeElement !== filter) filter.value = state.filter;
    hidden.hidden = !state.hidden.size;
    hidden.textContent = `show ${state.hidden.size} hidden`;
    replaceChildren(head, selectAll(state), ...COLUMNS.map((column) => headCell(state, ...column)));
  });
  paint(() => {
    const { listOpen } = state;
    element.classList.toggle("open", listOpen);
    unfold.textContent = listOpen ? "⟨" : "☰";
    unfold.title = listOpen ? "Fold the list of runs" : "Unfold the list of runs";
    unfold.ariaLabel = unfold.title;
    unfold.setAttribute("aria-expanded", String(listOpen));
  });
  paint(() => {
    const [some, all] = [runsWithFindings(state), state.catalog?.runs.length ?? 0];
    look.hidden = !some || all < 2;
    look.textContent = `${some} of ${all} need${some === 1 ? "s" : ""} a look`;
  });
  // A hundred rows take a tenth of the opening: those that no screen shows follow.
  const screenful = Math.ceil((innerHeight - HEAD_HEIGHT) / ROW_HEIGHT);
  paint(() => rows.show(state.opened ? Infinity : screenful));
  return element;
}

/** In CSS pixels, as the style sheet has them: a row, and the least that stands above the first. */
const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 90;

/** A row for each visible run; one that says the same as before stays as it is. */
class Rows {
  readonly body = h("tbody");
  readonly #state: State;
  readonly #known = new Map<string, { readonly inputs: readonly unknown[]; readonly element: HTMLElement }>();

  constructor(state: State) {
    this.#state = state;
  }

  show(limit: number): void {
    const state = this.#state;
    const compared = comparedRuns(state);
    const elements = visibleRuns(state)
      .slice(0, limit)
      .map((run) => {
        const row = toRow(run, state, compared);
        const inputs = [run, state.overview.get(run.name), ...Object.values(row)];
        const known = this.#known.get(run.name);
        if (known && areSame(inputs, known.inputs)) return known.element;
        const element = rowElement(state, run, row);
        this.#known.set(run.name, { inputs, element });
        return element;
      });
    if (!areSame(elements, this.body.children)) replaceChildren(this.body, ...elements);
  }
}

function headCell(state: State, key: SortKey, label: string, help: string): HTMLElement {
  const { sort } = state;
  const sorted = sort?.key === key;
  // Names and losses from the least, findings and drift from the most; then the other way; then not at all.
  const first = key === "findings" || key === "drift";
  const next = !sorted ? { key, descending: first } : sort.descending === first ? { key, descending: !first } : null;
  return h(
    `th.${key}` as "th",
    { scope: "col", aria: { sort: !sorted ? "none" : sort.descending ? "descending" : "ascending" } },
    h(
      "button",
      { title: `${help}. Click to sort.`, data: { key: `sort ${key}` }, onclick: () => update(state, { sort: next }) },
      label,
      sorted && (sort.descending ? " ▾" : " ▴"),
    ),
  );
}

function selectAll(state: State): HTMLElement {
  const visible = visibleRuns(state);
  const ticked = visible.filter(({ name }) => state.selected.has(name)).length;
  const box = h("input", {
    type: "checkbox",
    checked: ticked > 0 && ticked === visible.length,
    indeterminate: ticked > 0 && ticked < visible.length,
    title: "Compare all or none",
    aria: { label: "Compare all visible runs" },
    data: { key: "all" },
    onchange: () => update(state, { selected: ticked ? new Set() : new Set(visible.map(({ name }) => name)) }),
  });
  return h("td", {}, box);
}
