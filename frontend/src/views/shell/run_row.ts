// One run in the table: its numbers, and what can be done with it.

import { runColor } from "../../drawing/colors";
import { isComparable } from "../../state/comparison";
import { h } from "../../base/dom";
import { formatIntensity, formatNumber, formatPercent } from "../../base/format";
import type { Finding, Run } from "../../model/types";
import { sparkline } from "../../drawing/sparkline";
import { UNZOOMED, type State } from "../../state/state";
import type { Store } from "../../state/store";
import { summarize, runLabel } from "../../state/runs";

/** What a row says besides the numbers of its run. */
export interface Row {
  readonly findings: readonly Finding[] | undefined;
  readonly color: string;
  readonly shown: boolean;
  readonly other: boolean;
  readonly selected: boolean;
  readonly kept: boolean;
}

export function toRow(run: Run, state: State, compared: readonly Run[]): Row {
  const { name } = run;
  return {
    findings: state.findings.get(name),
    color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
    shown: state.page === "run" && name === (state.run ?? state.detail?.run.name),
    other: state.page === "compare" && !isComparable(run, compared),
    selected: state.selected.has(name),
    kept: state.kept.has(name),
  };
}

export function rowElement(store: Store, state: State, run: Run, { color, shown, other, selected, kept }: Row, attended: boolean): HTMLElement {
  const { name } = run;
  const { loss, drift, lastDrift, spread, span, findings } = summarize(run, state);
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
        "button.run",
        {
          title: other ? `${name}: measured by other reference images, not comparable` : name,
          data: { key: name },
          aria: shown ? { current: "true" } : {},
          // A dot of the run's colour; as an element of its own it would take longer to lay out.
          style: `background-image:radial-gradient(circle at 7.5px,${color} 5px,#0000 5.75px)`,
          onclick: () => store.update({ page: "run", run: name, stream: null, chosen: null, ...UNZOOMED }),
        },
        h("span.name", {}, h("bdi", {}, runLabel(run))),
        other && h("span.other", { ariaLabel: "not comparable", role: "img" }, "≠"),
      ),
    ),
    h("td", {}, findings.length > 0 && h(`span.badge.${worst}` as "span", { title: findings.map(({ sentence }) => sentence).join("\n") }, `${worst === "error" ? "✕" : "▲"} ${findings.length}`)),
    h("td.count", {}, known ? formatNumber(loss) : ""),
    h("td.count.drift", {}, drift && sparkline(drift, color), known && formatIntensity(lastDrift, span)),
    h(
      "td.count",
      {},
      known ? formatPercent(spread) : "",
      (attended || kept) && rowActs(store, name),
    ),
  );
}

/** What can be done with a run besides looking at it; only the row that is attended to has it, and kept ones. */
export function rowActs(store: Store, name: string): HTMLElement {
  const kept = store.state.kept.has(name);
  return h(
    kept ? "span.acts.kept" : "span.acts",
    {},
    act("Keep on top", "▴", kept, name, () => store.update({ kept: toggled(store.state.kept, name) })),
    act("Hide", "✕", false, name, () => store.update({ hidden: toggled(store.state.hidden, name) })),
  );
}

function act(what: string, sign: string, pressed: boolean, name: string, onclick: () => void): HTMLElement {
  return h(
    "button",
    { title: what, aria: { label: `${what}: ${name}`, pressed: String(pressed) }, data: { key: `${what} ${name}` }, onclick },
    sign,
  );
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}
