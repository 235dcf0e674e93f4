// The notice over or in place of the charts: loading, nothing recorded yet, a failure, a run that is gone.

import { h, replaceChildren } from "../../base/dom";
import type { Paint } from "../../state/frames";
import type { State } from "../../state/state";

const LINES = `from tb_meanpixel import MeanPixelCallback

model.fit(x_train, epochs=30, callbacks=[
    MeanPixelCallback("logs/my-model", reference=x_val),
])`;

/** The part of the page that a failure leaves empty. */
const PARTS: Readonly<Record<string, string>> = {
  runs: "The list of runs",
  overview: "The table's numbers",
  curves: "The curves of the compared runs",
  findings: "The findings",
  detail: "The run's records",
  baseline: "The comparison with the baseline",
  images: "The mean images",
  compared: "The compared histograms",
  step: "The histograms of this step",
};

export function noticeView(state: State, paint: Paint, retry: () => void): HTMLElement {
  const element = h("div", { aria: { live: "polite" } });
  paint(() => {
    const content = contentOf(state, retry);
    element.hidden = !content.length;
    element.className = state.detail ? "notice stale" : "notice";
    replaceChildren(element, ...content);
  });
  return element;
}

function contentOf(state: State, retry: () => void): HTMLElement[] {
  const { failures, catalog, detail, run } = state;
  const again = h("button", { data: { key: "retry" }, onclick: retry }, "Try again");
  const failed = [...failures].map(([part, sentence]) =>
    h("p", {}, `${PARTS[part] ?? part} could not be loaded: ${sentence}`),
  );
  if (failed.length) return [...(detail ? [] : [h("h1", {}, "The records could not be loaded")]), ...failed, again];
  if (!catalog) return [h("p", {}, "Loading the records …")];
  if (!catalog.runs.some(({ streams }) => streams.length)) return empty(state);
  if (!detail) return [h("p", {}, "Loading the records …")];
  if (run !== null && !catalog.runs.some(({ name }) => name === run))
    return [h("p", {}, `There is no run “${run}” any more; this is “${detail.run.name}”.`)];
  return [];
}

function empty({ catalog }: State): HTMLElement[] {
  const notes = [
    ...(catalog?.notes ?? []),
    ...(catalog?.runs ?? []).flatMap(({ name, notes: own }) => own.map((note) => `${name}: ${note}`)),
  ];
  return [
    h("h1", {}, "No images have been recorded yet"),
    h("p", {}, "Add one callback to the run, with images that the model should reproduce:"),
    h("pre", { tabIndex: 0 }, LINES),
    h("p", {}, "Records appear here when TensorBoard reloads: press ⟳, or tick “Reload data” in its settings."),
    ...notes.map((note) => h("p.note", {}, note)),
  ];
}
