// Sample images as they are shown: opaque, with marks where a picture cannot show a value.

import { h } from "../base/dom";
import { MARKS, type SampleImage } from "../model/samples";

/** A pattern of every second pixel keeps the image in sight: below the range, above it, not finite. */
const MARK_COLORS: ReadonlyMap<number, readonly [red: number, green: number, blue: number]> = new Map([
  [MARKS.below, [0, 120, 255]],
  [MARKS.above, [255, 140, 0]],
  [MARKS.notFinite, [230, 0, 120]],
]);

export const MARK_HELP = "Blue pixels are below the range, orange ones above it, pink ones not finite";

const known = new WeakMap<ImageData, HTMLCanvasElement>();

/** The image on a canvas of its own size; made once. */
export function sampleCanvas({ pixels }: Pick<SampleImage, "pixels">): HTMLCanvasElement {
  let canvas = known.get(pixels);
  if (!canvas) {
    canvas = h("canvas", { width: pixels.width, height: pixels.height });
    canvas.getContext("2d")?.putImageData(marked(pixels), 0, 0);
    known.set(pixels, canvas);
  }
  return canvas;
}

/** Whether any pixel of an image carries a mark. */
export function isMarked({ pixels: { data } }: Pick<SampleImage, "pixels">): boolean {
  for (let at = 3; at < data.length; at += 4) if (MARK_COLORS.has(data[at]!)) return true;
  return false;
}

function marked(pixels: ImageData): ImageData {
  const { width, height, data } = pixels;
  const shown = new ImageData(new Uint8ClampedArray(data), width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const color = MARK_COLORS.get(data[4 * pixel + 3]!);
    const isDrawn = ((pixel % width) + Math.floor(pixel / width)) % 2 === 0;
    if (color && isDrawn) shown.data.set(color, 4 * pixel);
    shown.data[4 * pixel + 3] = 255;
  }
  return shown;
}

/** Output minus reference, about a middle grey; twice the contrast of the images, as differences are small. */
export function differencePixels(output: ImageData, reference: ImageData): ImageData {
  const shown = new ImageData(output.width, output.height);
  if (reference.width !== output.width || reference.height !== output.height) return shown;
  for (let at = 0; at < shown.data.length; at++)
    shown.data[at] = at % 4 === 3 ? 255 : 128 + output.data[at]! - reference.data[at]!;
  return shown;
}
