// A plot on a canvas, with the cursor, the pointer, keys and a tooltip over it.
//
// The cursor belongs to the page, not to a chart: a chart reports where the
// pointer is, and shows the cursor where it is put.

import { h, replaceChildren } from "../base/dom";
import { pageColors } from "../drawing/page_colors";
import { paintAll, paintPlot } from "../drawing/paint_plot";
import { CanvasPen, SvgPen } from "../drawing/pen";
import { AXIS_WIDTH, frameOf, type Layout, type Line, MARGIN_RIGHT, type Plot, type PlotFrame } from "../drawing/plot";
import { type Domain, nearestIndex } from "../model/series";
import { clampValues } from "../model/value_zoom";
import { type PointerEvents, valueStrip, watchPointer } from "./pointer";

export interface ChartOptions {
  readonly height: number;
  /** Its name for assistive technologies. */
  readonly label: string;
  readonly marginRight?: number;
  readonly axisWidth?: number;
  readonly pointer: PointerEvents;
  /** The part of the values that is to be shown; null for all. Without it they cannot be zoomed. */
  readonly onValues?: (limits: Domain | null) => void;
}

/** Dots at the cursor help with few lines and hide many. */
const MAX_DOTS = 12;

/** Charts with a plot that have no size yet. */
const unmeasured = new Set<Chart>();

/** Lay the page out once for all of them, and paint them: sooner than their observers, which wait for a frame. */
export function paintUnmeasured(): void {
  const widths = [...unmeasured].map((chart) => [chart, chart.element.clientWidth] as const);
  unmeasured.clear();
  for (const [chart, width] of widths) chart.resize(width);
}

export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #canvas = h("canvas");
  readonly #over = h("div.over");
  readonly #cursor = h("div.cursor", { hidden: true });
  readonly #tip = h("div.tip", { hidden: true });
  readonly #strip: HTMLElement | null;
  /** For the parts that move with the cursor; few charts have them. */
  #moving: HTMLCanvasElement | null = null;
  #dots: readonly HTMLElement[] = [];
  #plot: Plot | null = null;
  /** Those of its lines that have a dot at the cursor. */
  #marked: readonly Line[] = [];
  /** The places of the values in the last drawing: fitting limits on every move would cost too much. */
  #frame: PlotFrame | null = null;
  #x: number | null = null;
  /** Kept here: reading it from the element would lay out the whole page on every move of the cursor. */
  #width = 0;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.element = h(
      "div.chart",
      {
        tabIndex: 0,
        aria: { label: options.label },
        style: `height:${options.height}px`,
        onkeydown: (event) => {
          if (options.pointer.onKey?.(event)) event.preventDefault();
        },
      },
      this.#canvas,
      this.#over,
      this.#tip,
    );
    this.element.setAttribute("role", "img");
    this.#over.append(this.#cursor);
    watchPointer(this.#over, this.element, (left, top) => this.#valuesAt(left, top), options.pointer);
    this.#strip = options.onValues
      ? valueStrip(
          this.element,
          (top) => this.#valuesAt(0, top)[1],
          (limits) => this.#zoomTo(limits),
        )
      : null;
    new ResizeObserver(([entry]) => this.resize(entry?.contentRect.width ?? 0)).observe(this.element);
  }

  resize(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.redraw();
  }

  show(plot: Plot): void {
    this.#plot = plot;
    this.#marked = plot.lines.filter(({ unmarked }) => !unmarked);
    const dotted = plot.lines.length <= MAX_DOTS ? this.#marked : [];
    this.#dots = dotted.map(({ color }) => h("div.mark", { style: `background:${color}` }));
    replaceChildren(this.#over, this.#cursor, ...this.#dots);
    if (this.#width) this.redraw();
    else unmeasured.add(this);
  }

  redraw(): void {
    const plot = this.#plot;
    const layout = this.#layout();
    if (!plot || !layout.width) return; // hidden: drawn when it is shown
    const frame = frameOf(plot, layout);
    this.#frame = frame;
    paintPlot(cleanPen(this.#canvas, layout), plot, layout, frame);
    this.redrawMoving();
    this.#over.style.cssText = `left:${frame.left}px;top:${frame.top}px;width:${frame.width}px;height:${frame.height}px`;
    if (this.#strip) {
      this.#strip.style.cssText = `top:${frame.top}px;width:${frame.left}px;height:${frame.height}px`;
      this.#strip.classList.toggle("zoomed", !!plot.zoom);
    }
    this.showCursor(this.#x);
  }

  /** Show this multiple of the shown values, about the one at the cursor or else about the middle. */
  zoomValues(factor: number): void {
    const frame = this.#frame;
    if (!frame) return;
    const { top, height } = frame;
    const at = this.#cursorHeight(frame) ?? top + height / 2;
    this.#zoomTo([frame.valueAt(at + (top + height - at) * factor), frame.valueAt(at - (at - top) * factor)]);
  }

  redrawMoving(): void {
    if (!this.#plot?.moving || !this.#frame) return;
    if (!this.#moving) {
      this.#moving = h("canvas");
      this.#canvas.after(this.#moving);
    }
    this.#plot.moving(cleanPen(this.#moving, this.#layout()), this.#frame);
  }

  showCursor(x: number | null): void {
    this.#x = x;
    const plot = this.#plot;
    const frame = this.#frame;
    if (!plot || !frame) return;
    const inside = x !== null && x >= plot.domain[0] && x <= plot.domain[1];
    this.#cursor.hidden = !inside;
    if (inside) {
      const index = nearestIndex(plot.x, x);
      this.#cursor.style.transform = `translateX(${frame.x(x) - frame.left}px)`;
      this.#dots.forEach((dot, at) => {
        const value = this.#marked[at]?.values[index];
        dot.hidden = typeof value !== "number" || plot.x[index] !== x || (!!plot.log && value <= 0);
        if (!dot.hidden)
          dot.style.transform = `translate(${frame.x(x) - frame.left}px,${frame.y(value as number) - frame.top}px)`;
      });
    } else for (const dot of this.#dots) dot.hidden = true;
  }

  /** Show lines of text beside a place; hide them without a place or without lines. */
  showTip(place: readonly [x: number, y: number] | null, ...lines: readonly string[]): void {
    this.#tip.hidden = !place || !lines.length;
    if (!place) return;
    replaceChildren(this.#tip, ...lines.map((line) => h("div", {}, line)));
    const width = this.#width;
    const side = place[0] > width / 2 ? `right:${width - place[0] + 14}px` : `left:${place[0] + 14}px`;
    this.#tip.style.cssText = `top:${place[1]}px;${side}`;
  }

  /** The same picture as the text of an SVG, with a title; null while nothing is drawn. */
  svg(title: string, width = this.#width): string | null {
    const layout = { ...this.#layout(), width };
    if (!this.#plot || !layout.width) return null;
    const pen = new SvgPen();
    paintAll(pen, this.#plot, layout);
    return pen.document(title, layout, pageColors().panel, layout.ink);
  }

  #zoomTo(limits: Domain | null): void {
    if (this.#frame) this.#options.onValues?.(limits && clampValues(limits, this.#frame.whole));
  }

  /** Where the first line that is shown at the cursor has its value. */
  #cursorHeight({ range, y }: PlotFrame): number | null {
    const index = this.#x === null || !this.#plot ? -1 : nearestIndex(this.#plot.x, this.#x);
    const values = this.#marked.map((line) => line.values[index]);
    const value = values.find((one) => typeof one === "number" && one >= range[0] && one <= range[1]);
    return typeof value === "number" ? y(value) : null;
  }

  #layout(): Layout {
    const { height, marginRight = MARGIN_RIGHT, axisWidth = AXIS_WIDTH } = this.#options;
    const { ink, grid } = pageColors();
    return { width: this.#width, height, marginRight, axisWidth, ink, grid };
  }

  #valuesAt(left: number, top: number): [x: number, y: number] {
    const plot = this.#plot;
    if (!plot || !this.#frame) return [0, 0];
    const { width, valueAt, top: above } = this.#frame;
    const [from, to] = plot.domain;
    return [from + (left / width) * (to - from), valueAt(above + top)];
  }
}

/** A pen on the empty canvas, as large as it is shown and as fine as the screen. */
function cleanPen(canvas: HTMLCanvasElement, { width, height }: Layout): CanvasPen {
  const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d")!;
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  return new CanvasPen(context);
}
