// One run in the table: its numbers, and its buttons.

import { h } from "../../base/dom";
import { formatIntensity, formatNumber, formatPercent, typeset } from "../../base/format";
import { runColor } from "../../drawing/colors";
import { sparkline } from "../../drawing/sparkline";
import { type Finding, lookOf, type Run } from "../../model/types";
import { isComparable } from "../../state/comparison";
import { shortLabel } from "../../state/run_names";
import { summarize } from "../../state/runs";
import { type State, UNZOOMED, update } from "../../state/state";

/** All that a row shows besides the numbers of its run. */
export interface RowState {
  readonly label: string;
  readonly findings: readonly Finding[] | undefined;
  readonly color: string;
  readonly shown: boolean;
  readonly other: boolean;
  readonly selected: boolean;
  readonly kept: boolean;
  /** Whether it has its buttons: nobody points at a row before the first picture. */
  readonly buttons: boolean;
}

export function toRow(run: Run, state: State, compared: readonly Run[]): RowState {
  const { name } = run;
  return {
    label: shortLabel(state, run),
    findings: state.findings.get(name),
    color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
    shown: state.page === "run" && name === (state.run ?? state.detail?.run.name),
    other: state.page === "compare" && !isComparable(run, compared),
    selected: state.selected.has(name),
    kept: state.kept.has(name),
    buttons: state.opened,
  };
}

export function rowElement(
  state: State,
  run: Run,
  { label, color, shown, other, selected, kept, buttons }: RowState,
): HTMLElement {
  const { name } = run;
  const { loss, drift, lastDrift, spread, span, findings } = summarize(run, state);
  const looks = findings.map(lookOf);
  const worst = looks.includes("error") ? "error" : looks.includes("warning") ? "warning" : "early";
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
        onchange: () => update(state, { selected: toggled(state.selected, name) }),
      }),
    ),
    h(
      "th",
      { scope: "row" },
      h(
        "button.run",
        {
          title: other ? `${name}: other reference images, not comparable` : name,
          data: { key: name },
          aria: shown ? { current: "true" } : {},
          onclick: () =>
            update(state, { page: "run", run: name, stream: null, chosen: null, listOpen: false, ...UNZOOMED }),
        },
        h("span.dot", { style: `background:${color}` }),
        h("span.name", {}, h("bdi", {}, label)),
        other && h("span.other", { ariaLabel: "not comparable", role: "img" }, "≠"),
      ),
    ),
    h(
      "td.flag",
      {},
      findings.length > 0 &&
        h(
          `span.badge.${worst}` as "span",
          { title: findings.map(({ sentence }) => typeset(sentence)).join("\n") },
          { error: "✕", warning: "▲", early: "…" }[worst],
          worst !== "early" && h("span.many", {}, ` ${looks.filter((look) => look !== "early").length}`),
        ),
    ),
    h("td.count", {}, known ? formatNumber(loss) : ""),
    h("td.count.drift", {}, drift && sparkline(drift, color), known && formatIntensity(lastDrift, span)),
    h("td.count", {}, known ? formatPercent(spread) : "", buttons && rowButtons(state, name, kept)),
  );
}

/** Over the end of a row while it is pointed at or has the focus; of a kept run always. */
function rowButtons(state: State, name: string, kept: boolean): HTMLElement {
  return h(
    kept ? "span.acts.kept" : "span.acts",
    {},
    rowButton("Keep on top", "▴", kept, name, () => update(state, { kept: toggled(state.kept, name) })),
    rowButton("Hide", "✕", false, name, () => update(state, { hidden: toggled(state.hidden, name) })),
  );
}

function rowButton(what: string, sign: string, pressed: boolean, name: string, onclick: () => void): HTMLElement {
  return h(
    "button",
    {
      title: what,
      aria: { label: `${what}: ${name}`, pressed: String(pressed) },
      data: { key: `${what} ${name}` },
      onclick,
    },
    sign,
  );
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}
