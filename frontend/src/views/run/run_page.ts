// The page of one run: its views, in the order of the questions that people ask.

import { untracked } from "@preact/signals-core";
import { h } from "../../base/dom";
import type { Panel } from "../../charts/panel";
import { DISTANCE, OUTSIDE, SPREAD } from "../../model/scores";
import type { Frames, Paint } from "../../state/frames";
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
import { samplePairs } from "./sample_pairs";
import { sampleStrip } from "./sample_strip";
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
  const steps = new Column(state, paint);
  const small = distributionView(state, paint, false);
  const atCursor = h(
    "div.at-cursor",
    {},
    small.element,
    numbersView(state, paint),
    samplePairs(state, paint).element,
    imagesView(state, paint).element,
  );
  const strip = new Strip(state, paint);
  const exportMenu = exportRunMenu(state, frames, paint, () => ({
    overSteps: [...strip.panels, ...steps.panels(false)],
    atStep: [...steps.panels(true), small],
  }));
  heading.push(toolbarView(state, paint, exportMenu), findingsView(state, paint));
  views.append(h("div.over-steps", {}, strip.element, steps.element), atCursor);
  return { heading, views };
}

interface View {
  /** Of the step at the cursor, not over all of them. */
  readonly atStep?: true;
  /** Before that the view is not made. */
  readonly isDue: (state: State) => boolean;
  readonly make: (state: State, paint: Paint) => Panel;
}

/**
 * One form is shown at a time, and made when it is first chosen; what lies below the first screen is made when
 * that is on the screen.
 */
const OVER_STEPS: readonly View[] = [
  {
    atStep: true,
    isDue: ({ form }) => form === "single",
    make: (state, paint) => distributionView(state, paint, true),
  },
  { isDue: () => true, make: (state, paint) => heatmapView(state, paint).panel },
  { isDue: ({ form }) => form === "ridgelines" || form === "overlay", make: ridgesView },
  { isDue: () => true, make: (state, paint) => driftView(state, paint, DISTANCE).panel },
  { isDue: () => true, make: (state, paint) => lossView(state, paint).panel },
  { isDue: ({ opened }) => opened, make: (state, paint) => driftView(state, paint, SPREAD).panel },
  { isDue: ({ opened }) => opened, make: (state, paint) => driftView(state, paint, OUTSIDE).panel },
];

/** What the outputs look like, made for the first stream that has samples. */
class Strip {
  readonly element = h("div.outputs");
  readonly panels: Panel[] = [];

  constructor(state: State, paint: Paint) {
    paint(() => {
      if (this.panels.length || !state.detail?.stream.samples) return;
      const { panel } = untracked(() => sampleStrip(state, paint));
      this.panels.push(panel);
      this.element.append(panel.element);
    });
  }
}

/** The charts over steps, each made when it is due. */
class Column {
  readonly element = h("div.steps");
  readonly #made = new Map<View, Panel>();

  constructor(state: State, paint: Paint) {
    // Those of the first screen now: there is time while the server works.
    untracked(() => this.#makeDue(state, paint));
    paint(() => this.#makeDue(state, paint));
  }

  panels(atStep: boolean): readonly Panel[] {
    return OVER_STEPS.flatMap((view) => (!!view.atStep === atStep && this.#made.get(view)) || []);
  }

  #makeDue(state: State, paint: Paint): void {
    for (const [index, view] of OVER_STEPS.entries()) {
      if (this.#made.has(view) || !view.isDue(state)) continue;
      const panel = untracked(() => view.make(state, paint));
      this.#made.set(view, panel);
      const next = OVER_STEPS.slice(index + 1).find((later) => this.#made.has(later));
      this.element.insertBefore(panel.element, (next && this.#made.get(next)?.element) ?? null);
    }
  }
}
