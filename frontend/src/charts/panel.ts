// A titled box with a legend that reads the values at the cursor, and a menu to take its chart away.

import { download, fileName, h, replaceChildren } from "../base/dom";
import type { LegendItem } from "../drawing/plot";
import { menu } from "./menus";
import { toCsv, toJson, toTableElement, type Table } from "./table";

/** What can be had as a file: a chart, or several pictures side by side. */
export interface Picture {
  /** As wide as on the page, unless told. */
  svg(title: string, width?: number): string | null;
}

export interface PanelContent {
  readonly body: HTMLElement;
  /** What there is to take away; without a table there is no menu. */
  readonly table?: () => Table | null;
  readonly chart?: Picture;
  readonly tools?: readonly HTMLElement[];
}

function keyElement({ label, color, dashed, ramp, value, help }: LegendItem): HTMLElement {
  return h(
    "span.key",
    help ? { title: help } : {},
    ramp
      ? h("span.ramp", { style: `background: linear-gradient(90deg, ${ramp.join()})` })
      : color && h("span.swatch", { style: `border-top: 2.5px ${dashed ? "dashed" : "solid"} ${color}` }),
    label,
    " ",
    h("b", {}, value),
  );
}

/** Whether two keys differ in their value at most. */
function isSameKey(one: LegendItem, other: LegendItem): boolean {
  const told = ({ label, color, dashed, ramp, help }: LegendItem): string => JSON.stringify([label, color, dashed, ramp, help]);
  return told(one) === told(other);
}

export class Panel {
  readonly element: HTMLElement;
  readonly chart: Picture | null;
  readonly table: () => Table | null;
  readonly #title: HTMLElement;
  readonly #legend = h("div.legend");
  readonly #twin = h("div", { hidden: true });
  #items: readonly LegendItem[] = [];

  constructor(title: string, { body, table, chart, tools = [] }: PanelContent) {
    this.chart = chart ?? null;
    this.table = table ?? (() => null);
    this.#title = h("h2", {}, title);
    this.element = h(
      "section.panel",
      { aria: { label: title } },
      h("header", {}, this.#title, this.#legend, ...tools, table && this.#menu()),
      body,
      this.#twin,
    );
  }

  get title(): string {
    return this.#title.textContent ?? "";
  }

  set title(text: string) {
    if (text === this.title) return;
    this.#title.textContent = text;
    this.element.setAttribute("aria-label", text);
  }

  get legend(): readonly LegendItem[] {
    return this.#items;
  }

  /** With every move of the cursor: only what reads otherwise is made anew. */
  showLegend(items: readonly LegendItem[]): void {
    const keys = [...this.#legend.children];
    items.forEach((item, index) => {
      const [key, before] = [keys[index], this.#items[index]];
      if (!key || !before) this.#legend.append(keyElement(item));
      else if (!isSameKey(before, item)) key.replaceWith(keyElement(item));
      else if (before.value !== item.value) key.querySelector("b")!.textContent = item.value;
    });
    for (const key of keys.slice(items.length)) key.remove();
    this.#items = items;
  }

  /** The numbers follow the chart while they are looked at. */
  refreshTable(): void {
    if (this.#twin.hidden) return;
    const table = this.table();
    replaceChildren(this.#twin, table && toTableElement(table));
  }

  svg(): string | null {
    const name = this.table()?.name ?? this.title;
    return this.chart?.svg(name) ?? null;
  }

  #menu(): HTMLElement {
    const button = (text: string, act: (table: Table) => void): HTMLElement =>
      h("button", { onclick: () => {
        const table = this.table();
        close();
        if (table) act(table);
      } }, text);
    const summary = h("summary", { aria: { label: `Take away: ${this.title}` }, title: "The numbers, and files to take away" }, "⋯");
    const { element, close } = menu(summary, () => [
      button("Table of the numbers", () => {
        this.#twin.hidden = !this.#twin.hidden;
        this.refreshTable();
      }),
      button("CSV", (table) => download(fileName(table.name, "csv"), toCsv(table), "text/csv")),
      button("JSON", (table) => download(fileName(table.name, "json"), toJson(table), "application/json")),
      this.chart && button("SVG", ({ name }) => download(fileName(name, "svg"), this.svg() ?? "", "image/svg+xml")),
      this.chart && button("PNG", ({ name }) => void this.#png(fileName(name, "png"))),
    ]);
    element.classList.add("take");
    return element;
  }

  /** Drawn from the SVG, so that both are the same picture, at twice the size of the page. */
  async #png(name: string): Promise<void> {
    const svg = this.svg();
    if (!svg) return;
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = h("canvas", { width: image.width * 2, height: image.height * 2 });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && download(name, blob));
  }
}
