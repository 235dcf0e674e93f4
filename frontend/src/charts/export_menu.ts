// The menu of one chart: its numbers as a table and as files, its picture as a file.

import { download, fileName, h } from "../base/dom";
import { menu } from "./menus";
import { type Table, toCsv, toJson } from "./table";

/** Anything that can be had as a picture: a chart, or several images side by side. */
export interface Picture {
  /** As wide as on the page unless a width is given; null while there is nothing to draw. */
  svg(title: string, width?: number): string | null;
}

export interface Exported {
  readonly title: () => string;
  readonly table: () => Table | null;
  readonly picture: Picture | null;
  readonly toggleTable: () => void;
}

export function exportMenu({ title, table, picture, toggleTable }: Exported): HTMLElement {
  const button = (text: string, act: (table: Table) => void): HTMLElement =>
    h(
      "button",
      {
        onclick: () => {
          const numbers = table();
          close();
          if (numbers) act(numbers);
        },
      },
      text,
    );
  const save =
    (extension: string, type: string, toText: (table: Table) => string): ((table: Table) => void) =>
    (numbers) =>
      download(fileName(numbers.name, extension), toText(numbers), type);
  const summary = h(
    "summary",
    { aria: { label: `Export: ${title()}` }, title: "Table of the numbers, and files" },
    "⋯",
  );
  const { element, close } = menu(summary, () => [
    button("Table of the numbers", toggleTable),
    button("CSV", save("csv", "text/csv", toCsv)),
    button("JSON", save("json", "application/json", toJson)),
    picture &&
      button(
        "SVG",
        save("svg", "image/svg+xml", ({ name }) => picture.svg(name) ?? ""),
      ),
    picture && button("PNG", ({ name }) => void savePng(name, picture.svg(name))),
  ]);
  element.classList.add("take");
  return element;
}

/** Drawn from the SVG, so that both are the same picture, at twice the size of the page. */
async function savePng(name: string, svg: string | null): Promise<void> {
  if (!svg) return;
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = h("canvas", { width: image.width * 2, height: image.height * 2 });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && download(fileName(name, "png"), blob));
}
