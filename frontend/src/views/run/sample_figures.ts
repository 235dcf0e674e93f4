// The pictures of one sample, each with its caption.

import { h } from "../../base/dom";
import { formatIntensity } from "../../base/format";
import { differencePixels, sampleCanvas } from "../../drawing/sample_tiles";
import type { SampleImage, SamplePair } from "../../model/samples";
import { spanOf } from "../../model/types";
import type { State } from "../../state/state";

/** Input, output, reference and their difference, as far as they are there. */
export function pairFigures(state: State, pair: SamplePair): HTMLElement[] {
  const { output, reference, input } = pair;
  const figures = input ? [sampleFigure(input, "input")] : [];
  figures.push(sampleFigure(output, `output ${output.index}`));
  if (reference) {
    const difference = { pixels: differencePixels(output.pixels, reference.pixels) };
    figures.push(
      sampleFigure(reference, "reference"),
      sampleFigure(difference, `difference, ${errorText(state, pair)}`),
    );
  }
  return figures;
}

export function errorText(state: State, { output, reference }: SamplePair): string {
  if (output.error !== null) return `error ${formatIntensity(output.error, spanOf(state.detail!.stream))}`;
  return reference ? "not finite" : "no reference";
}

export function sampleFigure(image: Pick<SampleImage, "pixels">, caption: string): HTMLElement {
  const source = sampleCanvas(image);
  const canvas = h("canvas", { width: source.width, height: source.height });
  canvas.getContext("2d")?.drawImage(source, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = caption;
  return h("figure", {}, canvas, !!caption && h("figcaption", {}, caption));
}
