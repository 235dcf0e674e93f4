// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { paintPlot } from "../../src/drawing/paint_plot";
import { escapeMarkup, SvgPen } from "../../src/drawing/pen";
import { frameOf, type Layout, type Line, type Plot } from "../../src/drawing/plot";
import { sparkPath } from "../../src/drawing/sparkline";

const layout: Layout = { width: 200, height: 130, axisWidth: 50, marginRight: 50, ink: "#000", grid: "#eee" };
const line = { label: "a", color: "#f00", values: [1, 2, null, 4] };
const plot: Plot = { x: [0, 1, 2, 3], lines: [line], domain: [0, 3], range: [0, 4] };

test("values lie where the axes say, also on a logarithmic and on a turned one", () => {
  const { left, top, width, height, x, y } = frameOf(plot, layout);

  expect([x(0), x(3)]).toEqual([left, left + width]);
  expect([y(4), y(0)]).toEqual([top, top + height]);
  expect(frameOf({ ...plot, flip: true }, layout).y(0)).toBe(top);
  expect(frameOf({ ...plot, log: true, range: [0.1, 10] }, layout).y(1)).toBeCloseTo(top + height / 2);
});

test("what lies at a height is what is drawn there", () => {
  for (const plain of [plot, { ...plot, flip: true }, { ...plot, log: true, range: [0.1, 10] as const }]) {
    const frame = frameOf({ ...plain, zoom: [1, 3] }, layout);
    for (const value of [1, 2, 3]) expect(frame.valueAt(frame.y(value))).toBeCloseTo(value, 9);
  }
});

test("a zoom shows its part of the values, and a logarithmic axis only what is above 0 of it", () => {
  const { top, height, range, whole, y } = frameOf({ ...plot, zoom: [1, 2] }, layout);
  expect([y(2), y(1)]).toEqual([top, top + height]);
  expect([range, whole]).toEqual([
    [1, 2],
    [0, 4],
  ]);

  const log = { ...plot, log: true, range: [0.1, 10] as const };
  expect(frameOf({ ...log, zoom: [-1, 2] }, layout).range).toEqual([0.1, 2]);
  expect(frameOf({ ...log, zoom: [-2, -1] }, layout).range).toEqual([0.1, 10]);
});

test("limits are fitted to what is inside the zoom", () => {
  const [low, high] = frameOf({ ...plot, range: null, domain: [0, 1] }, layout).range;

  expect(low).toBeLessThan(1);
  expect(high).toBeLessThan(4);
});

/** The places of the lines and the dots of a plot, in its own values. */
function drawn(change: Partial<Plot>, values: Line["values"]): { lines: string[]; dots: number[][] } {
  const shown = { ...plot, ...change, lines: [{ ...line, values }] };
  const frame = frameOf(shown, layout);
  const pen = new SvgPen();
  paintPlot(pen, shown, layout, frame);
  const svg = pen.parts.join("");
  const value = (x: string, y: string): number[] =>
    [(Number(x) - frame.left) / (frame.width / 3), frame.valueAt(Number(y))].map((one) => Number(one.toFixed(1)));
  const d = /d="([^"]*)"[^>]*stroke="#f00"/.exec(svg)?.[1] ?? "";
  return {
    lines: d
      .split("M")
      .slice(1)
      .map((part) =>
        part
          .split(/[LZ]/)
          .filter(Boolean)
          .map((at) => value(...(at.split(",") as [string, string])).join(" "))
          .join(", "),
      ),
    dots: [...svg.matchAll(/<circle cx="([^"]*)" cy="([^"]*)"/g)].map(([, x, y]) => value(x!, y!)),
  };
}

test("a missing value breaks a line, a step of another series does not", () => {
  expect(drawn({}, [1, undefined, 3, 4]).lines).toEqual(["0 1, 2 3, 3 4"]);
  expect(drawn({}, [1, 2, null, 4]).lines).toEqual(["0 1, 1 2", "3 4"]);
});

test("lines of few points have dots, and a single point is a dot", () => {
  expect(drawn({}, [1, null, 3, null]).dots).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(drawn({}, [1, 2, 3, 4]).dots).toEqual([]);
  expect(drawn({ log: true, range: [0.1, 10] }, [0, 1, -2, 0]).dots).toEqual([[1, 1]]);
});

test("the numbers of the horizontal axis keep clear of each other and of its caption", () => {
  const texts = (given: Partial<Plot>, change: Partial<Layout> = {}): string[] => {
    const pen = new SvgPen();
    const wide = { ...layout, width: 300, ...change };
    paintPlot(pen, { ...plot, ...given }, wide, frameOf({ ...plot, ...given }, wide));
    return [...pen.parts.join("").matchAll(/middle">([^<]*)</g)].map(([, text]) => text!);
  };

  expect(texts({ caption: "epoch" })).toEqual(["0", "1", "2", "3", "epoch"]);
  expect(texts({ domain: [0, 2], caption: "reference" })).toEqual(["0", "1", "reference"]);
  expect(texts({ domain: [-0.4, 10_000_000.4] }, { width: 400 })).toEqual([
    "0",
    "2000000",
    "4000000",
    "6000000",
    "8000000",
    "10000000",
  ]);
  expect(texts({ domain: [-0.4, 10_000_000.4] }, { width: 300 })).toEqual(["0", "5000000", "10000000"]);
});

test("an SVG file holds the lines, the numbers of the axes and the title as text", () => {
  const pen = new SvgPen();
  paintPlot(pen, plot, layout, frameOf(plot, layout));
  const svg = pen.document("<b>run</b>", layout, "#fff", "#000");

  expect(svg).toContain("&#60;b&#62;run");
  expect(svg).not.toContain("<b>");
  expect(pen.document("", layout, "#fff", "#000")).toContain('viewBox="0 0 200 130"');
  // A line with a gap is one path of two parts.
  expect(svg.match(/<path [^>]*stroke="#f00"/g)).toHaveLength(1);
  expect(/d="([^"]*)"[^>]*stroke="#f00"/.exec(svg)![1]!.match(/M/g)).toHaveLength(2);
  expect(svg).toMatch(/>4<\/text>/);
  expect(new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror")).toBeNull();
});

test("markup in a name stays text", () => {
  expect(escapeMarkup(`a<b>&"'`)).toBe("a&#60;b&#62;&#38;&#34;&#39;");
});

test("a spark line has gaps where values are missing and keeps the peak of many values", () => {
  expect(sparkPath([1, NaN, 1], 44, 14).match(/M/g)).toHaveLength(2);
  const spike = new Array<number>(1000).fill(0);
  spike[500] = 1;
  expect(sparkPath(spike, 44, 14)).toContain(",1L");
});
