// The one place that creates elements. Text goes in as text, never as HTML.

type Child = Node | string | null | undefined | false;

/** `h("button.quiet", {onclick}, "Retry")`: tag, classes, properties, children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  selector: Tag | `${Tag}.${string}`,
  properties: Partial<Omit<HTMLElementTagNameMap[Tag], "style">> & {
    readonly style?: string;
    readonly aria?: Readonly<Record<string, string>>;
    readonly data?: Readonly<Record<string, string>>;
  } = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const [tag, ...classes] = selector.split(".") as [Tag, ...string[]];
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  const { style, aria, data, ...rest } = properties;
  Object.assign(element, rest);
  if (style) element.style.cssText = style;
  for (const [name, value] of Object.entries(aria ?? {})) element.setAttribute(`aria-${name}`, value);
  for (const [name, value] of Object.entries(data ?? {})) element.dataset[name] = value;
  element.append(...present(children));
  return element;
}

export function replaceChildren(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...present(children));
}

export function addStyleSheet(css: string): void {
  document.head.append(h("style", { textContent: css }));
}

function present(children: readonly Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => !!child);
}
