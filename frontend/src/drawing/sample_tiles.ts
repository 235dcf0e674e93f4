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

interface Tile {
  readonly canvas: HTMLCanvasElement;
  readonly isMarked: boolean;
}

const tiles = new WeakMap<ImageData, Tile>();

/** The image on a canvas of its own size. */
export function sampleCanvas(image: Pick<SampleImage, "pixels">): HTMLCanvasElement {
  return tileOf(image).canvas;
}

/** Whether any pixel of an image carries a mark. */
export function isMarked(image: Pick<SampleImage, "pixels">): boolean {
  return tileOf(image).isMarked;
}

/** Made once: a legend asks with every move of the cursor. */
function tileOf({ pixels }: Pick<SampleImage, "pixels">): Tile {
  let tile = tiles.get(pixels);
  if (!tile) {
    const { width, height, data } = pixels;
    const canvas = h("canvas", { width, height });
    canvas.getContext("2d")?.putImageData(marked(pixels), 0, 0);
    tile = { canvas, isMarked: data.some((value, at) => at % 4 === 3 && MARK_COLORS.has(value)) };
    tiles.set(pixels, tile);
  }
  return tile;
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
