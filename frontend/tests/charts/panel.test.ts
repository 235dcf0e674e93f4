// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { h } from "../../src/base/dom";
import { Panel } from "../../src/charts/panel";
import type { Table } from "../../src/charts/table";

const table = (value: number): Table => ({ name: "vae drift", columns: ["epoch", "drift"], rows: [[0, value]] });

afterEach(() => vi.restoreAllMocks());

function click(panel: Panel, text: string): void {
  panel.element.querySelector("summary")?.click();
  [...panel.element.querySelectorAll<HTMLElement>(".menu button")]
    .find((button) => button.textContent === text)
    ?.click();
}

test("a legend changes what reads otherwise, and leaves the rest as it is", () => {
  const panel = new Panel("Drift", { body: h("div") });
  const keys = () => [...panel.element.querySelectorAll(".key")];
  panel.showLegend([
    { label: "drift", color: "#111", value: "1" },
    { label: "bias", color: "#222", value: "2" },
  ]);
  const [drift, bias] = keys();
  panel.showLegend([
    { label: "drift", color: "#111", value: "3" },
    { label: "bias", color: "#222", dashed: true, value: "2" },
  ]);

  expect(keys().map(({ textContent }) => textContent)).toEqual(["drift 3", "bias 2"]);
  expect([keys()[0] === drift, keys()[1] === bias]).toEqual([true, false]);
  panel.showLegend([]);
  expect(keys()).toEqual([]);
});

test("the title is that of the region too", () => {
  const panel = new Panel("Drift", { body: h("div") });
  panel.title = "Drift from the reference";

  expect(panel.element.getAttribute("aria-label")).toBe("Drift from the reference");
  expect(panel.element.querySelector("h2")?.textContent).toBe("Drift from the reference");
  expect(panel.element.querySelector("summary")).toBeNull(); // without numbers there is nothing to export
});

test("the table of the numbers follows the chart while it is shown", () => {
  let value = 1;
  const panel = new Panel("Drift", { body: h("div"), table: () => table(value) });
  const numbers = () => [...panel.element.querySelectorAll("td.count")].map(({ textContent }) => textContent);
  panel.refreshTable();
  expect(numbers()).toEqual([]);

  click(panel, "Table of the numbers");
  expect(numbers()).toEqual(["0", "1"]);
  value = 2;
  panel.refreshTable();
  expect(numbers()).toEqual(["0", "2"]);
  click(panel, "Table of the numbers");
  value = 3;
  panel.refreshTable();
  expect(numbers()).toEqual(["0", "2"]);
});

test.each([
  ["CSV", "vae_drift.csv", "epoch,drift\r\n0,1\r\n"],
  ["JSON", "vae_drift.json", JSON.stringify({ name: "vae drift", rows: [{ epoch: 0, drift: 1 }] }, null, 1)],
  ["SVG", "vae_drift.svg", "<svg>vae drift</svg>"],
])("%s is a file with the name of the numbers", async (what, name, content) => {
  const blobs: Blob[] = [];
  const names: string[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    blobs.push(blob as Blob);
    return "blob:x";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download);
  });
  const picture = { svg: (title: string) => `<svg>${title}</svg>` };
  click(new Panel("Drift", { body: h("div"), table: () => table(1), picture }), what);

  expect([names, await blobs[0]?.text()]).toEqual([[name], content]);
});

test("a panel of numbers alone has no picture to export", () => {
  const panel = new Panel("Drift", { body: h("div"), table: () => table(1) });
  panel.element.querySelector("summary")?.click();

  expect([...panel.element.querySelectorAll(".menu button")].map(({ textContent }) => textContent)).toEqual([
    "Table of the numbers",
    "CSV",
    "JSON",
  ]);
});
