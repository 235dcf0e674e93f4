// Pens, so that one painter serves the screen and an SVG file.
// All places are CSS pixels from the chart's top left corner.

import { pathRound } from "d3-path";
import { h } from "../base/dom";

export type Point = readonly [x: number, y: number];

export interface Stroke {
  readonly stroke?: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Drawn under the line in this colour, a little wider. */
  readonly halo?: string;
  readonly fill?: string;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where values lie in a chart. */
export interface Frame extends Box {
  x(value: number): number;
  y(value: number): number;
}

const FONT = "11px system-ui, sans-serif";
/** How much wider a halo is than its line. */
const HALO = 2.5;

/** The target of d3-shape's lines and areas: on the screen a canvas, in a file the text of a path. */
export type Tracing = CanvasRenderingContext2D;

export interface Pen {
  trace(draw: (context: Tracing) => void, stroke: Stroke): void;
  path(points: readonly Point[], stroke: Stroke): void;
  /** Several lines in one stroke: faster on the screen, and a halo covers none of the others. */
  paths(all: readonly (readonly Point[])[], stroke: Stroke): void;
  dot(at: Point, radius: number, color: string): void;
  text(text: string, at: Point, color: string, align: "start" | "middle" | "end"): void;
  /** Draw, cut off at the edges of `box`. */
  within(box: Box, draw: () => void): void;
  /** Pixels within `box`, painted on a canvas that is scaled to CSS pixels. */
  raster(box: Box, paint: (context: CanvasRenderingContext2D) => void): void;
}

export type Painter = (pen: Pen, frame: Frame) => void;

export function together(...painters: readonly Painter[]): Painter {
  return (pen, frame) => {
    for (const paint of painters) paint(pen, frame);
  };
}

export class CanvasPen implements Pen {
  constructor(readonly context: CanvasRenderingContext2D) {
    // Browsers look a font up whenever it is set, even to what it was.
    if (context.font !== FONT) context.font = FONT;
  }

  path(points: readonly Point[], stroke: Stroke): void {
    this.paths([points], stroke);
  }

  paths(all: readonly (readonly Point[])[], stroke: Stroke): void {
    this.trace((context) => all.forEach((points) => polyline(context, points)), stroke);
  }

  trace(draw: (context: Tracing) => void, { stroke, width = 1, dash = [], halo, fill }: Stroke): void {
    const { context } = this;
    context.beginPath();
    draw(context);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    const line = (color: string, wide: number, dashes: readonly number[]): void => {
      context.strokeStyle = color;
      context.lineWidth = wide;
      context.setLineDash([...dashes]);
      context.stroke();
    };
    if (halo) line(halo, width + HALO, []);
    if (stroke) line(stroke, width, dash);
  }

  dot([x, y]: Point, radius: number, color: string): void {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fillStyle = color;
    this.context.fill();
  }

  text(text: string, [x, y]: Point, color: string, align: "start" | "middle" | "end"): void {
    const { context } = this;
    context.fillStyle = color;
    context.textAlign = align === "middle" ? "center" : align;
    context.fillText(text, x, y);
  }

  within({ left, top, width, height }: Box, draw: () => void): void {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    draw();
    context.restore();
  }

  raster(box: Box, paint: (context: CanvasRenderingContext2D) => void): void {
    this.within(box, () => paint(this.context));
  }
}

export class SvgPen implements Pen {
  readonly parts: string[] = [];

  /** The picture as a file, under a title; without a title as a part of a page. */
  document(title: string, { width, height }: Pick<Box, "width" | "height">, ground: string, ink: string): string {
    const head = title ? 24 : 0;
    const text = escapeMarkup(title);
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + head}" ` +
      `viewBox="0 ${-head} ${width} ${height + head}" font-family="sans-serif" font-size="11"`;
    const paper = `<rect y="${-head}" width="100%" height="100%" fill="${ground}"/>`;
    const begin = title
      ? `${svg} role="img"><title>${text}</title>${paper}<text x="8" y="-7" font-size="13" fill="${ink}">${text}</text>`
      : `${svg}>${paper}`;
    return begin.concat(...this.parts, "</svg>");
  }

  dot([x, y]: Point, radius: number, color: string): void {
    this.parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${color}"/>`);
  }

  path(points: readonly Point[], stroke: Stroke): void {
    this.paths([points], stroke);
  }

  paths(all: readonly (readonly Point[])[], stroke: Stroke): void {
    this.trace((context) => all.forEach((points) => polyline(context, points)), stroke);
  }

  trace(draw: (context: Tracing) => void, { stroke, width = 1, dash = [], halo, fill }: Stroke): void {
    const path = pathRound(1);
    // Painters and d3-shape use no more of a context than a path has.
    draw(path as unknown as Tracing);
    const d = path.toString();
    if (!d) return;
    if (halo) this.parts.push(`<path d="${d}" fill="none" stroke="${halo}" stroke-width="${width + HALO}"/>`);
    const dashes = dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    const line = stroke ? ` stroke="${stroke}" stroke-width="${width}"${dashes}` : "";
    this.parts.push(`<path d="${d}" fill="${fill ?? "none"}"${line}/>`);
  }

  text(text: string, [x, y]: Point, color: string, align: "start" | "middle" | "end"): void {
    this.parts.push(
      `<text x="${round(x)}" y="${round(y)}" fill="${color}" text-anchor="${align}">${escapeMarkup(text)}</text>`,
    );
  }

  within({ left, top, width, height }: Box, draw: () => void): void {
    // An inner SVG cuts off everything outside of it.
    this.parts.push(
      `<svg x="${left}" y="${top}" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">`,
    );
    draw();
    this.parts.push("</svg>");
  }

  raster({ left, top, width, height }: Box, paint: (context: CanvasRenderingContext2D) => void): void {
    const scale = 2;
    const canvas = h("canvas", { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.scale(scale, scale);
    context.translate(-left, -top);
    paint(context);
    this.parts.push(`<image x="${left}" y="${top}" width="${width}" height="${height}" href="${canvas.toDataURL()}"/>`);
  }
}

/** The edge of a box, once around. */
export function edgeOf({ left, top, width, height }: Box): Point[] {
  const [right, bottom] = [left + width, top + height];
  // biome-ignore format: a corner a line says no more
  return [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]];
}

function polyline(context: Tracing, points: readonly Point[]): void {
  for (let index = 0; index < points.length; index++) {
    const [x, y] = points[index]!;
    if (index) context.lineTo(x, y);
    else context.moveTo(x, y);
  }
}

/** Names of runs and tags are text, in a file as on the page. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
