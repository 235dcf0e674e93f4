// Intensities over steps: as a heatmap or as quantile bands, with the baseline at the right.

import { formatCount, formatIntensity, formatNumber, formatShare } from "../../base/format";
import { markPainter } from "../../charts/marks";
import { StepChart, type StepView } from "../../charts/step_chart";
import type { Table } from "../../charts/table";
import { cssRamp, runColor } from "../../drawing/colors";
import { cellAt, cellName } from "../../drawing/outline";
import { pageColors } from "../../drawing/page_colors";
import { alarmPainter, bandPainter, heatmapPainter, sidePainter } from "../../drawing/painters";
import { type Painter, together } from "../../drawing/pen";
import type { LegendItem, Line, Plot } from "../../drawing/plot";
import { greatestShare, type Shading } from "../../drawing/raster";
import {
  type Distribution,
  meanSeries,
  occupiedWindow,
  quantileSeries,
  type Window,
  withBands,
} from "../../model/distribution";
import { QUANTITIES } from "../../model/quantities";
import { alignBySteps, nearestIndex, stepWidth, valueAt } from "../../model/series";
import { spanOf } from "../../model/types";
import type { Paint } from "../../state/frames";
import { baselineAt, cursorStep, shownAxis, shownBaseline, shownChannelIndex, shownColumns } from "../../state/shown";
import { derived, type State } from "../../state/state";

export function heatmapView(state: State, paint: Paint): StepChart {
  const view: StepView = {
    title: QUANTITIES.mean_pixels.title,
    titleOf: ({ detail }) => QUANTITIES[detail?.quantity ?? "mean_pixels"].title,
    height: 270,
    values: ({ detail }) => detail?.quantity ?? "mean_pixels",
    plot: ({ detail, form }) =>
      detail && (form === "heatmap" || form === "bands") ? plot(state, shownWindow(state)) : null,
    legend,
    table,
    tip: cellTip,
  };
  return new StepChart(state, paint, view);
}

const lastBaseline = derived((state): Distribution | null => {
  const steps = state.detail?.histograms.output.steps ?? [];
  return baselineAt(state, steps[steps.length - 1] ?? 0);
});

const shownWindow = derived(
  (state): Window => occupiedWindow([...shownColumns(state), ...present(lastBaseline(state))]),
);

/** One colour scale for outputs and baseline: they are there to be compared. */
const shownShading = derived(
  (state): Shading => ({
    theme: state.theme,
    map: state.colorMap,
    scale: state.countScale,
    full: greatestShare([...shownColumns(state), ...present(lastBaseline(state))]),
  }),
);

const SCALE_NAMES = { root: "square root", log: "logarithmic", linear: "linear" };

function present(side: Distribution | null): Distribution[] {
  return side ? [side] : [];
}

type Content = Omit<Plot, "domain" | "kind">;

function plot(state: State, window: Window): Content {
  const { output } = state.detail!.histograms;
  const axis = shownAxis(state);
  const columns = shownColumns(state);
  const side = lastBaseline(state);
  const shading = shownShading(state);
  const { alarm, ink } = pageColors();
  const alarms = output.steps.filter((_, index) => columns[index]!.nonFinite);
  const { x, lines } = lineContent(state);
  const under: Painter[] = [
    state.form === "heatmap"
      ? heatmapPainter({ columns, steps: output.steps, axis, window, shading })
      : bandPainter(
          lines.map(({ values }) => values),
          x.map(axis.toX),
          lines[lines.length - 1]!.color,
        ),
    alarmPainter(alarms, axis, alarm, stepWidth(output.steps)),
  ];
  if (side) under.push(sidePainter(side, window, shading, ink));
  under.push(markPainter(state));
  return {
    x,
    lines,
    range: withBands(window),
    numbered: { y: [window.low, window.high] },
    ...(side ? { caption: shownBaseline(state).kind === "reference" ? "reference" : "baseline" } : {}),
    under: together(...under),
  };
}

/** The quantiles, from the lowest up, and on top the mean. */
function lineContent(state: State): { x: number[]; lines: Line[] } {
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
  const lines = output.quantiles.map(
    (probability, index): Line => ({
      label: `${probability}`,
      color,
      width: 1,
      dash: probability === 0.5 ? [2, 3] : [6, 4],
      ...halo,
      values: columns[index] ?? [],
    }),
  );
  const mean = runColor(state.detail!.run.eventDirectory, state.directoryOrder, state.theme);
  lines.push({ label: "mean", color: mean, width: 2.5, ...halo, values: columns[columns.length - 1] ?? [] });
  return { x: steps, lines };
}

/** The exact count of the cell under the pointer. */
function cellTip(state: State, step: number, y: number): string[] {
  const { detail } = state;
  const column = shownColumns(state)[nearestIndex(detail?.histograms.output.steps ?? [], step)];
  if (!detail || !column) return [];
  const cell = cellAt(column, y);
  const { noun } = QUANTITIES[detail.quantity];
  return [
    `epoch ${step}, ${cellName(cell, spanOf(detail.stream))}`,
    `${formatCount(cell.count, noun)} (${formatShare(cell.count / column.finite)})`,
  ];
}

function legend(state: State): LegendItem[] {
  const { detail } = state;
  const step = cursorStep(state);
  if (!detail || step === null) return [];
  const channel = shownChannelIndex(state);
  const { output } = detail.histograms;
  const column = shownColumns(state)[nearestIndex(output.steps, step)];
  const span = spanOf(detail.stream);
  const ink = state.theme === "dark" ? "#ffffff" : "#202124";
  const quantile = (at: number): string => formatIntensity(valueAt(quantileSeries(output, at, channel), step), span);
  const items: LegendItem[] = [
    {
      label: "mean",
      color: runColor(detail.run.eventDirectory, state.directoryOrder, state.theme),
      value: formatIntensity(column?.mean, span),
    },
    { label: "median", color: ink, dashed: true, value: quantile(1) },
    { label: "5 to 95%", color: ink, dashed: true, value: `${quantile(0)} to ${quantile(2)}` },
  ];
  if (state.form === "heatmap") {
    const { full, map, scale } = shownShading(state);
    const { noun } = QUANTITIES[detail.quantity];
    items.push({
      label: `share of ${noun}s, 0 to ${formatShare(full)}`,
      color: "",
      ramp: cssRamp(map, state.theme),
      value: "",
      help: `Share of an epoch's ${noun}s in a cell; the colour scale is ${SCALE_NAMES[scale]}`,
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
  const name = [detail.run.name, detail.stream.name, detail.quantity, detail.stream.channels[channel], "over epochs"];
  return {
    name: name.join(" "),
    columns: [
      "epoch",
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
