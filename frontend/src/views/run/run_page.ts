// The page of one run: its views, in the order in which one asks.

import { h } from "../../base/dom";
import type { Panel } from "../../charts/panel";
import { DISTANCE, OUTSIDE, SPREAD } from "../../model/scores";
import type { Store } from "../../state/store";
import { distributionView } from "./distribution";
import { driftView } from "./drift";
import { findingsView } from "./findings";
import { heatmapView } from "./heatmap";
import { imagesView } from "./mean_images";
import { lossView } from "./loss";
import { numbersView } from "./numbers";
import { ridgesView } from "./ridgelines";
import { takeAwayMenu } from "./export";
import { toolbarView } from "./toolbar";

export interface OneRun {
  readonly heading: readonly HTMLElement[];
  readonly views: HTMLElement;
  /** Make the charts that few screens are high enough to show at first. */
  addRest(): void;
}

/** In the order in which one asks: is something wrong, since when, what does it look like. */
export function oneRun(store: Store): OneRun {
  const beside = distributionView(store, false);
  const shown = { over: [heatmapView(store), driftView(store, DISTANCE), lossView(store)].map(({ panel }) => panel), at: [beside] };
  const steps = h("div.epochs", {}, ...shown.over.map(({ element }) => element));
  const add = (where: Panel[], at: number, panel: Panel): void => {
    where.splice(at, 0, panel);
    steps.insertBefore(panel.element, steps.children[at] ?? null);
  };
  // Each form that is not the heatmap's stands in its place.
  store.once(({ form }) => form === "single", () => add(shown.at, 0, distributionView(store, true)));
  store.once(({ form }) => form === "ridgelines" || form === "overlay", () => add(shown.over, 1, ridgesView(store)));
  const views = h("div.views", {}, steps, h("div.at-cursor", {}, beside.element, numbersView(store), imagesView(store).element));
  const takeAway = takeAwayMenu(store, () => ({ overSteps: shown.over, atStep: shown.at }));
  return {
    heading: [toolbarView(store, takeAway), findingsView(store)],
    views,
    addRest: () => {
      for (const group of [SPREAD, OUTSIDE]) add(shown.over, steps.children.length, driftView(store, group).panel);
    },
  };
}
