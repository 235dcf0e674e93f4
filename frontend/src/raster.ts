// Histograms over epochs as pixels: one column a step, one row a cell.

import { countColors, type Theme } from "./colors";
import type { Distribution } from "./histogram";

/** Greatest share of values that any bin of any distribution holds; 1 if none holds any. */
export function greatestShare(all: readonly Distribution[]): number {
  let greatest = 0;
  for (const { counts, finite } of all) {
    if (!finite) continue;
    for (let bin = 0; bin < counts.length; bin++)
      greatest = Math.max(greatest, counts[bin]! / finite);
  }
  return greatest || 1;
}

/**
 * RGBA pixels, columns x (bins + 2): overflow on top, the bins from the highest
 * intensity down, underflow at the bottom. Colour goes with the square root of
 * the share: a collapse puts all values into one bin, and a linear scale would
 * leave every other epoch blank. A step without finite values is transparent.
 */
export function rasterize(
  columns: readonly Distribution[],
  fullShare: number,
  theme: Theme,
): ImageData {
  const colors = countColors(theme);
  const rows = (columns[0]?.counts.length ?? 0) + 2;
  const image = new ImageData(Math.max(1, columns.length), rows);
  columns.forEach((column, x) => {
    columnCounts(column).forEach((count, y) => {
      const strength = Math.min(1, Math.sqrt(count / column.finite / fullShare));
      const color = Math.round(strength * 255) * 3;
      const rgba = [colors[color]!, colors[color + 1]!, colors[color + 2]!, 255];
      image.data.set(rgba, (y * image.width + x) * 4);
    });
  });
  return image;
}

/** The raster on a canvas of its own, ready for drawImage. */
export function toCanvas(image: ImageData): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/** Counts from overflow down to underflow; none where no value is finite. */
function columnCounts({ counts, underflow, overflow, finite }: Distribution): number[] {
  return finite ? [overflow, ...Array.from(counts).reverse(), underflow] : [];
}
