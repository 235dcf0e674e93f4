// What is shown of the training: stream, channel, quantity; and what it is made of.

import type { Quantity, Stream, Training } from "../model";
import { h, replaceChildren } from "../dom";
import { formatCount, formatNumber } from "../format";
import type { State, Store } from "../store";
import { trainingLabel } from "./training_list";

const QUANTITIES: readonly (readonly [Quantity, string, string])[] = [
  ["mean_pixels", "Mean pixels", "One value an image: the mean of its pixels"],
  ["contrasts", "Contrasts", "One value an image: the standard deviation of its pixels"],
  ["pixels", "All pixels", "Every pixel of every image"],
];

const SOURCES = {
  declared: "declared",
  dtype: "from the images' type",
  data: "inferred from the reference",
};

export interface ToolbarActions {
  chooseStream(name: string): void;
  chooseQuantity(quantity: Quantity): void;
  chooseRow(row: number): void;
}

export class Toolbar {
  readonly element = h("div.toolbar");

  constructor(store: Store, actions: ToolbarActions) {
    store.subscribe((state, before) => {
      if (state.detail !== before.detail || state.row !== before.row || state.quantity !== before.quantity)
        this.#show(state, actions);
    });
  }

  #show(state: State, actions: ToolbarActions): void {
    const { detail } = state;
    if (!detail) return;
    const { training, stream } = detail;
    const { low, high, source } = stream.valueRange;
    replaceChildren(
      this.element,
      h("h1", {}, trainingLabel(training)),
      training.streams.length > 1 && streamChoice(training, stream.name, actions),
      choices(
        "Quantity",
        QUANTITIES.map(([quantity, label, help]) => ({
          label,
          help,
          chosen: quantity === state.quantity,
          choose: () => actions.chooseQuantity(quantity),
        })),
      ),
      stream.channels.length > 1 &&
        choices(
          "Channel",
          stream.channels.map((channel, row) => ({
            label: channel,
            chosen: row === state.row,
            choose: () => actions.chooseRow(row),
          })),
        ),
      h(
        "span.facts",
        {},
        [
          formatCount(stream.referenceCount, "reference image") + imageSize(stream),
          `range ${formatNumber(low)} to ${formatNumber(high)}, ${SOURCES[source]}`,
          formatCount(detail.histograms.output.steps.length, "epoch"),
        ].join(" · "),
      ),
      ...[...training.notes, ...detail.histograms.notes].map((note) =>
        h("p.note", {}, note),
      ),
    );
  }
}

/** Images that only passed by in a metric may have had any size. */
function imageSize({ height, width }: Stream): string {
  return height ? ` ${height} × ${width}` : "";
}

interface Choice {
  readonly label: string;
  readonly help?: string;
  readonly chosen: boolean;
  readonly choose: () => void;
}

function choices(label: string, all: readonly Choice[]): HTMLElement {
  const group = h("div.choices", { aria: { label } });
  group.setAttribute("role", "group");
  group.append(
    ...all.map((choice) =>
      h(
        "button",
        {
          type: "button",
          title: choice.help ?? "",
          aria: { pressed: String(choice.chosen) },
          onclick: choice.choose,
        },
        choice.label,
      ),
    ),
  );
  return group;
}

function streamChoice(training: Training, chosen: string, actions: ToolbarActions): HTMLElement {
  return h(
    "select",
    {
      aria: { label: "Stream" },
      onchange: (event) => actions.chooseStream((event.target as HTMLSelectElement).value),
    },
    ...training.streams.map(({ name }) =>
      h("option", { value: name, selected: name === chosen }, name),
    ),
  );
}
