// Losses on a logarithmic axis, or not: the same choice wherever there are losses.

import { h } from "../../base/dom";
import type { Store } from "../../state/store";

export function logToggle(store: Store): HTMLElement {
  const toggle = h("button.toggle", { title: "Logarithmic axis", onclick: () => store.update({ logLoss: !store.state.logLoss }) }, "log");
  store.watch(({ logLoss }) => [logLoss], ({ logLoss }) => toggle.setAttribute("aria-pressed", String(logLoss)));
  return toggle;
}
