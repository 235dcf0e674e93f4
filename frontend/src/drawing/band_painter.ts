// Quantiles over epochs as an area.

import { withAlpha } from "./colors";
import type { Painter, Point } from "./pen";
import type { Line } from "./plot";

/** The middle nine tenths of the values as an area. */
export function bandPainter(quantiles: readonly Line["values"][], x: readonly number[], color: string): Painter {
  const [low = [], , high = []] = quantiles;
  return (pen, frame) => {
    let stretch: [number, number, number][] = [];
    const flush = (): void => {
      const over = stretch.map(([at, , top]): Point => [frame.x(at), frame.y(top)]);
      const under = stretch.map(([at, bottom]): Point => [frame.x(at), frame.y(bottom)]).reverse();
      if (stretch.length) pen.within(frame, () => pen.path([...over, ...under], { fill: withAlpha(color, 0.22) }));
      stretch = [];
    };
    x.forEach((at, index) => {
      const bottom = low[index] ?? null;
      const top = high[index] ?? null;
      if (bottom === null || top === null) flush();
      else stretch.push([at, bottom, top]);
    });
    flush();
  };
}
