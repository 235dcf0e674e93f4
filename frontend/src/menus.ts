// Menus close when one looks elsewhere, as people expect of a menu.

export function closeMenus(root: HTMLElement): void {
  const open = (): HTMLDetailsElement[] => [...root.querySelectorAll<HTMLDetailsElement>("details.picker[open]")];
  root.addEventListener("pointerdown", ({ target }) => {
    for (const menu of open()) if (!(target instanceof Node && menu.contains(target))) menu.open = false;
  });
  root.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      if (target instanceof Node && menu.contains(target)) menu.querySelector("summary")?.focus();
    }
  });
}
