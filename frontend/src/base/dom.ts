// The one place that creates elements. Text goes in as text, never as HTML.

export type Child = Node | string | null | undefined | false;

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
  const point = selector.indexOf(".");
  const tag = (point < 0 ? selector : selector.slice(0, point)) as Tag;
  const element = document.createElement(tag);
  if (point >= 0) element.className = selector.slice(point + 1).replaceAll(".", " ");
  for (const name in properties) {
    if (name === "style") element.style.cssText = properties.style!;
    else if (name === "aria")
      for (const key in properties.aria) element.setAttribute(`aria-${key}`, properties.aria[key]!);
    else if (name === "data") for (const key in properties.data) element.dataset[key] = properties.data[key];
    else (element as unknown as Record<string, unknown>)[name] = properties[name as keyof typeof properties];
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** A line as a picture of its own, for the eye alone. */
export function svgPath(name: string, viewBox: string, d: string, stroke: string): SVGElement {
  const make = (tag: string, attributes: Readonly<Record<string, string>>): SVGElement => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    return element;
  };
  const svg = make("svg", { class: name, viewBox, "aria-hidden": "true" });
  svg.append(make("path", { d, stroke }));
  return svg;
}

/** Replace the children; a focused element with a `data-key` keeps the focus in its new form. */
export function replaceChildren(element: Element, ...children: readonly Child[]): void {
  const active = document.activeElement;
  const key = active instanceof HTMLElement && element.contains(active) ? active.dataset["key"] : undefined;
  element.replaceChildren(...present(children));
  if (key !== undefined) element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

export interface Choice {
  readonly key: string;
  readonly label: string;
  readonly help?: string;
  readonly chosen: boolean;
  readonly choose: () => void;
}

/** A group of buttons; one of them is pressed. */
export function choices(label: string, all: readonly Choice[]): HTMLElement {
  const group = h(
    "div.choices",
    { aria: { label } },
    ...all.map(({ key, label: text, help, chosen, choose }) =>
      h(
        "button",
        { title: help ?? "", aria: { pressed: String(chosen) }, data: { key: `${label} ${key}` }, onclick: choose },
        text,
      ),
    ),
  );
  group.setAttribute("role", "group");
  return group;
}

/** A list to choose one from, with its label before it. */
export function select(
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
  choose: (value: string) => void,
): HTMLElement {
  return h(
    "label.select",
    {},
    label,
    h(
      "select",
      { data: { key: label }, onchange: (event) => choose((event.target as HTMLSelectElement).value) },
      ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
    ),
  );
}

export function addStyleSheet(css: string): void {
  document.head.append(h("style", { textContent: css }));
}

/** Call when the next frame is on the screen. */
export function afterPaint(call: () => void): void {
  requestAnimationFrame(() => setTimeout(call));
}

/** Hand a file to the browser. */
export function download(name: string, content: Blob | string, type = "text/plain"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link); // Firefox follows only links that are in the page
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name that every file system takes: "vae/digits drift" is "vae-digits_drift". */
export function fileName(words: string, extension: string): string {
  return `${words
    .trim()
    .replace(/[/\\:]+/g, "-")
    .replace(/\s+/g, "_")
    .replace(/[<>"|?*]/g, "")}.${extension}`;
}

function present(children: readonly Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => !!child);
}
