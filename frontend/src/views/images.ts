// The mean image of the outputs, that of the reference, and their signed difference.

import { differenceColor } from "../colors";
import { h, replaceChildren } from "../dom";
import { formatSigned } from "../format";
import type { Detail, MeanImages } from "../model";
import { toCanvas } from "../raster";
import { lastAtOrBefore } from "../scales";
import { cursorStep } from "../select";
import type { State } from "../state";
import type { Store } from "../store";

export function imagesView(store: Store): HTMLElement {
  const row = h("div.images");
  const scale = h("p.hint");
  const panel = h("section.panel", { aria: { label: "Mean images" } }, h("header", {}, h("h2", {}, "Mean images")), row, scale);
  store.watch(
    (state) => [state.images, state.detail, state.theme, cursorStep(state)],
    (state) => {
      const { images, detail } = state;
      const step = cursorStep(state);
      panel.hidden = !images || !detail?.stream.hasMeanImages;
      if (!images || !detail || step === null) return;
      show(state, images, detail, step, row, scale);
    },
  );
  return panel;
}

function show(state: State, images: MeanImages, detail: Detail, step: number, row: HTMLElement, scale: HTMLElement): void {
  const { low, high } = detail.stream.valueRange;
  const index = lastAtOrBefore(images.epochs, step);
  const made = imageAt(images.output, images, index);
  const wanted = images.reference && imageAt(images.reference, images, lastAtOrBefore(images.referenceEpochs, step));
  // The mean is of the images that are finite throughout: where there is none, it is nowhere.
  const isDefined = Number.isFinite(made[0]);
  const difference = isDefined && wanted ? made.map((value, at) => value - wanted[at]!) : null;
  const greatest = Math.max((high - low) / 20, ...(difference ? Array.from(difference, Math.abs).filter(Number.isFinite) : []));
  const grey = (value: number): number => (255 * (value - low)) / (high - low);
  const { channels } = images;
  replaceChildren(
    row,
    isDefined && figure(`outputs, epoch ${images.epochs[index]}`, paint(images, (at) => rgb(made, at, channels).map(grey))),
    wanted && figure("reference", paint(images, (at) => rgb(wanted, at, channels).map(grey))),
    difference &&
      figure("difference", paint(images, (at) => differenceColor(mean(difference, at, channels) / greatest, state.theme))),
  );
  const span = high - low;
  scale.textContent = !isDefined
    ? `In epoch ${images.epochs[index]} no output is finite throughout: there is no mean image.`
    : difference
    ? `Difference: blue is darker than the reference, orange brighter, up to ${formatSigned(greatest, span)}.`
    : "";
}

function imageAt(all: Float32Array, { height, width, channels }: MeanImages, index: number): Float32Array {
  const size = height * width * channels;
  return all.subarray(index * size, (index + 1) * size);
}

/** A pixel's red, green and blue; grey where there is one channel, as with any number but three. */
function rgb(image: Float32Array, pixel: number, channels: number): number[] {
  if (channels === 3) return Array.from(image.subarray(pixel * 3, pixel * 3 + 3));
  const grey = mean(image, pixel, channels);
  return [grey, grey, grey];
}

function mean(image: Float32Array, pixel: number, channels: number): number {
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) sum += image[pixel * channels + channel]!;
  return sum / channels;
}

function paint({ height, width }: MeanImages, color: (pixel: number) => readonly number[]): HTMLCanvasElement {
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) image.data.set([...color(pixel), 255], pixel * 4);
  return toCanvas(image);
}

function figure(caption: string, canvas: HTMLCanvasElement): HTMLElement {
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = `Mean image: ${caption}`;
  return h("figure", {}, canvas, h("figcaption", {}, caption));
}
