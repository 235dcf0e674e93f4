// One training, or several against each other.

import { chosenTrainings } from "../../state/comparison";
import { choices, h, replaceChildren } from "../../base/dom";
import type { Store } from "../../state/store";

export function tabsView(store: Store): HTMLElement {
  const element = h("div.tabs");
  store.watch(
    (state) => [state.page, chosenTrainings(state), state.selected, state.listing],
    (state) => {
      const count = chosenTrainings(state).length;
      element.hidden = (state.listing?.trainings.length ?? 0) < 2;
      replaceChildren(
        element,
        choices("Page", [
          { key: "training", label: "One training", chosen: state.page === "training", choose: () => store.update({ page: "training", zoom: null }) },
          {
            key: "compare",
            label: `Compare ${count}`,
            help: state.selected.size ? "The ticked trainings" : "All trainings of the table; tick some to compare those alone",
            chosen: state.page === "compare",
            choose: () => store.update({ page: "compare", zoom: null }),
          },
        ]),
      );
    },
  );
  return element;
}
