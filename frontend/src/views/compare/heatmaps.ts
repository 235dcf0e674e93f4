// A small heatmap of each run, all on the same scales, with the cursor in all of them.

import { runColor } from "../../drawing/colors";
import { comparedRuns, inChannel } from "../../state/comparison";
import { h, replaceChildren } from "../../base/dom";
import { stepEvents } from "../../charts/step_events";
import { distributions, occupiedWindow } from "../../model/distribution";
import type { Run } from "../../model/types";
import { pageColors } from "../../drawing/page_colors";
import { Panel } from "../../charts/panel";
import { SvgPen } from "../../drawing/pen";
import { smallHeatmap } from "../../drawing/painters";
import { greatestShare, type Shading } from "../../drawing/raster";
import { cursorStep, shownDomain } from "../../state/shown";
import { UNZOOMED, type State } from "../../state/state";
import type { Store } from "../../state/store";
import { outlineTable } from "../../charts/histogram_chart";
import { runLabel } from "../../state/runs";

export function compareHeatmaps(store: Store): HTMLElement {
  const grid = h("div.multiples");
  const panel = new Panel("Outputs over epochs", {
    body: grid,
    chart: { svg: (title) => picture(grid, title) },
    table: () => {
      const { compared } = store.state;
      if (!compared) return null;
      const outlines = [...compared.columns].flatMap(([name, { output }]) =>
        distributions(output, 0).map((distribution, index) => ({ name: `${name} ${range(output.steps[index]!, output.lastSteps[index]!)}`, distribution, color: "" })),
      );
      return outlineTable(`${compared.quantity} of runs over epochs${inChannel(compared.channel)}`, outlines);
    },
  });
  // The cursor moves in those that are on the screen: a hundred would take longer than a frame.
  const cursors = new Set<HTMLElement>();
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const cursor = target.querySelector<HTMLElement>(".line");
      if (!cursor) continue;
      if (isIntersecting) cursors.add(cursor);
      else cursors.delete(cursor);
      place(cursor, cursorPart(store.state));
    }
  });
  const events = stepEvents(store);
  const stepAt = (event: PointerEvent): number | null => {
    const box = event.target instanceof Element ? event.target.closest(".linked")?.getBoundingClientRect() : undefined;
    const [low, high] = shownDomain(store.state);
    return box ? low + ((event.clientX - box.left) / box.width) * (high - low) : null;
  };
  grid.addEventListener("pointermove", (event) => events.onHover(stepAt(event), [0, 0], 0));
  grid.addEventListener("pointerleave", () => events.onHover(null, [0, 0], 0));
  store.watch(
    (state) => [state.compared, comparedRuns(state), state.zoom, state.theme, state.colorMap, state.countScale, state.directoryOrder],
    (state) => {
      panel.element.hidden = !state.compared;
      if (panel.element.hidden) return;
      panel.title = `Outputs over epochs${inChannel(state.compared?.channel ?? "")}`;
      replaceChildren(grid, ...multiples(store, state));
      seen.disconnect();
      cursors.clear();
      const part = cursorPart(state);
      for (const cursor of grid.querySelectorAll<HTMLElement>(".line")) place(cursor, part);
      for (const multiple of grid.children) seen.observe(multiple);
    },
  );
  store.watch(
    (state) => [cursorPart(state)],
    (state) => {
      const part = cursorPart(state);
      for (const cursor of cursors) place(cursor, part);
    },
  );
  return panel.element;
}

function multiples(store: Store, state: State): HTMLElement[] {
  const { compared } = state;
  const shown = comparedRuns(state).flatMap((run) => {
    const pair = compared?.columns.get(run.name);
    return pair ? [{ run, output: pair.output, columns: distributions(pair.output, 0) }] : [];
  });
  const window = occupiedWindow(shown.flatMap(({ columns }) => columns));
  const shading: Shading = {
    theme: state.theme,
    map: state.colorMap,
    scale: state.countScale,
    full: greatestShare(shown.flatMap(({ columns }) => columns)),
  };
  const domain = shownDomain(state);
  return shown.map(({ run, output, columns }) =>
    multiple(store, state, run, toImage(smallHeatmap(columns, output, window, shading, domain))),
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

function multiple(store: Store, state: State, run: Run, image: HTMLImageElement): HTMLElement {
  const name = runLabel(run);
  image.alt = `Heatmap of ${name}`;
  return h(
    "button.multiple",
    {
      title: `Look at ${name}`,
      data: { key: run.name },
      onclick: () => store.update({ page: "run", run: run.name, stream: null, ...UNZOOMED }),
    },
    h("span.caption", {}, h("span.dot", { style: `background:${runColor(run.eventDirectory, state.directoryOrder, state.theme)}` }), h("bdi", {}, name)),
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

/** Where the cursor is in the shown epochs, 0 to 1; outside of them if there is none. */
function cursorPart(state: State): number {
  const step = cursorStep(state);
  const [low, high] = shownDomain(state);
  return step === null ? -1 : (step - low) / (high - low);
}

function place(cursor: HTMLElement, part: number): void {
  cursor.style.transform = `translateX(${part * 100}%)`;
}

function range(first: number, last: number): string {
  return first === last ? `epoch ${first}` : `epochs ${first} to ${last}`;
}
