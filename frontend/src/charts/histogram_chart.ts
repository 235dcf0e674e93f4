// Outlines between an axis of intensities and one of shares, with exact counts at the pointer.

import { cellAt, cellCount, cellName, highest, logFloor, type Outline, outlinePainter } from "../drawing/outline";
import type { Plot } from "../drawing/plot";
import { type Window, withBands } from "../model/distribution";
import { Chart } from "./chart";
import type { PointerEvents } from "./pointer";
import type { Table } from "./table";

export interface HistogramContent {
  readonly outlines: readonly Outline[];
  readonly window: Window;
  readonly log: boolean;
  /** The name of one count: "image" or "pixel". */
  readonly noun: string;
  /** Limits of the vertical axis where outlines stand at steps instead of on one ground. */
  readonly steps?: readonly [top: number, bottom: number];
  /** The greatest share that the axis has room for; that of the outlines by default. */
  readonly peak?: number;
}

/** Lines of a tooltip; more hide the chart. */
const MAX_LINES = 8;

export function histogramPlot({ outlines, window, log, steps, peak }: HistogramContent): Plot {
  const floor = log ? logFloor(outlines) : 0;
  return {
    x: [window.low, window.high],
    lines: [],
    kind: "number",
    domain: withBands(window),
    range: steps ?? [floor, (peak ?? highest(outlines)) * (log ? 1.6 : 1.06)],
    unit: steps ? "step" : "share",
    // The place of a band is no intensity, and the room above the first outline no step.
    numbered: { x: [window.low, window.high], ...(steps ? { y: [outlines[0]?.base ?? 0, steps[1]] as const } : {}) },
    log,
    flip: !!steps,
    over: outlinePainter(outlines, window, steps ? -Infinity : floor),
  };
}

export class HistogramChart {
  readonly chart: Chart;
  #content: HistogramContent | null = null;

  constructor(label: string, height: number, pointer: Partial<PointerEvents> = {}) {
    this.chart = new Chart({
      height,
      label,
      marginRight: 14,
      axisWidth: 54,
      pointer: {
        ...pointer,
        onHover: (x, place, y) => {
          pointer.onHover?.(x, place, y);
          this.#showTip(x, place, y);
        },
      },
    });
  }

  show(content: HistogramContent): void {
    this.#content = content;
    this.chart.show(histogramPlot(content));
  }

  #showTip(x: number | null, place: readonly [number, number], y: number): void {
    const content = this.#content;
    if (x === null || !content?.outlines.length) {
      this.chart.showTip(null);
      return;
    }
    const { noun, steps } = content;
    const told = content.outlines.filter(({ silent }) => !silent);
    // Of outlines that are set apart, the nearest one.
    const near = steps
      ? [...told].sort((a, b) => Math.abs((a.base ?? 0) - y) - Math.abs((b.base ?? 0) - y)).slice(0, 1)
      : [...told].reverse().slice(0, MAX_LINES);
    const [first] = near;
    if (!first) return;
    const { low, high } = first.distribution;
    const rest = steps ? 0 : told.length - near.length;
    this.chart.showTip(
      place,
      cellName(cellAt(first.distribution, x), high - low),
      ...near.map(({ name, distribution }) => {
        return `${name}: ${cellCount(distribution, cellAt(distribution, x), noun)}`;
      }),
      ...(rest > 0 ? [`and ${rest} more`] : []),
    );
  }
}

/** Counts of outlines side by side, a row a bin. */
export function outlineTable(name: string, outlines: readonly Outline[]): Table {
  const [first] = outlines;
  const { low = 0, high = 1, counts = [] } = first?.distribution ?? {};
  const width = (high - low) / (counts.length || 1);
  const all = outlines.map(({ distribution: { underflow, overflow, counts: inside } }) => [
    underflow,
    ...Array.from(inside),
    overflow,
  ]);
  const edges = Array.from({ length: counts.length + 2 }, (_, cell) => [
    cell === 0 ? null : low + (cell - 1) * width,
    cell === counts.length + 1 ? null : low + cell * width,
  ]);
  return {
    name,
    columns: ["from", "to", ...outlines.map((outline) => outline.name)],
    rows: [
      ...edges.map((edge, cell) => [...edge, ...all.map((column) => column[cell] ?? null)]),
      ["not finite", null, ...outlines.map(({ distribution }) => distribution.nonFinite)],
    ],
  };
}
