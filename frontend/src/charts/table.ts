// The numbers behind a chart: as a table on the page, as CSV and as JSON.

import { h } from "../base/dom";
import { formatNumber } from "../base/format";
import { valueAt } from "../model/series";
import type { Series } from "../model/types";

export type Cell = number | string | null;

export interface Table {
  /** Words that serve as a file name too: "vae validation drift". */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** RFC 4180; a value that is missing or not finite is an empty field. */
export function toCsv({ columns, rows }: Table): string {
  const field = (cell: Cell): string => {
    const text = cell === null || (typeof cell === "number" && !Number.isFinite(cell)) ? "" : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** One object for each row, by the names of the columns. */
export function toJson({ name, columns, rows }: Table): string {
  const records = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
  return JSON.stringify({ name, rows: records }, null, 1);
}

/** Series side by side, one row a step; `step` is what that is called. */
export function seriesTable(
  name: string,
  step: string,
  all: readonly (readonly [column: string, series: Series])[],
): Table {
  const steps = [...new Set(all.flatMap(([, series]) => Array.from(series.steps)))].sort((a, b) => a - b);
  return {
    name,
    columns: [step, ...all.map(([column]) => column)],
    rows: steps.map((step) => [step, ...all.map(([, series]) => valueAt(series, step))]),
  };
}

const MAX_ROWS = 500;

/** The table as an element; a long one is cut, and says where the rest is. */
export function toTableElement({ name, columns, rows }: Table): HTMLElement {
  const cell = (value: Cell): HTMLElement =>
    typeof value === "string" ? h("td", {}, value) : h("td.count", {}, formatNumber(value));
  return h(
    "div.data-table",
    { tabIndex: 0, aria: { label: `Table: ${name}` } },
    h(
      "table",
      {},
      h("caption", {}, name),
      h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)))),
      h("tbody", {}, ...rows.slice(0, MAX_ROWS).map((row) => h("tr", {}, ...row.map(cell)))),
    ),
    rows.length > MAX_ROWS && h("p", {}, `${rows.length - MAX_ROWS} more rows are in the CSV and JSON files.`),
  );
}
