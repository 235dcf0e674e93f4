// The samples of the step at the cursor: output, reference and their difference, the worst first.

import { h, replaceChildren } from "../../base/dom";
import { formatIntensity } from "../../base/format";
import { Panel } from "../../charts/panel";
import { differencePixels, sampleCanvas } from "../../drawing/sample_tiles";
import { pairsOf, referencesOf, type SampleImage, type SamplePair, sheetAt } from "../../model/samples";
import { spanOf } from "../../model/types";
import type { Paint } from "../../state/frames";
import { cursorStep, shownSamples } from "../../state/shown";
import type { State } from "../../state/state";
import { stepName } from "../../state/step_words";

/** Pairs that are shown at once; the others unfold. */
const FIRST = 2;

export function samplePairs(state: State, paint: Paint): Panel {
  const rows = h("div.samples");
  const more = h("details.more", {}, h("summary", {}, "All samples"));
  const others = h("div.samples");
  more.append(others);
  const hint = h("p.hint");
  const panel = new Panel("Samples", { body: h("div", {}, rows, more, hint) });
  paint(() => {
    const samples = shownSamples(state);
    const step = cursorStep(state);
    const sheet = samples && step !== null ? sheetAt(samples, step) : null;
    panel.element.hidden = !sheet;
    if (!samples || !sheet || step === null) return;
    const { detail } = state;
    panel.title = `Samples, ${stepName(state, sheet.step)}`;
    if (!detail!.stream.paired) {
      const references = referencesOf(sheet, samples);
      replaceChildren(
        rows,
        group(
          "outputs",
          sheet.images.filter(({ side }) => side === "output"),
        ),
        group("references", references),
      );
      more.hidden = true;
    } else {
      const pairs = pairsOf(sheet, samples).map((pair) => row(state, pair));
      replaceChildren(rows, ...pairs.slice(0, FIRST));
      replaceChildren(others, ...pairs.slice(FIRST));
      more.hidden = pairs.length <= FIRST;
    }
    hint.textContent =
      sheet.step === step
        ? ""
        : `${stepName(state, sheet.step)} is the nearest of which pictures are here; choose a step to fetch its own.`;
  });
  return panel;
}

function row(state: State, { output, reference, input }: SamplePair): HTMLElement {
  const error =
    output.error === null ? "not finite" : `error ${formatIntensity(output.error, spanOf(state.detail!.stream))}`;
  const difference = reference && { ...output, pixels: differencePixels(output.pixels, reference.pixels) };
  return h(
    "div.pair",
    { aria: { label: `Image ${output.index}, ${error}` } },
    input && figure(input, "input"),
    figure(output, `output ${output.index}`),
    reference && figure(reference, "reference"),
    difference && figure(difference, `difference, ${error}`),
  );
}

function group(name: string, images: readonly SampleImage[]): HTMLElement {
  return h(
    "div.pair.many",
    { aria: { label: name } },
    h("span.fine", {}, name),
    ...images.map((image) => figure(image, "")),
  );
}

function figure(image: Pick<SampleImage, "pixels">, caption: string): HTMLElement {
  const source = sampleCanvas(image);
  const canvas = h("canvas", { width: source.width, height: source.height });
  canvas.getContext("2d")?.drawImage(source, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = caption;
  return h("figure", {}, canvas, !!caption && h("figcaption", {}, caption));
}
