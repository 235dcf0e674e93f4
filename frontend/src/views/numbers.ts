// The numbers at the cursor, with units, and one sentence that reads them.

import { h, replaceChildren } from "../dom";
import {
  formatCorrelation,
  formatIntensity,
  formatNumber,
  formatPercent,
  formatShare,
  formatSigned,
} from "../format";
import { plainReading } from "../reading";
import { valueAt } from "../scales";
import { cursorStep, type State, type Store } from "../store";
import { findScore } from "./drift";
import { label, shownCurves } from "./loss";

export class Numbers {
  readonly element: HTMLElement;
  readonly #reading = h("p.reading", { aria: { live: "polite" } });
  readonly #table = h("table.numbers", { aria: { label: "Numbers at the epoch" } });

  constructor(store: Store) {
    this.element = h("section.panel", {}, this.#reading, this.#table);
    store.subscribe((state, before) => {
      if (INPUTS.some((name) => state[name] !== before[name])) this.#show(state);
    });
  }

  #show(state: State): void {
    const { detail } = state;
    const step = cursorStep(state);
    if (!detail || step === null) return;
    const { low, high } = detail.stream.valueRange;
    const span = high - low;
    const score = (name: string): number | null => valueAt(findScore(state, name), step);
    const outside = sum(score("below_range"), score("above_range"));
    const bias = score("bias");
    this.#reading.textContent = plainReading({
      bias,
      pixelRatio: score("pixel_ratio"),
      outside,
      nonFinite: score("non_finite"),
      span,
    });
    // A score that the stream does not have is no row: samples have no correlation.
    const row = (statistic: string, name: string, format: (value: number | null) => string, help = ""): Row[] =>
      findScore(state, statistic) ? [[name, format(score(statistic)), help]] : [];
    const intensity = (value: number | null): string => formatIntensity(value, span);
    const rows: Row[] = [
      ...row("output_mean", "Mean of the outputs", intensity),
      ...row("reference_mean", "Mean of the reference", intensity),
      ...row("bias", "Bias", (value) => formatSigned(value, span), "Outputs less reference: below 0 is darker"),
      ...row("drift", "Drift", intensity, "Wasserstein distance of the pixels"),
      ...row("pixel_ratio", "Variety", formatPercent, "From image to image, of the reference's"),
      ...row("within_ratio", "Contrast", formatPercent, "Inside the images, of the reference's"),
      ...row("between_ratio", "Brightness spread", formatPercent, "Of the image means, of the reference's"),
      ...row("correlation", "Correlation", formatCorrelation, "Of paired image means, -1 to 1"),
      ...row("below_range", "Below the range", formatShare),
      ...row("above_range", "Above the range", formatShare),
      ...row("non_finite", "Not finite", formatShare),
      ...shownCurves(state).map(
        (series): Row => [capital(label(series)), formatNumber(valueAt(series, step)), ""],
      ),
    ];
    replaceChildren(
      this.#table,
      h(
        "tbody",
        {},
        ...rows.map(([name, value, help]) =>
          h("tr", help ? { title: help } : {}, h("th", { scope: "row" }, name), h("td", {}, value)),
        ),
      ),
    );
  }
}

type Row = readonly [name: string, value: string, help: string];

const INPUTS = ["detail", "row", "pinned", "hovered", "curves"] as const;

function sum(first: number | null, second: number | null): number | null {
  return first === null || second === null ? null : first + second;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
