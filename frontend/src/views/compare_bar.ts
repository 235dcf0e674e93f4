// What of the compared runs is shown, and how.

import { h, replaceChildren } from "../dom";
import type { Store } from "../store";
import { displayMenu } from "./display_menu";
import { quantityChoices } from "./toolbar";

export function compareBar(store: Store): HTMLElement {
  const quantity = h("div");
  store.watch((state) => [state.quantity], (state) => replaceChildren(quantity, quantityChoices(store, state)));
  return h("div.controls", {}, quantity, displayMenu(store));
}
