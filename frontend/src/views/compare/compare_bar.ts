// What of the compared runs is shown, and how.

import { comparedChannel, comparedChannels } from "../../state/comparison";
import { h, replaceChildren } from "../../base/dom";
import type { Store } from "../../state/store";
import { displayMenu } from "../shell/display_menu";
import { channelChoices, quantityChoices } from "../run/toolbar";

export function compareBar(store: Store): HTMLElement {
  const chosen = h("div.controls");
  store.watch(
    (state) => [state.quantity, comparedChannels(state), state.row],
    (state) => {
      const channels = comparedChannels(state);
      const row = comparedChannel(state) ? state.row : 0;
      replaceChildren(
        chosen,
        quantityChoices(store, state),
        channels.length > 1 && channelChoices(store, channels, row),
      );
    },
  );
  return h("div.controls", {}, chosen, displayMenu(store));
}
