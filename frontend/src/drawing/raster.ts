// Histograms over steps as pixels: one column a step, one row a cell.

import { h } from "../base/dom";
import type { Distribution } from "../model/distribution";
import { countColors, type MapChoice, type Theme } from "./colors";

export const COUNT_SCALES = ["root", "log", "linear"] as const;
export type CountScale = (typeof COUNT_SCALES)[number];

export interface Shading {
  readonly theme: Theme;
  readonly map: MapChoice;
  readonly scale: CountScale;
  /** Share of a column's values that has the strongest colour. */
  readonly full: number;
}

/** Greatest share of values that any bin of any distribution holds; 1 if none holds any. */
export function greatestShare(all: readonly Distribution[]): number {
  let greatest = 0;
  for (const { most, finite } of all) if (finite) greatest = Math.max(greatest, most / finite);
  return greatest || 1;
}

// On a logarithmic scale, the share that has no colour any more.
const MIN_SHARE = 1e-4;

/**
 * How strong a share of the values is drawn, 0 to 1. The square root is the rule:
 * a collapse puts all values into one bin, and a linear scale would leave every
 * other step blank.
 */
export function strength(share: number, { scale, full }: Pick<Shading, "scale" | "full">): number {
  const part = Math.min(1, share / full);
  if (scale === "linear") return part;
  if (scale === "root") return Math.sqrt(part);
  return part > 0 ? Math.max(0, 1 - Math.log(part) / Math.log(MIN_SHARE)) : 0;
}

/**
 * RGBA pixels, columns x (bins + 2): overflow on top, the bins from the highest
 * intensity down, underflow at the bottom. A step without finite values is transparent.
 */
export function rasterize(columns: readonly Distribution[], shading: Shading): ImageData {
  const colors = opaque(countColors(shading.map, shading.theme));
  const bins = columns[0]?.counts.length ?? 0;
  const image = new ImageData(Math.max(1, columns.length), bins + 2);
  const pixels = new Uint32Array(image.data.buffer);
  const { width } = image;
  // Most cells are empty.
  pixels.fill(colors[0]!);
  const color = (share: number): number => colors[Math.round(strength(share, shading) * 255)]!;
  columns.forEach(({ counts, underflow, overflow, finite, firstBin, lastBin }, x) => {
    if (!finite) for (let y = 0; y < bins + 2; y++) pixels[y * width + x] = 0;
    if (overflow) pixels[x] = color(overflow / finite);
    if (underflow) pixels[(bins + 1) * width + x] = color(underflow / finite);
    for (let bin = firstBin; bin <= lastBin; bin++)
      if (counts[bin]) pixels[(bins - bin) * width + x] = color(counts[bin]! / finite);
  });
  return image;
}

/** RGB triples as whole pixels. */
function opaque(rgb: Uint8ClampedArray): Uint32Array {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let color = 0; color * 3 < rgb.length; color++) rgba.set(rgb.subarray(color * 3, color * 3 + 3), color * 4);
  return new Uint32Array(rgba.buffer);
}

/** Pixels on a canvas of their own, ready for drawImage. */
export function toCanvas(image: ImageData): HTMLCanvasElement {
  const canvas = h("canvas", { width: image.width, height: image.height });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}
