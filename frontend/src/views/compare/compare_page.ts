// The page of several runs, against each other.

import { untracked } from "@preact/signals-core";
import { h, replaceChildren } from "../../base/dom";
import { comparedChannel, comparedChannels } from "../../state/comparison";
import type { Frames, Paint } from "../../state/frames";
import type { State } from "../../state/state";
import { channelChoices, displayMenu, quantityChoices } from "../shell/choices";
import { compareCurves } from "./curves";
import { compareHeatmaps } from "./heatmaps";
import { compareHistograms } from "./histograms";
import { scatterView } from "./scatter";

/** Which is better: by drift, by loss, by both; then how their outputs look. */
export function comparePage(state: State, frames: Frames): HTMLElement {
  const element = h("div.several");
  frames.paintOn(null)(() => {
    element.hidden = state.page !== "compare";
    // Made when it is first shown: most visits do without.
    if (!element.hidden && !element.firstChild)
      element.append(...untracked(() => compareViews(state, frames.paintOn("compare"))));
  });
  return element;
}

function compareViews(state: State, paint: Paint): HTMLElement[] {
  const charts = (["drift", "loss", "spread"] as const).map(
    (measure) => compareCurves(state, paint, measure).panel.element,
  );
  return [
    choicesBar(state, paint),
    h(
      "div.views.even",
      {},
      h("div.steps", {}, ...charts),
      h("div.steps", {}, compareHistograms(state, paint), scatterView(state, paint)),
    ),
    compareHeatmaps(state, paint),
  ];
}

function choicesBar(state: State, paint: Paint): HTMLElement {
  const choices = h("div.controls");
  paint(() => {
    const channels = comparedChannels(state);
    const index = comparedChannel(state) ? state.channelIndex : 0;
    replaceChildren(choices, quantityChoices(state), channels.length > 1 && channelChoices(state, channels, index));
  });
  return h("div.controls", {}, choices, displayMenu(state, paint));
}
