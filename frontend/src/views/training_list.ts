// The list of trainings: which one is shown, and how each of them stands.

import { runColor } from "../colors";
import { h, replaceChildren } from "../dom";
import { formatIntensity, formatNumber } from "../format";
import { lastValue } from "../scales";
import { visibleTrainings, type State, type Store } from "../store";
import { mainStream, type Training } from "../model";

export class TrainingList {
  readonly element: HTMLElement;
  readonly #rows = h("ul.trainings", { aria: { label: "Trainings" } });
  readonly #choose: (name: string) => void;

  constructor(store: Store, choose: (name: string) => void) {
    this.#choose = choose;
    this.element = h(
      "nav.sidebar",
      {},
      h("h2", {}, "Trainings"),
      h("input.filter", {
        type: "search",
        placeholder: "Filter (regex)",
        aria: { label: "Filter trainings by a regular expression" },
        oninput: (event) => store.update({ filter: (event.target as HTMLInputElement).value }),
      }),
      h(
        "div.columns",
        {},
        h("span", { title: "Loss at the last epoch" }, "loss"),
        h("span", { title: "Drift from the reference at the last epoch" }, "drift"),
      ),
      this.#rows,
    );
    store.subscribe((state, before) => {
      if (LIST_INPUTS.some((key) => state[key] !== before[key])) this.#show(state);
    });
  }

  #show(state: State): void {
    const active = document.activeElement;
    const focused = active instanceof HTMLElement ? active.dataset["training"] : undefined;
    replaceChildren(this.#rows, ...visibleTrainings(state).map((t) => this.#row(t, state)));
    if (focused !== undefined)
      this.#rows.querySelector<HTMLElement>(`[data-training="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(training: Training, state: State): HTMLElement {
    const scalars = state.overview.get(training.name);
    const main = mainStream(training);
    const span = main ? main.valueRange.high - main.valueRange.low : 1;
    const chosen = training.name === state.detail?.training.name;
    // The headline number: each channel has a drift of its own too.
    const drift = scalars?.scores.find(
      ({ stream, channel }) => stream === main?.name && channel === "",
    );
    const losses = scalars?.curves ?? [];
    const loss = losses.find(({ curve }) => curve.split === "validation") ?? losses[0];
    return h(
      "li",
      {},
      h(
        "button.training",
        {
          type: "button",
          title: training.name,
          data: { training: training.name },
          aria: chosen ? { current: "true" } : {},
          onclick: () => this.#choose(training.name),
        },
        h("span.dot", { style: `background:${runColor(training.run, state.runOrder, state.theme)}` }),
        h("span.name", {}, h("bdi", {}, trainingLabel(training))),
        h("span.number", {}, scalars ? formatNumber(lastValue(loss)) : ""),
        h("span.number", {}, scalars ? formatIntensity(lastValue(drift), span) : ""),
      ),
    );
  }
}

/** What a training is called on the page; TensorBoard calls the log directory ".". */
export function trainingLabel(training: Training): string {
  return training.name === "." ? "(log directory)" : training.name;
}

const LIST_INPUTS = ["trainings", "overview", "runOrder", "theme", "filter", "detail"] as const;
