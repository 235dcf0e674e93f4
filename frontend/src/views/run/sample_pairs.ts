// The samples of the step at the cursor: output, reference and their difference, the worst first.

import { h, replaceChildren } from "../../base/dom";
import { Panel } from "../../charts/panel";
import { pairsOf, referencesOf, type SampleImage, type SamplePair } from "../../model/samples";
import type { Paint } from "../../state/frames";
import { cursorStep, shownSamples, shownSheet } from "../../state/shown";
import type { State } from "../../state/state";
import { stepName } from "../../state/step_words";
import { SampleDialog } from "./sample_dialog";
import { errorText, pairFigures, sampleFigure } from "./sample_figures";

/** Pairs that are shown at once; the others unfold. */
const FIRST = 2;

export function samplePairs(state: State, paint: Paint): Panel {
  const rows = h("div.samples");
  const others = h("div.samples");
  const more = h("details.more", {}, h("summary", {}, "All samples"), others);
  const hint = h("p.hint");
  const dialog = new SampleDialog(state, paint);
  const panel = new Panel("Samples", { body: h("div", {}, rows, more, hint, dialog.element) });
  paint(() => {
    const samples = shownSamples(state);
    const sheet = shownSheet(state);
    panel.element.hidden = !sheet;
    if (!samples || !sheet) return;
    panel.title = `Samples, ${stepName(state, sheet.step)}`;
    const paired = !!state.detail?.stream.paired;
    const row = (pair: SamplePair): HTMLElement => pairRow(state, pair, dialog);
    const pairs = paired ? pairsOf(sheet, samples) : [];
    const outputs = sheet.images.filter(({ side }) => side === "output");
    replaceChildren(
      rows,
      ...(paired
        ? pairs.slice(0, FIRST).map(row)
        : [group("outputs", outputs), group("references", referencesOf(sheet, samples))]),
    );
    replaceChildren(others, ...pairs.slice(FIRST).map(row));
    more.hidden = pairs.length <= FIRST;
  });
  paint(() => {
    const sheet = shownSheet(state);
    const isOther = sheet && sheet.step !== cursorStep(state);
    hint.textContent = isOther
      ? `${stepName(state, sheet.step)} is the nearest whose pictures are here. Choose a step to see its own.`
      : "";
  });
  return panel;
}

/** A button: it opens the sample in large. */
function pairRow(state: State, pair: SamplePair, dialog: SampleDialog): HTMLElement {
  const { index } = pair.output;
  return h(
    "button.pair",
    {
      title: "Show it in large",
      aria: { label: `Image ${index}, ${errorText(state, pair)}: show it in large` },
      data: { key: `sample ${index}` },
      onclick: () => dialog.open(index),
    },
    ...pairFigures(state, pair),
  );
}

function group(name: string, images: readonly SampleImage[]): HTMLElement {
  const figures = images.map((image) => sampleFigure(image, ""));
  return h("div.pair.many", { aria: { label: name } }, h("span.fine", {}, name), ...figures);
}
