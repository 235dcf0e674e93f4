// @vitest-environment happy-dom
// A picture of each kind of chart, compared with the kept one in tests/pictures. After a change that is
// meant, `npm run pictures` writes them anew: look at them, and at the difference, before they are committed.
import { beforeAll, expect, test } from "vitest";
import { histogramPlot } from "../../src/charts/histogram_chart";
import { countColors, runColor, statisticColor, type Theme, withAlpha } from "../../src/drawing/colors";
import { highest, type Outline } from "../../src/drawing/outline";
import { alarmPainter, bandPainter, heatmapPainter, sidePainter, smallHeatmap } from "../../src/drawing/painters";
import { type Point, SvgPen, together } from "../../src/drawing/pen";
import { AXIS_WIDTH, type Layout, type Line, MARGIN_RIGHT, type Plot, paintAll } from "../../src/drawing/plot";
import { greatestShare, type Shading } from "../../src/drawing/raster";
import { stepAxis, stepDomain } from "../../src/model/axis";
import { distributions, meanSeries, occupiedWindow, quantileSeries, withBands } from "../../src/model/distribution";
import { alignBySteps, stepWidth } from "../../src/model/series";
import type { Series } from "../../src/model/types";
import { contextOf, describePixels, installCanvas } from "../support/canvas";
import { histogramsOf, range } from "../support/histograms";

beforeAll(installCanvas);

const INK = {
  light: { ink: "#3c4043", grid: "#e8eaed", panel: "#ffffff" },
  dark: { ink: "#dadce0", grid: "#484848", panel: "#373737" },
};
const ALARM = "#c5221f";

/** The text of a picture, an element a line, with pixels as characters. */
function readable(svg: string): string {
  let depth = 0;
  const lines = svg.replaceAll("><", ">\n<").split(/\n(?=<)/);
  return `${lines
    .map((line) => {
      if (line.startsWith("</")) depth--;
      const text = line
        .replace(
          /href="([0-9a-f]+)\n([^"]*)"/,
          (_, hash: string, rows: string) => `href="#${hash}"/>\n<!--\n${rows}\n-->`,
        )
        .replace("-->/>", "-->");
      const indented = "  ".repeat(Math.max(0, depth)) + text;
      if (line.startsWith("<svg")) depth++;
      return indented;
    })
    .join("\n")}\n`;
}

function picture(plot: Plot, height: number, theme: Theme = "light", layout: Partial<Layout> = {}): string {
  const { ink, grid, panel } = INK[theme];
  const whole: Layout = { width: 640, height, axisWidth: AXIS_WIDTH, marginRight: MARGIN_RIGHT, ink, grid, ...layout };
  const pen = new SvgPen();
  paintAll(pen, plot, whole);
  return readable(pen.document("", whole, panel, ink));
}

async function expectPicture(name: string, svg: string): Promise<void> {
  const message = `the picture ${name} is another than tests/pictures/${name}.svg; if it is meant to be, run "npm run pictures" and look at it`;
  await expect(svg, message).toMatchFileSnapshot(`../pictures/${name}.svg`);
}

const recorded = [...range(0, 18), ...range(22, 30)];
const outputs = histogramsOf({
  steps: recorded,
  at: (step) => [0.3 - 0.012 * step, 0.12 - 0.003 * step],
  nonFinite: (step) => (step === 12 ? 3 : 0),
});
const reference = histogramsOf({ steps: [0], at: () => [0.35, 0.09] });

/** The chart over steps as the page has it, as a heatmap or as bands. */
function overSteps(form: "heatmap" | "bands", kind: "step" | "relative", theme: Theme): Plot {
  const axis = stepAxis(kind, outputs.steps, outputs.wallTimes);
  const columns = distributions(outputs, 0);
  const [side] = distributions(reference, 0);
  const window = occupiedWindow([...columns, side!]);
  const shading: Shading = { theme, map: "auto", scale: "root", full: greatestShare([...columns, side!]) };
  const { steps, columns: values } = alignBySteps([
    ...outputs.quantiles.map((_, index) => quantileSeries(outputs, index, 0)),
    meanSeries(outputs, 0),
  ]);
  const x = steps.map(axis.toX);
  const halo = form === "heatmap" ? { halo: theme === "dark" ? "rgba(0,0,0,0.55)" : "rgba(255,255,255,0.85)" } : {};
  const ink = theme === "dark" ? "#ffffff" : "#202124";
  const mean = runColor("run", ["run"], theme);
  const lines = values.map(
    (line, index): Line =>
      index < 3
        ? { label: "", color: ink, width: 1, dash: index === 1 ? [2, 3] : [6, 4], ...halo, values: line }
        : { label: "mean", color: mean, width: 2.5, ...halo, values: line },
  );
  const alarms = outputs.steps.filter((_, index) => columns[index]!.nonFinite);
  const [low, high] = stepDomain([outputs.steps]);
  return {
    x,
    lines,
    domain: [axis.toX(low), axis.toX(high)],
    kind,
    range: withBands(window),
    numbered: { y: [window.low, window.high] },
    caption: "reference",
    under: together(
      form === "heatmap"
        ? heatmapPainter({ columns, steps: outputs.steps, axis, window, shading })
        : bandPainter(values, x, mean),
      alarmPainter(alarms, axis, ALARM, stepWidth(outputs.steps)),
      sidePainter(side!, window, shading, INK[theme].ink),
    ),
  };
}

test("heatmap", () => expectPicture("heatmap", picture(overSteps("heatmap", "step", "light"), 270)));
test("heatmap over time, dark", () =>
  expectPicture("heatmap_time_dark", picture(overSteps("heatmap", "relative", "dark"), 270, "dark")));
test("bands", () => expectPicture("bands", picture(overSteps("bands", "step", "light"), 270)));

const histogramLayout = { width: 420, marginRight: 14, axisWidth: 54 };

test("ridgelines", () => {
  const columns = distributions(outputs, 0);
  const tall = highest([{ name: "", distribution: columns[10]!, color: "" }]);
  const shown = [0, 5, 10, 15, 20, 25];
  const outlines = shown.map(
    (index): Outline => ({
      name: "",
      distribution: columns[index]!,
      color: "#80868b",
      width: 1,
      base: recorded[index]!,
      scale: -15 / tall,
      fill: "rgba(255,255,255,0.75)",
    }),
  );
  const plot = histogramPlot({
    outlines,
    window: occupiedWindow(columns),
    log: false,
    noun: "image",
    steps: [-20, 32],
  });
  return expectPicture("ridgelines", picture(plot, 330, "light", histogramLayout));
});

test("overlay", () => {
  const columns = distributions(outputs, 0);
  const colors = countColors("auto", "light");
  const outlines = [0, 8, 16, 24].map((index): Outline => {
    const shade = (100 + 6 * index) * 3;
    return {
      name: "",
      distribution: columns[index]!,
      color: `rgb(${colors.slice(shade, shade + 3).join()})`,
      width: 1,
    };
  });
  return expectPicture(
    "overlay",
    picture(
      histogramPlot({ outlines, window: occupiedWindow(columns), log: false, noun: "image" }),
      330,
      "light",
      histogramLayout,
    ),
  );
});

test.each([
  ["linear", false],
  ["log", true],
] as const)("histogram with %s counts", (scale, log) => {
  const distribution = distributions(outputs, 0)[9]!;
  const [side] = distributions(reference, 0);
  const color = runColor("run", ["run"], "light");
  const outlines: Outline[] = [
    {
      name: "reference",
      distribution: side!,
      color: "#3c4043",
      width: 1.25,
      dash: [4, 3],
      fill: withAlpha("#3c4043", 0.1),
    },
    { name: "outputs", distribution, color, width: 2, fill: withAlpha(color, 0.28) },
  ];
  const plot = histogramPlot({ outlines, window: occupiedWindow([distribution, side!]), log, noun: "image" });
  return expectPicture(`histogram_${scale}`, picture(plot, 230, "light", histogramLayout));
});

/** Lines over steps, the second dashed. */
function lines(all: readonly Series[], change: Partial<Plot> = {}): Plot {
  const { steps, columns } = alignBySteps(all);
  return {
    x: steps,
    lines: columns.map((values, index) => ({
      label: "",
      color: statisticColor(index, "light"),
      ...(index ? { dash: [5, 4] } : {}),
      values,
    })),
    domain: stepDomain(all.map((series) => series.steps)),
    range: null,
    ...change,
  };
}

const series = (steps: readonly number[], value: (step: number) => number): Series => ({
  steps,
  wallTimes: steps,
  values: steps.map(value),
});

test("drift", () => {
  const drift = series(recorded, (step) => (step === 12 ? NaN : 0.02 + 0.004 * step));
  const bias = series(recorded, (step) => -0.01 - 0.003 * step);
  const ideal: Line = {
    label: "ideal",
    color: "#80868b",
    width: 1,
    dash: [2, 4],
    unmarked: true,
    values: alignBySteps([drift, bias]).steps.map(() => 0),
  };
  const plot = lines([drift, bias], { under: alarmPainter([12], stepAxis("step", [], []), ALARM, 1) });
  return expectPicture("drift", picture({ ...plot, lines: [ideal, ...plot.lines] }, 126));
});

test("spread, in percent and as multiples", async () => {
  const spread = lines(
    [series(recorded, (step) => 1.1 - 0.03 * step), series(recorded, (step) => 0.9 + 0.004 * step)],
    { unit: "ratio" },
  );
  await expectPicture("spread", picture(spread, 150));
  await expectPicture(
    "spread_multiples",
    picture(lines([series(recorded, (step) => 255 - step)], { unit: "ratio" }), 150),
  );
});

const training = series(range(0, 30), (step) => 2.4 * 0.8 ** step + 0.05);
const validation = series([0, 5, 10, 25, 29], (step) => 2.5 * 0.85 ** step + 0.1);

test("loss", () => expectPicture("loss", picture(lines([training, validation]), 150)));
test("loss on a logarithmic axis", () =>
  expectPicture("loss_log", picture(lines([training, validation], { log: true }), 150)));
test("loss, a part of its values", () =>
  expectPicture("loss_zoomed", picture(lines([training, validation], { zoom: [0.1, 0.4] }), 150)));
test("loss that hardly falls", () =>
  expectPicture("loss_close", picture(lines([series(range(0, 30), (step) => 224286 - 49 * step)]), 150)));
test("loss that falls in its last digits", () =>
  expectPicture("loss_last_digits", picture(lines([series(range(0, 30), (step) => 1234567.5 - step / 1000)]), 150)));
test("loss beyond all bounds", () =>
  expectPicture("loss_huge", picture(lines([series(range(0, 30), (step) => 1e14 * (1 + step / 10))]), 150)));
test("loss of a single step", () => expectPicture("loss_single", picture(lines([series([7], () => 0.5)]), 150)));

test("values against values", () => {
  const points = range(0, 20).map((step): Point => [2.4 * 0.8 ** step + 0.05, 0.02 + 0.004 * step]);
  const plot: Plot = {
    x: [0, 2.5],
    lines: [],
    kind: "number",
    domain: [0, 2.5],
    range: [0.015, 0.105],
    over: (pen, frame) =>
      pen.path(
        points.map(([x, y]): Point => [frame.x(x), frame.y(y)]),
        { stroke: withAlpha("#0072b2", 0.45) },
      ),
    moving: (pen, frame) => pen.dot([frame.x(points[6]![0]), frame.y(points[6]![1])], 4, "#0072b2"),
  };
  return expectPicture("scatter", picture(plot, 260, "light", { marginRight: 14 }));
});

test("small heatmap", () => {
  const sums = {
    ...outputs,
    steps: recorded.filter((_, index) => index % 2 === 0),
    lastSteps: recorded.filter((_, index) => index % 2 === 1),
  };
  const columns = distributions(outputs, 0).filter((_, index) => index % 2 === 0);
  const shading: Shading = { theme: "light", map: "viridis", scale: "root", full: greatestShare(columns) };
  const canvas = smallHeatmap(columns, sums, occupiedWindow(columns), shading, [-0.5, 29.5]);
  const { hash, rows } = describePixels(contextOf(canvas), 80);
  return expectPicture("small_heatmap", readable(`<svg><image href="${[hash, ...rows].join("\n")}"/></svg>`));
});
