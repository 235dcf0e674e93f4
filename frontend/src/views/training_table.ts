// The table of trainings: how each of them stands; which one is shown, compared, kept on top, hidden.

import { runColor } from "../colors";
import { h, replaceChildren } from "../dom";
import { formatIntensity, formatNumber, formatPercent } from "../format";
import type { Finding, Training } from "../model";
import { sparkline } from "../sparkline";
import { UNZOOMED, type SortKey, type State } from "../state";
import type { Store } from "../store";
import { comparedTrainings, isComparable } from "../comparison";
import { summarize, trainingLabel, visibleTrainings } from "../trainings";

const COLUMNS: readonly (readonly [SortKey, string, string])[] = [
  ["name", "training", "Name of the training"],
  ["findings", "⚑", "Findings: how many things look wrong"],
  ["loss", "loss", "Loss at the last epoch, of the validation if there is one"],
  ["drift", "drift", "Drift from the reference at the last epoch; the line is its course"],
  ["spread", "spread", "How much pixels vary from image to image, of the reference's, at the last epoch"],
];

export function trainingTable(store: Store): HTMLElement {
  const head = h("tr");
  const body = h("tbody");
  const rows = new Rows(store);
  const hidden = h("button.quiet", { type: "button", onclick: () => store.update({ hidden: new Set() }) });
  const filter = h("input.filter", {
    type: "search",
    placeholder: "Filter (regex)",
    aria: { label: "Filter trainings by a regular expression" },
    oninput: () => store.update({ filter: filter.value }),
  });
  const element = h(
    "nav.sidebar",
    { aria: { label: "Trainings" } },
    h("div.heading", {}, h("h2", {}, "Trainings"), hidden),
    filter,
    h("div.rows", {}, h("table.trainings", {}, h("thead", {}, head), body)),
  );
  store.watch(
    (state) => [visibleTrainings(state), state.selected, state.kept, state.hidden, state.page, state.sort, state.overview, state.findings, state.runOrder, state.theme, state.training ?? state.detail?.training.name, state.filter, state.listing],
    (state) => {
      element.hidden = !state.listing?.trainings.length;
      if (document.activeElement !== filter) filter.value = state.filter;
      hidden.hidden = !state.hidden.size;
      hidden.textContent = `show ${state.hidden.size} hidden`;
      replaceChildren(head, selectAll(store, state), ...COLUMNS.map((column) => headCell(store, state, ...column)));
      rows.show(body, state);
    },
  );
  return element;
}

/** More rows than a screen shows wait for the next frame: what is in sight is there sooner. */
const ROWS_A_FRAME = 40;

/** A row for each visible training; one that says the same as before stays as it is. */
class Rows {
  readonly #store: Store;
  readonly #known = new Map<string, { readonly inputs: readonly unknown[]; readonly element: HTMLElement }>();
  #next = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  show(body: HTMLElement, state: State): void {
    cancelAnimationFrame(this.#next);
    const compared = comparedTrainings(state);
    const elements: HTMLElement[] = [];
    let made = 0;
    for (const training of visibleTrainings(state)) {
      const { name } = training;
      const row = toRow(training, state, compared);
      const inputs = [training, state.overview.get(name), ...Object.values(row)];
      let known = this.#known.get(name);
      if (!known || inputs.some((value, index) => value !== known!.inputs[index])) {
        if (made === ROWS_A_FRAME) {
          // Once this frame is on the screen.
          this.#next = requestAnimationFrame(() => (this.#next = requestAnimationFrame(() => this.show(body, this.#store.state))));
          if (known) elements.push(known.element);
          continue;
        }
        made++;
        known = { inputs, element: rowElement(this.#store, state, training, row) };
        this.#known.set(name, known);
      }
      elements.push(known.element);
    }
    if (elements.length !== body.children.length || elements.some((element, index) => element !== body.children[index]))
      replaceChildren(body, ...elements);
  }
}

/** What a row says besides the numbers of its training. */
interface Row {
  readonly findings: readonly Finding[] | undefined;
  readonly color: string;
  readonly shown: boolean;
  readonly other: boolean;
  readonly selected: boolean;
  readonly kept: boolean;
}

function toRow(training: Training, state: State, compared: readonly Training[]): Row {
  const { name } = training;
  return {
    findings: state.findings.get(name),
    color: runColor(training.run, state.runOrder, state.theme),
    shown: state.page === "training" && name === (state.training ?? state.detail?.training.name),
    other: state.page === "compare" && !isComparable(training, compared),
    selected: state.selected.has(name),
    kept: state.kept.has(name),
  };
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
      { type: "button", title: `${help}. Click to sort.`, data: { key: `sort ${key}` }, onclick: () => store.update({ sort: next }) },
      label,
      sorted && (sort.descending ? " ▾" : " ▴"),
    ),
  );
}

function selectAll(store: Store, state: State): HTMLElement {
  const visible = visibleTrainings(state);
  const ticked = visible.filter(({ name }) => state.selected.has(name)).length;
  const box = h("input", {
    type: "checkbox",
    checked: ticked > 0 && ticked === visible.length,
    indeterminate: ticked > 0 && ticked < visible.length,
    title: "Compare all or none",
    aria: { label: "Compare all visible trainings" },
    data: { key: "all" },
    onchange: () => store.update({ selected: ticked ? new Set() : new Set(visible.map(({ name }) => name)) }),
  });
  return h("td", {}, box);
}

function rowElement(store: Store, state: State, training: Training, { color, shown, other, selected, kept }: Row): HTMLElement {
  const { name } = training;
  const { loss, drift, lastDrift, spread, span, findings } = summarize(training, state);
  const worst = findings.some(({ severity }) => severity === "error") ? "error" : "warning";
  const known = state.overview.has(name);
  return h(
    "tr",
    shown ? { className: "shown" } : {},
    h(
      "td",
      {},
      h("input", {
        type: "checkbox",
        checked: selected,
        aria: { label: `Compare ${name}` },
        data: { key: `select ${name}` },
        onchange: () => store.update({ selected: toggled(store.state.selected, name) }),
      }),
    ),
    h(
      "th",
      { scope: "row" },
      h(
        "button.training",
        {
          type: "button",
          title: other ? `${name}: measured by other reference images, not comparable` : name,
          data: { key: name },
          aria: shown ? { current: "true" } : {},
          onclick: () => store.update({ page: "training", training: name, stream: null, chosen: null, ...UNZOOMED }),
        },
        h("span.dot", { style: `background:${color}` }),
        h("span.name", {}, h("bdi", {}, trainingLabel(training))),
        other && h("span.other", { ariaLabel: "not comparable", role: "img" }, "≠"),
      ),
    ),
    h("td", {}, findings.length > 0 && h(`span.badge.${worst}` as "span", { title: findings.map(({ sentence }) => sentence).join("\n") }, `${worst === "error" ? "✕" : "▲"} ${findings.length}`)),
    h("td.count", {}, known ? formatNumber(loss) : ""),
    h("td.count.drift", {}, drift && sparkline(drift, color), h("span.last", {}, known ? formatIntensity(lastDrift, span) : "")),
    h(
      "td.count",
      {},
      known ? formatPercent(spread) : "",
      h(
        "span.acts",
        {},
        act("Keep on top", "▴", kept, name, () => store.update({ kept: toggled(store.state.kept, name) })),
        act("Hide", "✕", false, name, () => store.update({ hidden: toggled(store.state.hidden, name) })),
      ),
    ),
  );
}

function act(what: string, sign: string, pressed: boolean, name: string, onclick: () => void): HTMLElement {
  return h(
    "button",
    { type: "button", title: what, aria: { label: `${what}: ${name}`, pressed: String(pressed) }, data: { key: `${what} ${name}` }, onclick },
    sign,
  );
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}
