// Paints a chart: on the screen and into an SVG file alike.

import { type CurveFactory, curveLinear, line as lineOf } from "d3-shape";
import { paintAxes } from "./axes";
import type { Frame, Pen, Point } from "./pen";
import { frameOf, isShown, type Layout, type Line, type Plot, type PlotFrame } from "./plot";

/** Lines of so few points are drawn as dots. */
const FEW = 3;

export function paintPlot(pen: Pen, plot: Plot, layout: Layout, frame: PlotFrame): void {
  paintAxes(pen, frame, plot, layout);
  plot.under?.(pen, frame);
  pen.within(frame, () => {
    for (const line of plot.lines) paintLine(pen, frame, plot, line);
  });
  plot.over?.(pen, frame);
}

/** The whole picture, for a file. */
export function paintAll(pen: Pen, plot: Plot, layout: Layout): void {
  const frame = frameOf(plot, layout);
  paintPlot(pen, plot, layout, frame);
  plot.moving?.(pen, frame);
}

function paintLine(pen: Pen, frame: Frame, { x, log }: Plot, { color, width = 1.75, dash, halo, values }: Line): void {
  const dots: Point[] = [];
  const indices: number[] = [];
  for (let index = 0; index < values.length; index++) if (values[index] !== undefined) indices.push(index);
  const trace = lineOf<number>()
    .defined((index) => isShown(values[index], log))
    .x((index) => frame.x(x[index]!))
    .y((index) => frame.y(values[index]!))
    .curve(collectShort(dots));
  pen.trace((context) => trace.context(context)(indices), {
    stroke: color,
    width,
    ...(dash ? { dash } : {}),
    ...(halo ? { halo } : {}),
  });
  for (const dot of dots) pen.dot(dot, 2.5, color);
}

/** Straight lines; the points of those too short to be seen are put into `dots`. */
function collectShort(dots: Point[]): CurveFactory {
  return (context) => {
    const straight = curveLinear(context);
    let part: Point[] = [];
    return {
      areaStart: () => straight.areaStart(),
      areaEnd: () => straight.areaEnd(),
      lineStart: () => {
        part = [];
        straight.lineStart();
      },
      point: (x, y) => {
        if (part.length <= FEW) part.push([x, y]);
        straight.point(x, y);
      },
      lineEnd: () => {
        if (part.length <= FEW) dots.push(...part);
        straight.lineEnd();
      },
    };
  };
}
