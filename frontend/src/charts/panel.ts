// A titled box with a legend that reads the values at the cursor, and a menu to export its chart.

import { h, replaceChildren } from "../base/dom";
import type { LegendItem } from "../drawing/plot";
import { exportMenu, type Picture } from "./export_menu";
import { type Table, toTableElement } from "./table";

export interface PanelContent {
  readonly body: HTMLElement;
  /** The numbers behind the chart; without them there is no menu. */
  readonly table?: () => Table | null;
  readonly picture?: Picture;
  readonly tools?: readonly HTMLElement[];
}

export class Panel {
  readonly element: HTMLElement;
  readonly picture: Picture | null;
  readonly table: () => Table | null;
  readonly #title: HTMLElement;
  readonly #legend = h("div.legend");
  readonly #dataTable = h("div", { hidden: true });
  #items: readonly LegendItem[] = [];

  constructor(title: string, { body, table, picture, tools = [] }: PanelContent) {
    this.picture = picture ?? null;
    this.table = table ?? (() => null);
    this.#title = h("h2", {}, title);
    const toggleTable = (): void => {
      this.#dataTable.hidden = !this.#dataTable.hidden;
      this.refreshTable();
    };
    const menu = table && exportMenu({ title: () => this.title, table, picture: this.picture, toggleTable });
    this.element = h(
      "section.panel",
      { aria: { label: title } },
      h("header", {}, this.#title, this.#legend, ...tools, menu),
      body,
      this.#dataTable,
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

  /** Called with every move of the cursor: only keys that read differently are made again. */
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
    if (this.#dataTable.hidden) return;
    const table = this.table();
    replaceChildren(this.#dataTable, table && toTableElement(table));
  }
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

/** Whether two entries differ in their value at most. */
function isSameKey(one: LegendItem, other: LegendItem): boolean {
  const look = ({ label, color, dashed, ramp, help }: LegendItem): string =>
    JSON.stringify([label, color, dashed, ramp, help]);
  return look(one) === look(other);
}
