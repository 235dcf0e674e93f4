// What stands in place of the charts: nothing yet, loading, or what failed.

import { h, replaceChildren } from "../dom";
import type { State, Store } from "../store";

const LINES = `from tb_meanpixel import MeanPixelCallback

model.fit(x_train, epochs=30, callbacks=[
    MeanPixelCallback("logs/my-model", reference=x_val),
])`;

export class Notice {
  readonly element = h("div.notice", { aria: { live: "polite" } });

  constructor(store: Store, retry: () => void) {
    store.subscribe((state, before) => {
      if (kindOf(state) !== kindOf(before) || state.error !== before.error)
        this.#show(state, retry);
    });
  }

  #show(state: State, retry: () => void): void {
    const kind = kindOf(state);
    this.element.hidden = kind === "none";
    this.element.className = `notice ${kind}`;
    replaceChildren(this.element, ...CONTENT[kind](state, retry));
  }
}

type Kind = "none" | "loading" | "empty" | "failed" | "stale";

function kindOf(state: State): Kind {
  if (state.error) return state.detail ? "stale" : "failed";
  if (state.detail) return "none";
  return state.trainings && !state.trainings.some(({ streams }) => streams.length)
    ? "empty"
    : "loading";
}

const CONTENT: Record<Kind, (state: State, retry: () => void) => HTMLElement[]> = {
  none: () => [],
  loading: () => [h("p", {}, "Loading the records …")],
  empty: (state) => [
    h("h1", {}, "No images have been recorded yet"),
    h("p", {}, "Add one callback to the training, with images that the model should reproduce:"),
    h("pre", {}, LINES),
    h("p", {}, "Epochs appear here as they are trained, when TensorBoard reloads."),
    ...(state.trainings ?? []).flatMap(({ name, notes }) =>
      notes.map((note) => h("p.note", {}, `${name}: ${note}`)),
    ),
  ],
  failed: (state, retry) => [
    h("h1", {}, "The records could not be loaded"),
    h("p", {}, state.error ?? ""),
    h("button", { type: "button", onclick: retry }, "Try again"),
  ],
  stale: (state, retry) => [
    h("p", {}, `What is shown is not up to date: ${state.error}`),
    h("button", { type: "button", onclick: retry }, "Try again"),
  ],
};
