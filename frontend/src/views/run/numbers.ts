// The numbers at the cursor, with units, and one sentence that reads them.

import { signal } from "@preact/signals-core";
import { h, replaceChildren } from "../../base/dom";
import { capital, formatNumber } from "../../base/format";
import { MORE_NUMBERS, NUMBERS, type Score } from "../../model/scores";
import { plainReading } from "../../model/sentence";
import { finiteOrNull, valueAt } from "../../model/series";
import { spanOf } from "../../model/types";
import type { Paint } from "../../state/frames";
import { baselineAt, baselinePhrase, cursorStep, findScore } from "../../state/shown";
import type { State } from "../../state/state";
import { curveLabel, shownCurves } from "./loss";

export interface NumbersAt {
  readonly reading: string;
  readonly rows: readonly Row[];
  /** Those that are folded up. */
  readonly more: readonly Row[];
}

type Row = readonly [name: string, value: string, help: string];

export function numbersView(state: State, paint: Paint): HTMLElement {
  const reading = h("p.reading", { aria: { live: "polite" } });
  const table = h("table.numbers", { aria: { label: "Numbers at the step" } });
  const moreTable = h("table.numbers", { aria: { label: "More numbers at the step" } });
  const isOpen = signal(false);
  const more = h(
    "details.more",
    { ontoggle: () => (isOpen.value = more.open) },
    h("summary", {}, "More numbers"),
    moreTable,
  );
  paint(() => {
    const numbers = numbersAt(state);
    if (!numbers) return;
    reading.textContent = numbers.reading;
    replaceChildren(table, body(numbers.rows));
    more.hidden = !numbers.more.length;
    if (isOpen.value) replaceChildren(moreTable, body(numbers.more));
  });
  return h("section.panel", { aria: { label: "The numbers at the step" } }, reading, table, more);
}

function body(rows: readonly Row[]): HTMLElement {
  return h(
    "tbody",
    {},
    ...rows.map(([name, value, help]) =>
      h("tr", help ? { title: help } : {}, h("th", { scope: "row" }, name), h("td", {}, value)),
    ),
  );
}

export function numbersAt(state: State): NumbersAt | null {
  const { detail } = state;
  const step = cursorStep(state);
  if (!detail || step === null) return null;
  const span = spanOf(detail.stream);
  const score = (name: string): number | null => valueAt(findScore(state, name), step);
  const reading = plainReading({
    bias: score("bias"),
    referenceStd: baselineSpread(state, step),
    pixelSpreadRatio: score("pixel_spread_ratio"),
    outside: sum(score("below_range"), score("above_range")),
    nonFinite: score("non_finite"),
    baseline: baselinePhrase(state),
    span,
  });
  // A score that the stream does not have is no row: samples have no correlation.
  const rowsOf = (scores: readonly Score[]): Row[] =>
    scores.flatMap(({ name, title, help, format }) =>
      findScore(state, name) ? [[title, format(score(name), span), help] as const] : [],
    );
  const losses = shownCurves(state).map(
    (series) => [capital(curveLabel(series)), formatNumber(valueAt(series, step)), ""] as const,
  );
  return { reading, rows: [...rowsOf(NUMBERS), ...losses], more: rowsOf(MORE_NUMBERS) };
}

/** The baseline's spread in the shown quantity; contrasts do not lie on the axis of a bias. */
function baselineSpread(state: State, step: number): number | null {
  return state.detail?.quantity === "contrasts" ? null : finiteOrNull(baselineAt(state, step)?.std);
}

function sum(first: number | null, second: number | null): number | null {
  return first === null || second === null ? null : first + second;
}
