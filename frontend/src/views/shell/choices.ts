// Choices that both pages offer: the quantity, the channel, and how things are drawn.

import { choices, h, select } from "../../base/dom";
import { menu } from "../../charts/menus";
import type { MapChoice } from "../../drawing/colors";
import type { CountScale } from "../../drawing/raster";
import type { AxisKind } from "../../model/axis";
import { QUANTITIES } from "../../model/quantities";
import type { Quantity } from "../../model/types";
import type { Paint } from "../../state/frames";
import { type State, update } from "../../state/state";
import { stepWord } from "../../state/step_words";

const TIMES: readonly (readonly [AxisKind, string])[] = [
  ["relative", "time since the start"],
  ["wall", "time of day"],
];
const MAPS: readonly (readonly [MapChoice, string])[] = [
  ["auto", "by the theme"],
  ["blue", "blue"],
  ["cividis", "cividis"],
  ["viridis", "viridis"],
  ["magma", "magma"],
];
const SCALES: readonly (readonly [CountScale, string])[] = [
  ["root", "square root"],
  ["log", "logarithmic"],
  ["linear", "linear"],
];

export function quantityChoices(state: State): HTMLElement {
  return choices(
    "Quantity",
    (Object.keys(QUANTITIES) as Quantity[]).map((quantity) => {
      const { label, help } = QUANTITIES[quantity];
      return {
        key: quantity,
        label,
        help,
        chosen: quantity === state.quantity,
        choose: () => update(state, { quantity }),
      };
    }),
  );
}

export function channelChoices(state: State, channels: readonly string[], chosen: number): HTMLElement {
  return choices(
    "Channel",
    channels.map((channel, channelIndex) => ({
      key: channel,
      label: channel,
      chosen: channelIndex === chosen,
      choose: () => update(state, { channelIndex }),
    })),
  );
}

/** Losses on a logarithmic axis, or not: the same choice wherever there are losses. */
export function logToggle(state: State, paint: Paint): HTMLElement {
  const toggle = h(
    "button.toggle",
    { title: "Logarithmic axis", onclick: () => update(state, { logLoss: !state.logLoss }) },
    "log",
  );
  paint(() => toggle.setAttribute("aria-pressed", String(state.logLoss)));
  return toggle;
}

/** The horizontal axis, colours, and the scale of counts. */
export function displayMenu(state: State, paint: Paint): HTMLElement {
  const content = (): HTMLElement[] => [
    select("Horizontal axis", [["step", `${stepWord(state)}s`], ...TIMES], state.axis, (value) =>
      update(state, { axis: value as AxisKind }),
    ),
    select("Colours", MAPS, state.colorMap, (value) => update(state, { colorMap: value as MapChoice })),
    select("Colour scale", SCALES, state.countScale, (value) => update(state, { countScale: value as CountScale })),
    h(
      "label.tick",
      {},
      h("input", {
        type: "checkbox",
        checked: state.logCounts,
        data: { key: "log counts" },
        onchange: () => update(state, { logCounts: !state.logCounts }),
      }),
      "Histograms on a logarithmic scale",
    ),
  ];
  const { element, refresh } = menu(h("summary", {}, "Display"), content);
  paint(() => {
    void [state.axis, state.colorMap, state.countScale, state.logCounts];
    refresh();
  });
  return element;
}
