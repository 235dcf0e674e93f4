// The page of one run: its views, in the order of the questions that people ask.

import { h } from "../../base/dom";
import { DISTANCE, OUTSIDE, SPREAD } from "../../model/scores";
import type { Frames } from "../../state/frames";
import type { State } from "../../state/state";
import { distributionView } from "./distribution";
import { driftView } from "./drift";
import { exportRunMenu } from "./export";
import { findingsView } from "./findings";
import { heatmapView } from "./heatmap";
import { lossView } from "./loss";
import { imagesView } from "./mean_images";
import { numbersView } from "./numbers";
import { ridgesView } from "./ridgelines";
import { toolbarView } from "./toolbar";

export interface RunPage {
  readonly heading: readonly HTMLElement[];
  readonly views: HTMLElement;
}

/** Is something wrong, since when, how does it look. */
export function runPage(state: State, frames: Frames): RunPage {
  const heading: HTMLElement[] = [];
  const views = h("div.views");
  frames.paintOn(null)(() => {
    const { page, detail, run, catalog } = state;
    const exists = catalog?.runs.some(({ name }) => name === run) ?? false;
    views.classList.toggle("waiting", exists && !!detail && detail.run.name !== run);
    for (const element of [...heading, views]) element.hidden = !detail || page !== "run";
  });
  const paint = frames.paintOn("run");
  const [large, small] = [distributionView(state, paint, true), distributionView(state, paint, false)];
  const overSteps = [
    heatmapView(state, paint).panel,
    ridgesView(state, paint),
    driftView(state, paint, DISTANCE).panel,
    lossView(state, paint).panel,
    driftView(state, paint, SPREAD).panel,
    driftView(state, paint, OUTSIDE).panel,
  ];
  const exportMenu = exportRunMenu(state, frames, paint, { overSteps, atStep: [large, small] });
  heading.push(toolbarView(state, paint, exportMenu), findingsView(state, paint));
  views.append(
    // One form is shown at a time: the histogram of one epoch stands in the place of the heatmap.
    h("div.steps", {}, ...[large, ...overSteps].map(({ element }) => element)),
    h("div.at-cursor", {}, small.element, numbersView(state, paint), imagesView(state, paint).element),
  );
  return { heading, views };
}
