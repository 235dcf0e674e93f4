// Intensities over steps: as a heatmap or as quantile bands, with the baseline at the right.

import { formatIntensity, formatNumber, formatShare } from "../../base/format";
import { markPainter } from "../../charts/marks";
import { StepChart, type StepView } from "../../charts/step_chart";
import type { Table } from "../../charts/table";
import { cssRamp, runColor } from "../../drawing/colors";
import { cellAt, cellCount, cellName } from "../../drawing/outline";
import { pageColors } from "../../drawing/page_colors";
import { alarmPainter, bandPainter, heatmapPainter, sidePainter } from "../../drawing/painters";
import { type Painter, together } from "../../drawing/pen";
import type { LegendItem, Line, Plot } from "../../drawing/plot";
import { greatestShare, type Shading } from "../../drawing/raster";
import { type Distribution, meanSeries, quantileSeries, withBands } from "../../model/distribution";
import { QUANTITIES } from "../../model/quantities";
import { alignBySteps, type Domain, nearestIndex, stepWidth, valueAt } from "../../model/series";
import { type QuantileSource, spanOf } from "../../model/types";
import { shownCells } from "../../state/cells";
import type { Paint } from "../../state/frames";
import { cursorStep, shownAxis, shownBaseline, shownChannelIndex, shownColumns } from "../../state/shown";
import { derived, type State } from "../../state/state";
import { stepName, stepWord } from "../../state/step_words";

export function heatmapView(state: State, paint: Paint): StepChart {
  const view: StepView = {
    title: QUANTITIES.mean_pixels.title,
    titleOf: ({ detail }) => QUANTITIES[detail?.quantity ?? "mean_pixels"].title,
    height: HEIGHT,
    values: ({ detail }) => detail?.quantity ?? "mean_pixels",
    plot: ({ detail, form }) => (detail && (form === "heatmap" || form === "bands") ? plot(state) : null),
    legend,
    table,
    tip: cellTip,
  };
  return new StepChart(state, paint, view);
}

const HEIGHT = 210;
/** Where the middle nine tenths are lower than so many pixels, a line would hide them. */
const MIN_BAND = 14;

/** One colour scale for outputs and baseline: they are there to be compared. */
const shownShading = derived(
  (state): Shading => ({
    theme: state.theme,
    map: state.colorMap,
    scale: state.countScale,
    full: greatestShare([...shownCells(state).columns, ...present(shownCells(state).baseline)]),
  }),
);

const SCALE_NAMES = { root: "square root", log: "logarithmic", linear: "linear" };

function present(side: Distribution | null): Distribution[] {
  return side ? [side] : [];
}

type Content = Omit<Plot, "domain" | "kind">;

function plot(state: State): Content {
  const { output } = state.detail!.histograms;
  const axis = shownAxis(state);
  const { window, columns, baseline: side } = shownCells(state);
  const shading = shownShading(state);
  const { alarm, ink } = pageColors();
  const alarms = output.steps.filter((_, index) => columns[index]!.nonFinite);
  const { x, lines, quantiles } = lineContent(state);
  const under: Painter[] = [
    state.form === "heatmap"
      ? heatmapPainter({ columns, steps: output.steps, axis, window, shading })
      : bandPainter(quantiles, x.map(axis.toX), lines[lines.length - 1]!.color),
    alarmPainter(alarms, axis, alarm, stepWidth(output.steps)),
  ];
  if (side) under.push(sidePainter(side, middleOf(side), window, shading, ink));
  under.push(markPainter(state, { onPixels: true }));
  return {
    x,
    lines,
    range: withBands(window),
    numbered: { y: [window.low, window.high] },
    ...(side ? { caption: shownBaseline(state).kind === "reference" ? "reference" : "baseline" } : {}),
    under: together(...under),
  };
}

/** Of the bands the quantiles, from the lowest up, and on top the mean; of the heatmap the mean alone. */
function lineContent(state: State): { x: number[]; lines: Line[]; quantiles: Line["values"][] } {
  const { output } = state.detail!.histograms;
  const channel = shownChannelIndex(state);
  const dark = state.theme === "dark";
  const heat = state.form === "heatmap";
  const halo = heat ? { halo: dark ? "rgba(0,0,0,0.55)" : "rgba(255,255,255,0.85)" } : {};
  const color = dark ? "#ffffff" : "#202124";
  const { steps, columns } = alignBySteps([
    ...output.quantiles.map((_, index) => quantileSeries(output, index, channel)),
    meanSeries(output, channel),
  ]);
  const quantiles = columns.slice(0, -1);
  const means = columns[columns.length - 1] ?? [];
  const lines = heat
    ? []
    : output.quantiles.map(
        (probability, index): Line => ({
          label: `${probability}`,
          color,
          width: 1,
          dash: probability === 0.5 ? [2, 3] : [6, 4],
          values: quantiles[index] ?? [],
        }),
      );
  lines.push({
    label: "mean",
    color: runColor(state.detail!.run.eventDirectory, state.directoryOrder, state.theme),
    ...halo,
    width: heat ? 1.25 : 2.5,
    values: heat ? means.map((mean, index) => (isTall(state, quantiles, index) ? mean : null)) : means,
  });
  return { x: steps, lines, quantiles };
}

/** The middle nine tenths; null where only bins are known. */
function middleOf({ quantiles }: Distribution): Domain | null {
  const at = (wanted: number): number | undefined =>
    quantiles?.values[quantiles.probabilities.findIndex((probability) => Math.abs(probability - wanted) < 1e-6)];
  const [low, high] = [at(0.05), at(0.95)];
  return low === undefined || high === undefined ? null : [low, high];
}

/** Whether a line leaves the values at a step to be seen. */
function isTall(state: State, [low, , high]: readonly Line["values"][], index: number): boolean {
  const { window } = shownCells(state);
  const [from, to] = [low?.[index], high?.[index]];
  // null is a gap of its own.
  if (typeof from !== "number" || typeof to !== "number") return true;
  return ((to - from) / (window.high - window.low)) * HEIGHT >= MIN_BAND;
}

/** What is known of the quantiles where they are not exact. */
const SOURCES: Readonly<Record<QuantileSource, string>> = {
  recorded: "",
  binned: "from bins, at most one bin off",
  mixed: "in part from bins, at most one bin off",
};

/** The count of the cell under the pointer. */
function cellTip(state: State, step: number, y: number): string[] {
  const { detail } = state;
  const column = shownCells(state).columns[nearestIndex(detail?.histograms.output.steps ?? [], step)];
  if (!detail || !column) return [];
  const cell = cellAt(column, y);
  const { noun } = QUANTITIES[detail.quantity];
  return [`${stepName(state, step)}, ${cellName(cell, spanOf(detail.stream))}`, cellCount(column, cell, noun)];
}

function legend(state: State): LegendItem[] {
  const { detail } = state;
  const step = cursorStep(state);
  if (!detail || step === null) return [];
  const channel = shownChannelIndex(state);
  const { output } = detail.histograms;
  const column = shownColumns(state)[nearestIndex(output.steps, step)];
  const span = spanOf(detail.stream);
  // The heatmap has no lines of these.
  const ink = state.form === "heatmap" ? "" : state.theme === "dark" ? "#ffffff" : "#202124";
  const source = SOURCES[output.quantileSource];
  const quantile = (at: number): string => formatIntensity(valueAt(quantileSeries(output, at, channel), step), span);
  const items: LegendItem[] = [
    {
      label: "mean",
      color: runColor(detail.run.eventDirectory, state.directoryOrder, state.theme),
      value: formatIntensity(column?.mean, span),
    },
    { label: "median", color: ink, dashed: true, value: quantile(1) },
    { label: "5 to 95%", color: ink, dashed: true, value: `${quantile(0)} to ${quantile(2)}` },
    ...(source ? [{ label: source, color: "", value: "" }] : []),
  ];
  if (state.form === "heatmap") {
    const { full, map, scale } = shownShading(state);
    const { noun } = QUANTITIES[detail.quantity];
    items.push({
      label: `share of ${noun}s, 0 to ${formatShare(full)}`,
      color: "",
      ramp: cssRamp(map, state.theme),
      value: "",
      help: `Share of the ${noun}s of one ${stepWord(state)} in a cell; the colour scale is ${SCALE_NAMES[scale]}`,
    });
  }
  if (column?.nonFinite)
    items.push({
      label: "not finite",
      color: "var(--alarm)",
      value: formatShare(column.nonFinite / (column.nonFinite + column.finite)),
    });
  return items;
}

function table(state: State): Table | null {
  const { detail } = state;
  if (!detail) return null;
  const channel = shownChannelIndex(state);
  const { output } = detail.histograms;
  const quantiles = output.quantiles.map((_, index) => quantileSeries(output, index, channel));
  const { low, high, bins } = output;
  const edges = Array.from({ length: bins }, (_, bin) => `from ${formatNumber(low + ((high - low) * bin) / bins)}`);
  const name = [
    detail.run.name,
    detail.stream.name,
    detail.quantity,
    detail.stream.channels[channel],
    `over ${stepWord(state)}s`,
  ];
  return {
    name: name.join(" "),
    columns: [
      stepWord(state),
      "mean",
      "std",
      ...output.quantiles.map((p) => `quantile ${p}`),
      "not finite",
      "below",
      ...edges,
      "above",
    ],
    rows: shownColumns(state).map((column, index) => [
      output.steps[index]!,
      column.mean,
      column.std,
      ...quantiles.map(({ values }) => values[index] ?? null),
      column.nonFinite,
      column.underflow,
      ...Array.from(column.counts),
      column.overflow,
    ]),
  };
}
