// The style sheet's colours, for painters.

export interface PageColors {
  readonly ink: string;
  readonly grid: string;
  readonly line: string;
  readonly panel: string;
  readonly alarm: string;
  readonly warn: string;
}

const known = new Map<string, PageColors>();

/** Read once a theme: asking for a style with every painting would cost as much as the painting. */
export function pageColors(): PageColors {
  const page = document.querySelector<HTMLElement>("[data-theme]") ?? document.body;
  const theme = page.dataset["theme"] ?? "";
  let colors = known.get(theme);
  if (!colors) {
    const style = getComputedStyle(page);
    const of = (name: string): string => style.getPropertyValue(`--${name}`);
    colors = {
      ink: of("ink"),
      grid: of("grid"),
      line: of("line"),
      panel: of("panel"),
      alarm: of("alarm"),
      warn: of("warn"),
    };
    known.set(theme, colors);
  }
  return colors;
}
