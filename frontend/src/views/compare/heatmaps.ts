// A small heatmap of each run, all on the same scales, with the cursor in all of them.

import { untracked } from "@preact/signals-core";
import { h, replaceChildren } from "../../base/dom";
import { outlineTable } from "../../charts/histogram_chart";
import { Panel } from "../../charts/panel";
import { stepEvents } from "../../charts/step_events";
import { runColor } from "../../drawing/colors";
import { pageColors } from "../../drawing/page_colors";
import { smallHeatmap } from "../../drawing/painters";
import { SvgPen } from "../../drawing/pen";
import { greatestShare, type Shading } from "../../drawing/raster";
import { distributions, occupiedWindow } from "../../model/distribution";
import { QUANTITIES } from "../../model/quantities";
import type { HistogramPair, Run } from "../../model/types";
import { comparedRuns } from "../../state/comparison";
import type { Paint } from "../../state/frames";
import { shortLabel } from "../../state/run_names";
import { cursorStep, inChannel, shownDomain } from "../../state/shown";
import { type State, UNZOOMED, update } from "../../state/state";
import { stepRange, stepWord } from "../../state/step_words";

export function compareHeatmaps(state: State, paint: Paint): HTMLElement {
  const grid = h("div.multiples");
  const panel = new Panel("Outputs over steps", {
    body: grid,
    picture: { svg: (title) => picture(grid, title) },
    table: () => {
      const { compared } = state;
      if (!compared) return null;
      const outlines = shownPairs(state).flatMap(([{ name }, { output }]) =>
        distributions(output, 0).map((distribution, index) => ({
          name: `${name} ${stepRange(state, output.steps[index]!, output.lastSteps[index]!)}`,
          distribution,
          color: "",
        })),
      );
      return outlineTable(
        `${compared.quantity} of runs over ${stepWord(state)}s${inChannel(compared.channel)}`,
        outlines,
      );
    },
  });
  // The cursor moves in those that are on the screen: a hundred would take longer than a frame.
  const cursors = new Set<HTMLElement>();
  const visibility = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const cursor = target.querySelector<HTMLElement>(".line");
      if (!cursor) continue;
      if (isIntersecting) cursors.add(cursor);
      else cursors.delete(cursor);
      place(cursor, cursorPart(state));
    }
  });
  const events = stepEvents(state);
  const stepAt = (event: PointerEvent): number | null => {
    const box = event.target instanceof Element ? event.target.closest(".linked")?.getBoundingClientRect() : undefined;
    const [low, high] = shownDomain(state);
    return box ? low + ((event.clientX - box.left) / box.width) * (high - low) : null;
  };
  grid.addEventListener("pointermove", (event) => events.onHover(stepAt(event), [0, 0], 0));
  grid.addEventListener("pointerleave", () => events.onHover(null, [0, 0], 0));
  paint(() => {
    const { compared } = state;
    panel.element.hidden = !compared;
    if (!compared) return;
    panel.title = `${QUANTITIES[compared.quantity].title} over ${stepWord(state)}s${inChannel(compared.channel)}`;
    replaceChildren(grid, ...multiples(state));
    visibility.disconnect();
    cursors.clear();
    const part = untracked(() => cursorPart(state));
    for (const cursor of grid.querySelectorAll<HTMLElement>(".line")) place(cursor, part);
    for (const multiple of grid.children) visibility.observe(multiple);
  });
  paint(() => {
    const part = cursorPart(state);
    for (const cursor of cursors) place(cursor, part);
  });
  return panel.element;
}

/** Those of the compared runs that are here. */
function shownPairs(state: State): (readonly [Run, HistogramPair])[] {
  return comparedRuns(state).flatMap((run) => {
    const pair = state.compared?.byRun.get(run.name);
    return pair ? [[run, pair] as const] : [];
  });
}

function multiples(state: State): HTMLElement[] {
  const shown = shownPairs(state).map(([run, { output }]) => ({ run, output, columns: distributions(output, 0) }));
  const window = occupiedWindow(shown.flatMap(({ columns }) => columns));
  const shading: Shading = {
    theme: state.theme,
    map: state.colorMap,
    scale: state.countScale,
    full: greatestShare(shown.flatMap(({ columns }) => columns)),
  };
  const domain = shownDomain(state);
  return shown.map(({ run, output, columns }) =>
    multiple(state, run, toImage(smallHeatmap(columns, output, window, shading, domain))),
  );
}

/** A hundred canvases would be a hundred layers to compose in every frame; images are painted once. */
function toImage(canvas: HTMLCanvasElement): HTMLImageElement {
  const image = h("img");
  canvas.toBlob((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    image.onload = () => URL.revokeObjectURL(url);
    image.src = url;
  });
  return image;
}

function multiple(state: State, run: Run, image: HTMLImageElement): HTMLElement {
  const name = shortLabel(state, run);
  image.alt = `Heatmap of ${name}`;
  return h(
    "button.multiple",
    {
      title: `Look at ${name}`,
      data: { key: run.name },
      onclick: () => update(state, { page: "run", run: run.name, stream: null, ...UNZOOMED }),
    },
    h(
      "span.caption",
      {},
      h("span.dot", { style: `background:${runColor(run.eventDirectory, state.directoryOrder, state.theme)}` }),
      h("bdi", {}, name),
    ),
    h("span.linked", {}, image, h("span.line")),
  );
}

/** All of them as one SVG, in the rows that the page has. */
function picture(grid: HTMLElement, title: string): string {
  const pen = new SvgPen();
  const { ink, panel } = pageColors();
  const origin = grid.getBoundingClientRect();
  for (const image of grid.querySelectorAll("img")) {
    const { left, top, width, height } = image.getBoundingClientRect();
    const box = { left: left - origin.left, top: top - origin.top, width, height };
    const name = image.closest(".multiple")?.querySelector("bdi")?.textContent ?? "";
    pen.text(name, [box.left, box.top - 5], ink, "start");
    pen.raster(box, (context) => {
      context.imageSmoothingEnabled = false;
      context.drawImage(image, box.left, box.top, width, height);
    });
  }
  return pen.document(title, origin, panel, ink);
}

/** Where the cursor is in the shown steps, 0 to 1; outside of them if there is none. */
function cursorPart(state: State): number {
  const step = cursorStep(state);
  const [low, high] = shownDomain(state);
  return step === null ? -1 : (step - low) / (high - low);
}

function place(cursor: HTMLElement, part: number): void {
  cursor.style.transform = `translateX(${part * 100}%)`;
}
