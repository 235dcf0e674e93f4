// Lines over epochs: uPlot with our cursor, keys and labels.
//
// All charts of a page share one epoch axis and one cursor. The cursor belongs
// to the store, not to a chart: a chart reports where the pointer is and is told
// which epoch to show.

import uPlot from "uplot";
import { h } from "./dom";
import { nearestIndex, type Domain } from "./scales";

export interface Line {
  readonly label: string;
  readonly color: string;
  readonly width?: number;
  readonly dash?: number[];
  /** Drawn under the line in this colour, so that it shows on any ground. */
  readonly halo?: string;
  /** Without a dot at the cursor. */
  readonly unmarked?: boolean;
  readonly values: readonly (number | null)[];
}

export interface Plot {
  readonly steps: readonly number[];
  readonly lines: readonly Line[];
  readonly domain: Domain;
  /** Fixed limits of the values; null fits them to the lines. */
  readonly range: Domain | null;
  readonly log?: boolean;
}

export interface CursorEvents {
  onHover(step: number | null): void;
  onPick(step: number | null): void;
  /** Move by so many recorded epochs; infinite for the first or the last. */
  onMove(epochs: number): void;
}

export interface ChartOptions {
  readonly height: number;
  readonly label: string;
  readonly events: CursorEvents;
  readonly formatValue: (value: number) => string;
  /** What stands under the right margin, in line with the epochs. */
  readonly caption?: string;
  readonly paintUnder?: (chart: uPlot) => void;
}

// The same on all charts, or their epochs would not stand under each other.
const AXIS_WIDTH = 58;
/** Room to the right of the plot, in CSS pixels. */
export const MARGIN_RIGHT = 58;

const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

export class EpochChart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  #chart: uPlot | null = null;
  #plot: Plot | null = null;
  #shape = "";
  #step: number | null = null;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.element = h("div.chart", {
      tabIndex: 0,
      aria: { label: options.label },
      style: `height:${options.height}px`,
      onkeydown: (event) => this.#onKey(event),
    });
    this.element.setAttribute("role", "img");
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  show(plot: Plot): void {
    this.#plot = plot;
    // Series and scales are fixed when uPlot is built; their values are not.
    const shape = JSON.stringify([
      plot.log,
      plot.lines.map(({ label, color, dash, width, halo }) => [label, color, dash, width, halo]),
      getComputedStyle(this.element).color,
    ]);
    if (this.#chart && shape === this.#shape) {
      this.#chart.setData(toData(plot));
    } else {
      this.#shape = shape;
      this.#build();
    }
  }

  showCursor(step: number | null): void {
    this.#step = step;
    const chart = this.#chart;
    if (!chart) return;
    if (step === null) {
      chart.setCursor({ left: -10, top: -10 }, false);
      return;
    }
    chart.setCursor({ left: chart.valToPos(step, "x"), top: 0 }, false);
  }

  redraw(): void {
    this.#chart?.redraw(false, true);
  }

  #build(): void {
    this.#chart?.destroy();
    this.#chart = null;
    const width = this.element.clientWidth;
    if (!this.#plot || width === 0) return; // hidden: built when it is shown
    this.#chart = new uPlot(this.#config(width, this.#plot), toData(this.#plot), this.element);
    this.#watchPointer(this.#chart);
    // uPlot fixes its scales in a microtask; positions are wrong before that.
    requestAnimationFrame(() => this.showCursor(this.#step));
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (width === 0) return;
    if (!this.#chart) this.#build();
    else if (width !== this.#chart.width)
      this.#chart.setSize({ width, height: this.#options.height });
    requestAnimationFrame(() => this.showCursor(this.#step));
  }

  #config(width: number, plot: Plot): uPlot.Options {
    const style = getComputedStyle(this.element);
    const ink = style.color;
    const grid = style.getPropertyValue("--grid");
    const { height, formatValue, paintUnder } = this.#options;
    const marked = plot.lines.flatMap((line) => (line.halo ? [false, true] : [!line.unmarked]));
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
    return {
      width,
      height,
      padding: [6, MARGIN_RIGHT, 0, 0],
      legend: { show: false },
      cursor: {
        drag: { x: false, y: false },
        y: false,
        points: { size: (_, index) => (marked[index - 1] ? 6 : 0) },
        // The pointer is watched by us: uPlot would move this chart's cursor alone.
        bind: { mousemove: () => null, mouseleave: () => null, mousedown: () => null },
      },
      scales: {
        x: { time: false, range: () => [...(this.#plot?.domain ?? [0, 1])] as [number, number] },
        y: {
          ...(plot.log ? { distr: 3 as const } : {}),
          range: (_, low, high) => this.#valueRange(low, high),
        },
      },
      axes: [
        { ...axis, size: 24, gap: 2, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000], font: FONT },
        {
          ...axis,
          size: AXIS_WIDTH,
          font: FONT,
          space: 26,
          // A logarithmic axis leaves most of its ticks without a number.
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : formatValue(tick))),
        },
      ],
      series: [{}, ...plot.lines.flatMap((line) => toSeries(line, plot.steps.length))],
      hooks: {
        drawAxes: paintUnder ? [paintUnder] : [],
        draw: [(chart) => paintCaption(chart, this.#options.caption ?? "epoch")],
      },
    };
  }

  #valueRange(low: number | null, high: number | null): [number, number] {
    const plot = this.#plot;
    if (plot?.range) return [plot.range[0], plot.range[1]];
    if (low === null || high === null) return [0, 1];
    if (plot?.log) return uPlot.rangeLog(low, high, 10, false) as [number, number];
    const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
    return [low - room, high + room];
  }

  #watchPointer(chart: uPlot): void {
    const { events } = this.#options;
    const stepAt = (event: MouseEvent): number | null => {
      const left = event.clientX - chart.over.getBoundingClientRect().left;
      const steps = this.#plot?.steps ?? [];
      return steps[nearestIndex(steps, chart.posToVal(left, "x"))] ?? null;
    };
    chart.over.addEventListener("mousemove", (event) => events.onHover(stepAt(event)));
    chart.over.addEventListener("mouseleave", () => events.onHover(null));
    chart.over.addEventListener("click", (event) => events.onPick(stepAt(event)));
  }

  #onKey(event: KeyboardEvent): void {
    const epochs = KEYS[event.key];
    if (event.key === "Escape") this.#options.events.onPick(null);
    else if (epochs !== undefined) this.#options.events.onMove(epochs);
    else return;
    event.preventDefault();
  }
}

function paintCaption({ ctx, bbox, root }: uPlot, caption: string): void {
  const pixels = devicePixelRatio;
  ctx.save();
  ctx.font = `${10 * pixels}px system-ui, sans-serif`;
  ctx.fillStyle = getComputedStyle(root).color;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  const left = bbox.left + bbox.width + (MARGIN_RIGHT / 2) * pixels;
  ctx.fillText(caption, left, bbox.top + bbox.height + 7 * pixels);
  ctx.restore();
}

const FONT = "11px system-ui, sans-serif";

function toSeries(line: Line, steps: number): uPlot.Series[] {
  const series = (color: string, width: number, points: boolean): uPlot.Series => ({
    stroke: color,
    width,
    ...(line.dash ? { dash: line.dash } : {}),
    points: { show: points, size: 5, fill: color },
    spanGaps: false,
  });
  const width = line.width ?? 1.75;
  // A single epoch has no line to draw: a few are shown as points.
  const drawn = series(line.color, width, steps <= 3);
  return line.halo ? [{ ...series(line.halo, width + 2.5, false), dash: [] }, drawn] : [drawn];
}

function toData(plot: Plot): uPlot.AlignedData {
  const columns = plot.lines.flatMap((line) =>
    line.halo ? [line.values, line.values] : [line.values],
  );
  // A logarithmic axis has no place for 0 and below.
  const shown = plot.log
    ? columns.map((column) => column.map((value) => (value !== null && value > 0 ? value : null)))
    : columns;
  return [plot.steps as number[], ...(shown as (number | null)[][])];
}
