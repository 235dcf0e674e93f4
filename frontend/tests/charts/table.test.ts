// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { fileName } from "../../src/base/dom";
import { seriesTable, toCsv, toJson, toTableElement } from "../../src/charts/table";

const table = {
  name: "t",
  columns: ["epoch", 'a "b", c'],
  rows: [
    [0, 0.5],
    [1, NaN],
    [2, null],
    [3, "x\ny"],
  ],
};

test("CSV quotes what must be quoted and leaves empty what is not finite", () => {
  expect(toCsv(table)).toBe('epoch,"a ""b"", c"\r\n0,0.5\r\n1,\r\n2,\r\n3,"x\ny"\r\n');
});

test("JSON names every value", () => {
  expect(JSON.parse(toJson({ ...table, columns: ["epoch", "a"] }))).toMatchObject({
    name: "t",
    rows: [
      { epoch: 0, a: 0.5 },
      { epoch: 1, a: null },
      { epoch: 2, a: null },
      { epoch: 3, a: "x\ny" },
    ],
  });
});

test("series are joined by epoch", () => {
  const series = (steps: number[]) => ({ steps, wallTimes: steps, values: steps });

  expect(
    seriesTable("s", "epoch", [
      ["a", series([0, 2])],
      ["b", series([1, 2])],
    ]).rows,
  ).toEqual([
    [0, 0, null],
    [1, null, 1],
    [2, 2, 2],
  ]);
});

test("a file name says what it is and no system refuses it", () => {
  expect(fileName('vae/di<g>its validation "drift"', "csv")).toBe("vae-digits_validation_drift.csv");
});

test("a table on the page has its name, its columns and the numbers as they are read", () => {
  const element = toTableElement({
    name: "drift",
    columns: ["epoch", "drift", "name"],
    rows: [
      [0, 0.123456, "a"],
      [1, null, "<b>"],
    ],
  });
  const texts = (selector: string): (string | null)[] =>
    [...element.querySelectorAll(selector)].map(({ textContent }) => textContent);

  expect(texts("caption, th")).toEqual(["drift", "epoch", "drift", "name"]);
  expect(texts("td")).toEqual(["0", "0.1235", "a", "1", "–", "<b>"]);
  expect(element.querySelector("p")).toBeNull();
});

test("of a long table the beginning is on the page, and where the rest is", () => {
  const element = toTableElement({
    name: "long",
    columns: ["epoch"],
    rows: Array.from({ length: 501 }, (_, step) => [step]),
  });

  expect(element.querySelectorAll("tbody tr")).toHaveLength(500);
  expect(element.querySelector("p")?.textContent).toBe("1 more rows are in the CSV and JSON files.");
});
