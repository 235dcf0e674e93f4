// The page of several trainings, against each other.

import { h } from "../dom";
import type { Store } from "../store";
import { compareBar } from "./compare_bar";
import { compareCurves } from "./compare_curves";
import { compareHeatmaps } from "./compare_heatmaps";
import { compareHistograms } from "./compare_histograms";
import { scatterView } from "./scatter";

/** Which is better: by drift, by loss, by both; then what they look like. */
export function severalTrainings(store: Store): HTMLElement[] {
  const charts = (["drift", "loss", "spread"] as const).map((headline) => compareCurves(store, headline).panel.element);
  return [
    compareBar(store),
    h("div.views.even", {}, h("div.epochs", {}, ...charts), h("div.epochs", {}, compareHistograms(store), scatterView(store))),
    compareHeatmaps(store),
  ];
}
