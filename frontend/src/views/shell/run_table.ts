// The table of runs: which of them it has, in which order.

import { afterPaint } from "../../base/after_paint";
import { comparedRuns } from "../../state/comparison";
import { h, replaceChildren } from "../../base/dom";
import { areSame } from "../../base/lists";
import type { SortKey, State } from "../../state/state";
import type { Store } from "../../state/store";
import { visibleRuns } from "../../state/runs";
import { rowActs, rowElement, toRow } from "./run_row";

const COLUMNS: readonly (readonly [SortKey, string, string])[] = [
  ["name", "run", "Name of the run"],
  ["findings", "⚑", "Findings: how many things look wrong"],
  ["loss", "loss", "Loss at the last epoch, of the validation if there is one"],
  ["drift", "drift", "Drift from the reference at the last epoch; the line is its course"],
  ["spread", "spread", "How much pixels vary from image to image, of the reference's, at the last epoch"],
];

export function runTable(store: Store): HTMLElement {
  const head = h("tr");
  const rows = new Rows(store);
  const hidden = h("button.quiet", { onclick: () => store.update({ hidden: new Set() }) });
  const filter = h("input.filter", {
    type: "search",
    placeholder: "Filter (regex)",
    aria: { label: "Filter runs by a regular expression" },
    oninput: () => store.update({ filter: filter.value }),
  });
  const element = h(
    "nav.sidebar",
    { aria: { label: "Runs" } },
    h("div.heading", {}, h("h2", {}, "Runs"), hidden),
    filter,
    h("div.rows", {}, h("table.runs", {}, h("thead", {}, head), rows.body)),
  );
  store.watch(
    (state) => [visibleRuns(state), state.selected, state.kept, state.hidden, state.page, state.sort, state.overview, state.findings, state.directoryOrder, state.theme, state.run ?? state.detail?.run.name, state.filter, state.catalog],
    (state) => {
      element.hidden = !state.catalog?.runs.length;
      if (document.activeElement !== filter) filter.value = state.filter;
      hidden.hidden = !state.hidden.size;
      hidden.textContent = `show ${state.hidden.size} hidden`;
      replaceChildren(head, selectAll(store, state), ...COLUMNS.map((column) => headCell(store, state, ...column)));
      rows.show(state);
    },
  );
  return element;
}

/** More rows than a screen shows wait until these are on it. CSS pixels, about. */
const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 100;
const LEAST_ROWS = 20;

/** A row for each visible run; one that says the same as before stays as it is. */
class Rows {
  readonly body = h("tbody");
  readonly #store: Store;
  readonly #known = new Map<string, { readonly inputs: readonly unknown[]; readonly element: HTMLElement }>();
  /** The run that the pointer or the focus came to last. */
  #attended = "";
  #shows = 0;

  constructor(store: Store) {
    this.#store = store;
    for (const type of ["pointerover", "focusin"]) this.body.addEventListener(type, ({ target }) => this.#attend(target as Element));
  }

  #attend(target: Element): void {
    const row = target.closest("tr");
    const name = row?.querySelector<HTMLElement>(".run")?.dataset["key"];
    if (!row || name === undefined) return;
    this.#attended = name;
    if (!row.querySelector(".acts")) row.lastElementChild!.append(rowActs(this.#store, name));
  }

  show(state: State): void {
    const show = ++this.#shows;
    const { body } = this;
    const compared = comparedRuns(state);
    const elements: HTMLElement[] = [];
    const most = Math.max(LEAST_ROWS, Math.ceil((innerHeight - HEAD_HEIGHT) / ROW_HEIGHT));
    let made = 0;
    let unmade = 0;
    for (const run of visibleRuns(state)) {
      const { name } = run;
      const row = toRow(run, state, compared);
      const inputs = [run, state.overview.get(name), ...Object.values(row)];
      let known = this.#known.get(name);
      if (!known || !areSame(inputs, known.inputs)) {
        if (made === most) {
          unmade++;
          if (known) elements.push(known.element);
          continue;
        }
        made++;
        known = { inputs, element: rowElement(this.#store, state, run, row, name === this.#attended) };
        this.#known.set(name, known);
      }
      elements.push(known.element);
    }
    if (!areSame(elements, body.children)) replaceChildren(body, ...elements);
    if (!unmade) return;
    afterPaint(() => {
      if (show === this.#shows) this.show(this.#store.state);
    });
  }
}

function headCell(store: Store, { sort }: State, key: SortKey, label: string, help: string): HTMLElement {
  const sorted = sort?.key === key;
  // Names and losses from the least, what tells of trouble from the most; then the other way; then not at all.
  const first = key === "findings" || key === "drift";
  const next = !sorted ? { key, descending: first } : sort.descending === first ? { key, descending: !first } : null;
  return h(
    `th.${key}` as "th",
    { scope: "col", aria: { sort: !sorted ? "none" : sort.descending ? "descending" : "ascending" } },
    h(
      "button",
      { title: `${help}. Click to sort.`, data: { key: `sort ${key}` }, onclick: () => store.update({ sort: next }) },
      label,
      sorted && (sort.descending ? " ▾" : " ▴"),
    ),
  );
}

function selectAll(store: Store, state: State): HTMLElement {
  const visible = visibleRuns(state);
  const ticked = visible.filter(({ name }) => state.selected.has(name)).length;
  const box = h("input", {
    type: "checkbox",
    checked: ticked > 0 && ticked === visible.length,
    indeterminate: ticked > 0 && ticked < visible.length,
    title: "Compare all or none",
    aria: { label: "Compare all visible runs" },
    data: { key: "all" },
    onchange: () => store.update({ selected: ticked ? new Set() : new Set(visible.map(({ name }) => name)) }),
  });
  return h("td", {}, box);
}
