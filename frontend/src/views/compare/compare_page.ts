// The page of several runs, against each other.

import { h } from "../../base/dom";
import type { Store } from "../../state/store";
import { compareBar } from "./compare_bar";
import { compareCurves } from "./curves";
import { compareHeatmaps } from "./heatmaps";
import { compareHistograms } from "./histograms";
import { scatterView } from "./scatter";

/** Which is better: by drift, by loss, by both; then what they look like. */
export function severalRuns(store: Store): HTMLElement[] {
  const charts = (["drift", "loss", "spread"] as const).map((headline) => compareCurves(store, headline).panel.element);
  return [
    compareBar(store),
    h("div.views.even", {}, h("div.epochs", {}, ...charts), h("div.epochs", {}, compareHistograms(store), scatterView(store))),
    compareHeatmaps(store),
  ];
}
