// Menus: a button that opens a box. They close when the focus or a click goes elsewhere.

import { type Child, h, replaceChildren } from "../base/dom";

export interface Menu {
  readonly element: HTMLDetailsElement;
  /** Fill it again, if it is open. */
  refresh(): void;
  /** The button has the focus again. */
  close(): void;
}

/** `content` is made when it opens: most menus never do. */
export function menu(summary: HTMLElement, content: () => readonly Child[]): Menu {
  const box = h("div.menu");
  const element = h("details.picker", {}, summary, box);
  const fill = (): void => replaceChildren(box, ...content());
  summary.addEventListener("click", () => {
    if (!element.open) fill();
  });
  return {
    element,
    refresh: () => {
      if (element.open) fill();
    },
    close: () => {
      element.open = false;
      summary.focus();
    },
  };
}

export function closeMenus(root: HTMLElement): void {
  const open = (): HTMLDetailsElement[] => [...root.querySelectorAll<HTMLDetailsElement>("details.picker[open]")];
  root.addEventListener("pointerdown", ({ target }) => {
    for (const one of open()) if (!(target instanceof Node && one.contains(target))) one.open = false;
  });
  root.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape") return;
    for (const one of open()) {
      one.open = false;
      if (target instanceof Node && one.contains(target)) one.querySelector("summary")?.focus();
    }
  });
}
