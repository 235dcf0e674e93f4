// A series as a line the size of a word.

import { line } from "d3-shape";
import { svgPath } from "../base/dom";
import type { Series } from "../model/types";

const WIDTH = 44;
const HEIGHT = 14;

export function sparkline({ values }: Series, color: string): SVGElement {
  return svgPath("spark", `0 0 ${WIDTH} ${HEIGHT}`, sparkPath(values, WIDTH, HEIGHT), color);
}

/** From zero at the bottom; at most one point in two pixels, at the greatest value there: finer is not seen. */
export function sparkPath(values: ArrayLike<number>, width: number, height: number): string {
  const count = Math.min(values.length, Math.ceil(width / 2));
  const points: number[] = [];
  for (let i = 0; i < count; i++) {
    const end = Math.floor(((i + 1) * values.length) / count);
    let most = NaN;
    for (let at = Math.floor((i * values.length) / count); at < end; at++)
      if (Number.isFinite(values[at]) && !(most >= values[at]!)) most = values[at]!;
    points.push(most);
  }
  const top = Math.max(0, ...points.filter(Number.isFinite)) || 1;
  const x = (index: number): number => (count > 1 ? (index * (width - 2)) / (count - 1) + 1 : width / 2);
  const trace = line<number>()
    .defined(Number.isFinite)
    .x((_, index) => x(index))
    .y((value) => height - 1 - (value / top) * (height - 2))
    .digits(1);
  return trace(points) ?? "";
}
