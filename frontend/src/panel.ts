// A titled box, with a legend that reads the values at the cursor.

import { h, replaceChildren } from "./dom";

export interface LegendItem {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
  readonly value: string;
  /** What the number is, for who does not know its name. */
  readonly help?: string;
}

export class Panel {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  readonly #legend = h("div.legend");

  constructor(title: string, body: HTMLElement, ...tools: readonly HTMLElement[]) {
    this.body = body;
    this.element = h(
      "section.panel",
      { aria: { label: title } },
      h("header", {}, h("h2", {}, title), this.#legend, ...tools),
      body,
    );
  }

  showLegend(items: readonly LegendItem[]): void {
    replaceChildren(
      this.#legend,
      ...items.map((item) =>
        h(
          "span.key",
          item.help ? { title: item.help } : {},
          h("span.swatch", {
            style: `border-top: 2.5px ${item.dashed ? "dashed" : "solid"} ${item.color}`,
          }),
          item.label,
          " ",
          h("b", {}, item.value),
        ),
      ),
    );
  }
}
