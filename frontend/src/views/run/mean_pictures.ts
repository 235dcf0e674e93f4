// The mean image of the outputs, that of the reference, and their signed difference at one step.

import { formatSigned } from "../../base/format";
import type { Table } from "../../charts/table";
import { differenceColor } from "../../drawing/colors";
import { finiteOrNull, lastAtOrBefore } from "../../model/series";
import type { MeanImages } from "../../model/types";
import { cursorStep, shownImages } from "../../state/shown";
import type { State } from "../../state/state";
import { stepName } from "../../state/step_words";

export interface MeanPictures {
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly MeanPicture[];
  /** Explains the colours of the difference, or why there is none. */
  readonly sentence: string;
}

export interface MeanPicture {
  readonly caption: string;
  /** RGBA, row by row. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

interface AtCursor {
  readonly step: number;
  readonly images: MeanImages;
  readonly output: Float32Array;
  readonly reference: Float32Array | null;
}

function atCursor(state: State): AtCursor | null {
  const images = shownImages(state);
  const step = cursorStep(state);
  if (!images || !state.detail?.stream.hasMeanImages || step === null) return null;
  const index = lastAtOrBefore(images.steps, step);
  return {
    step: images.steps[index]!,
    images,
    output: imageAt(images.output, images, index),
    reference: images.reference && imageAt(images.reference, images, lastAtOrBefore(images.referenceSteps, step)),
  };
}

export function meanPictures(state: State): MeanPictures | null {
  const { detail, theme } = state;
  const found = atCursor(state);
  if (!detail || !found) return null;
  const { step, images, output, reference } = found;
  const { low, high } = detail.stream.valueRange;
  const { width, height, channels } = images;
  // The mean is of the images that are finite throughout: where there is none, it is nowhere.
  const isDefined = Number.isFinite(output[0]);
  const difference = isDefined && reference ? output.map((value, at) => value - reference[at]!) : null;
  const greatest = Math.max(
    (high - low) / 20,
    ...(difference ? Array.from(difference, Math.abs).filter(Number.isFinite) : []),
  );
  const grey = (value: number): number => (255 * (value - low)) / (high - low);
  const paint = (caption: string, color: (pixel: number) => readonly number[]): MeanPicture => {
    const pixels = new Uint8ClampedArray(width * height * 4);
    for (let pixel = 0; pixel < width * height; pixel++) pixels.set([...color(pixel), 255], pixel * 4);
    return { caption, pixels };
  };
  const pictures: MeanPicture[] = [];
  if (isDefined) pictures.push(paint(`outputs, ${stepName(state, step)}`, (at) => rgb(output, at, channels).map(grey)));
  if (reference) pictures.push(paint("reference", (at) => rgb(reference, at, channels).map(grey)));
  if (difference)
    pictures.push(paint("difference", (at) => differenceColor(mean(difference, at, channels) / greatest, theme)));
  const sentence = !isDefined
    ? `At ${stepName(state, step)} no output is finite throughout: there is no mean image.`
    : difference
      ? `Difference: blue is darker than the reference, orange brighter, up to ${formatSigned(greatest, high - low)}.`
      : "";
  return { width, height, pictures, sentence };
}

/** A row a pixel and channel, in intensity units. */
export function meanImageTable(state: State): Table | null {
  const { detail } = state;
  const found = atCursor(state);
  if (!detail || !found) return null;
  const { step, images, output, reference } = found;
  const { width, channels } = images;
  const names = detail.stream.channels;
  return {
    name: `${detail.run.name} ${detail.stream.name} mean images ${stepName(state, step)}`,
    columns: ["row", "column", "channel", "output", ...(reference ? ["reference", "difference"] : [])],
    rows: Array.from(output, (value, at) => {
      const pixel = Math.floor(at / channels);
      // The first name is that of all channels together; a grey image has no other.
      const channel = (channels > 1 && names[1 + (at % channels)]) || names[0]!;
      const place = [Math.floor(pixel / width), pixel % width, channel];
      return [...place, digits(value), ...(reference ? [digits(reference[at]!), digits(value - reference[at]!)] : [])];
    }),
  };
}

/** As many digits as a 32 bit number holds. */
function digits(value: number): number | null {
  return finiteOrNull(Number(value.toPrecision(7)));
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
