// @vitest-environment happy-dom
import { beforeAll, test } from "vitest";
import { scoreColor } from "../../src/drawing/colors";
import { paintAll } from "../../src/drawing/paint_plot";
import { smallHeatmap } from "../../src/drawing/painters";
import { SvgPen } from "../../src/drawing/pen";
import { AXIS_WIDTH, MARGIN_RIGHT, type Plot } from "../../src/drawing/plot";
import { greatestShare, type Shading } from "../../src/drawing/raster";
import { stepDomain } from "../../src/model/axis";
import { distributions, occupiedWindow } from "../../src/model/distribution";
import { alignBySteps } from "../../src/model/series";
import type { Series } from "../../src/model/types";
import { contextOf, describePixels, installCanvas } from "../support/canvas";
import { histogramsOf, range } from "../support/histograms";
import { expectPicture } from "../support/pictures";

beforeAll(installCanvas);

/** A chart of lines over steps; the second is dashed. */
function lines(all: readonly Series[], change: Partial<Plot> = {}): string {
  const { steps, columns } = alignBySteps(all);
  const plot: Plot = {
    x: steps,
    lines: columns.map((values, index) => ({
      label: "",
      color: scoreColor(index, "light"),
      ...(index ? { dash: [5, 4] } : {}),
      values,
    })),
    domain: stepDomain(all.map((series) => series.steps)),
    range: null,
    ...change,
  };
  const ink = { ink: "#3c4043", grid: "#e8eaed" };
  const layout = { width: 640, height: 150, axisWidth: AXIS_WIDTH, marginRight: MARGIN_RIGHT, ...ink };
  const pen = new SvgPen();
  paintAll(pen, plot, layout);
  return pen.document("", layout, "#ffffff", ink.ink);
}

function series(steps: readonly number[], value: (step: number) => number): Series {
  return { steps, wallTimes: steps, values: steps.map(value) };
}

const steps = range(0, 30);
const training = series(steps, (step) => 2.4 * 0.8 ** step + 0.05);
const validation = series([0, 5, 10, 25, 29], (step) => 2.5 * 0.85 ** step + 0.1);
const start = new Date(2026, 10, 20, 22, 15).getTime() / 1000;

test.each([
  ["lines", lines([training, validation])],
  ["lines_log", lines([training, validation], { log: true })],
  ["lines_zoomed", lines([training, validation], { zoom: [0.1, 0.4] })],
  ["lines_close", lines([series(steps, (step) => 224286 - 49 * step)])],
  ["lines_last_digits", lines([series(steps, (step) => 1234567.5 - step / 1000)])],
  ["lines_huge", lines([series(steps, (step) => 1e14 * (1 + step / 10))])],
  ["lines_multiples", lines([series(steps, (step) => 255 - step)], { unit: "ratio" })],
  ["lines_single", lines([series([7], () => 0.5)])],
  [
    "lines_clock",
    lines([training], { kind: "wall", x: steps.map((step) => start + 1800 * step), domain: [start, start + 54_000] }),
  ],
  ["lines_duration", lines([training], { kind: "relative", x: steps.map((step) => 1800 * step), domain: [0, 54_000] })],
])("%s", expectPicture);

test("small_heatmap", () => {
  const recorded = [...range(0, 18), ...range(22, 30)];
  const outputs = histogramsOf({ steps: recorded, at: (step) => [0.3 - 0.012 * step, 0.12 - 0.003 * step] });
  const even = <Value>(_: Value, index: number): boolean => index % 2 === 0;
  const sums = { steps: recorded.filter(even), lastSteps: recorded.slice(1).filter(even) };
  const columns = distributions(outputs, 0).filter(even);
  const shading: Shading = { theme: "light", map: "viridis", scale: "root", full: greatestShare(columns) };
  const canvas = smallHeatmap(columns, sums, occupiedWindow(columns), shading, [-0.5, 29.5]);
  const { hash, rows } = describePixels(contextOf(canvas), 80);
  return expectPicture("small_heatmap", `<svg><image href="${[hash, ...rows].join("\n")}"/></svg>`);
});
