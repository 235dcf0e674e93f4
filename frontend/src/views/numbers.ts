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
    const rows: (readonly [string, string, string?])[] = [
      ["Mean of the outputs", formatIntensity(score("output_mean"), span)],
      ["Mean of the reference", formatIntensity(score("reference_mean"), span)],
      ["Bias", formatSigned(bias, span), "Outputs less reference: below 0 is darker"],
      ["Drift", formatIntensity(score("drift"), span), "Wasserstein distance of the pixels"],
      ["Variety", formatPercent(score("pixel_ratio")), "From image to image, of the reference's"],
      ["Contrast", formatPercent(score("within_ratio")), "Inside the images, of the reference's"],
      ["Brightness spread", formatPercent(score("between_ratio")), "Of the image means, of the reference's"],
      ...(detail.stream.paired
        ? [["Correlation", formatCorrelation(score("correlation")), "Of paired image means, -1 to 1"] as const]
        : []),
      ["Below the range", formatShare(score("below_range"))],
      ["Above the range", formatShare(score("above_range"))],
      ["Not finite", formatShare(score("non_finite"))],
      ...shownCurves(state).map(
        (series) => [capital(label(series)), formatNumber(valueAt(series, step))] as const,
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

const INPUTS = ["detail", "row", "pinned", "hovered", "curves"] as const;

function sum(first: number | null, second: number | null): number | null {
  return first === null || second === null ? null : first + second;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
