// @vitest-environment happy-dom
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { HistogramChart, histogramPlot, outlineTable } from "../../src/charts/histogram_chart";
import type { Outline } from "../../src/drawing/outline";
import { distributions, occupiedWindow } from "../../src/model/distribution";
import { installCanvas } from "../support/canvas";
import { histogramsOf } from "../support/histograms";

beforeAll(installCanvas);

const columns = distributions(
  histogramsOf({ steps: [0, 4, 8], at: (step) => [0.5, 0.01 + step / 100], count: 100, bins: 10 }),
  0,
);
const outlines = columns.map(
  (distribution, index): Outline => ({ name: `epoch ${4 * index}`, distribution, color: "red", base: 4 * index }),
);
const content = { outlines, window: occupiedWindow(columns), log: false, noun: "image" };

let histogram: HistogramChart;
beforeEach(() => {
  histogram = new HistogramChart("Histogram", 230);
  document.body.replaceChildren(histogram.chart.element);
  histogram.chart.resize(568);
});

/** What the tip says at a place of the plot, which is 500 x 200 pixels large. */
function tipAt(x: number, y: number): string[] | null {
  const over = histogram.chart.element.querySelector<HTMLElement>(".over")!;
  Object.defineProperty(over, "clientWidth", { value: 500, configurable: true });
  over.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
  const tip = histogram.chart.element.querySelector<HTMLElement>(".tip")!;
  return tip.hidden ? null : [...tip.children].map(({ textContent }) => textContent ?? "");
}

/** What a tip says of the bin from 0.4 to 0.5. */
function countOf(index: number): string {
  const count = columns[index]!.counts[4]!;
  return `epoch ${4 * index}: ${count} images (${count}%)`;
}

test("at the pointer stand the counts of the bin, the outline on top first", () => {
  histogram.show(content);
  expect(tipAt(245, 100)).toEqual(["0.400 to 0.500", countOf(2), countOf(1), countOf(0)]);
});

test("of outlines at steps only the one that is pointed at", () => {
  histogram.show({ ...content, steps: [-4, 10] });
  expect(tipAt(245, 140)?.slice(1)).toEqual([countOf(1)]);
});

test("of many outlines some are left out, and nothing is said of none", () => {
  histogram.show({ ...content, outlines: [...outlines, ...outlines, ...outlines, ...outlines] });
  expect(tipAt(245, 100)).toHaveLength(10);
  expect(tipAt(245, 100)?.[9]).toBe("and 4 more");
  histogram.show({ ...content, outlines: [] });
  expect(tipAt(245, 100)).toBeNull();
});

test("who listens hears of the pointer too", () => {
  const onHover = vi.fn();
  histogram = new HistogramChart("Histogram", 230, { onHover });
  document.body.replaceChildren(histogram.chart.element);
  histogram.chart.resize(568);
  histogram.show(content);
  tipAt(250, 100);
  expect(onHover).toHaveBeenCalledTimes(1);
});

test("counts begin at 0, on a logarithmic axis below a single one, and steps grow downwards", () => {
  const plain = histogramPlot(content);
  expect([plain.range![0], plain.unit, plain.flip]).toEqual([0, "share", false]);
  expect(histogramPlot({ ...content, log: true }).range![0]).toBeCloseTo(0.001, 12);
  expect(histogramPlot({ ...content, steps: [-4, 10] })).toMatchObject({
    range: [-4, 10],
    unit: "step",
    flip: true,
    numbered: { y: [0, 10] },
  });
});

test("the table has a row for each bin and for what is in none", () => {
  const { columns: names, rows } = outlineTable("histograms", outlines.slice(0, 1));
  expect(names).toEqual(["from", "to", "epoch 0"]);
  expect(rows).toHaveLength(10 + 3);
  expect(rows[0]).toEqual([null, 0, 0]);
  expect(rows[5]).toEqual([expect.closeTo(0.4), expect.closeTo(0.5), 50]);
  expect(rows[11]).toEqual([1, null, 0]);
  expect(rows[12]).toEqual(["not finite", null, 0]);
  expect(outlineTable("none", []).rows.length).toBeGreaterThan(0);
});
