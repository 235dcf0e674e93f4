// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { type Report, type ReportChart, toReport } from "../../src/report/report";

const chart: ReportChart = {
  title: "Loss",
  drawn: [
    { legend: [{ label: "<loss>", color: "#111", dashed: true, value: "0.5" }], svg: "<svg id='bright'></svg>" },
    { legend: [{ label: "share", color: "", ramp: ["#000", "#fff"], value: "" }], svg: "<svg id='dim'></svg>" },
  ],
  table: { name: "curves", columns: ["epoch", "<loss>"], rows: [[0, 0.5]] },
};
const report: Report = {
  title: "<script>alert(1)</script>",
  made: new Date("2026-01-02T03:04:05Z"),
  version: "1.2.3",
  facts: ["stream a", "range 0 to 1"],
  notes: ["one & two"],
  findings: [
    {
      id: "drift",
      stream: "a",
      severity: "error",
      state: "found" as const,
      firstStep: 3,
      lastStep: 4,
      episodes: [[3, 4]],
      lookAt: "the last layer",
      sentence: "It <drifts>.",
      label: "✕ Error",
      when: "epochs 3 to 4",
    },
  ],
  noProblems: "No problems found in 24 epochs.",
  overSteps: [chart],
  at: "epoch 4",
  over: "epochs",
  reading: "Outputs are darker.",
  numbers: [["Bias", "−0.1", "help"]],
  atStep: [{ ...chart, title: "Histogram" }],
  images: {
    width: 64,
    height: 32,
    pictures: [{ caption: "outputs", urls: ["data:image/png;base64,AA==", "data:image/png;base64,BB=="] }],
    sentence: "Blue is darker.",
    table: { name: "images", columns: ["row"], rows: [[7]] },
  },
};

const read = (of: Report): Document => new DOMParser().parseFromString(toReport(of), "text/html");
const texts = (page: Document, selector: string): (string | null)[] =>
  [...page.querySelectorAll(selector)].map(({ textContent }) => textContent);

test("a report names what it is of, when it was made and by what, and what was found", () => {
  const page = read(report);

  expect(texts(page, "h1, .facts, .note")).toEqual([
    "<script>alert(1)</script>",
    "stream a · range 0 to 1",
    "one & two",
  ]);
  expect(page.querySelector(".fine:last-child")?.textContent).toBe(
    "Made on 2026-01-02 at 03:04 UTC with tb-meanpixel 1.2.3, a TensorBoard plugin.",
  );
  expect(texts(page, ".finding.error span")).toEqual([
    "✕ Error",
    "It <drifts>.",
    "epochs 3 to 4",
    "Look first at: the last layer",
  ]);
});

test("it has every chart in both themes, with its legend and its numbers", () => {
  const page = read(report);

  expect(page.querySelector(".chart.light svg")?.id).toBe("bright");
  expect(page.querySelector(".chart.dark svg")?.id).toBe("dim");
  expect(page.querySelector(".legend.light")?.textContent).toBe("<loss> 0.5");
  expect(page.querySelector(".legend.dark .ramp")).not.toBeNull();
  expect(texts(page, "pre").map((csv) => csv?.split(/\s+/))).toEqual([
    ["epoch,<loss>", "0,0.5", ""],
    ["epoch,<loss>", "0,0.5", ""],
    ["row", "7", ""],
  ]);
  expect(texts(page, "h3")).toEqual(["Loss", "Histogram", "Numbers", "Mean images"]);
  expect(texts(page, ".numbers tr, .reading")).toEqual(["Outputs are darker.", "Bias−0.1"]);
});

test("mean images are within the file, the difference in the colours of the reader's system", () => {
  const page = read(report);

  expect(page.querySelector("figure img")?.getAttribute("src")).toBe("data:image/png;base64,AA==");
  expect(page.querySelector("figure source")?.getAttribute("srcset")).toBe("data:image/png;base64,BB==");
  expect(read({ ...report, images: null }).querySelector("figure")).toBeNull();
});

test("nothing of it is a script or an address, and dark colours follow the reader's system", () => {
  const page = read(report);

  expect(page.querySelectorAll("script, link, [onclick]")).toHaveLength(0);
  expect(toReport(report)).not.toMatch(/https?:/);
  expect(page.querySelector("style")?.textContent).toMatch(
    /@media screen and \(prefers-color-scheme:dark\)\{\.app\{\s*--ground: #303030/,
  );
});

test("no finding is not the same as not knowing", () => {
  expect(toReport({ ...report, findings: [] })).toContain("No problems found");
  expect(toReport({ ...report, findings: null })).not.toContain("No problems found");
});
