// One run, or several against each other.

import { chosenRuns } from "../../state/comparison";
import { choices, h, replaceChildren } from "../../base/dom";
import type { Store } from "../../state/store";

export function tabsView(store: Store): HTMLElement {
  const element = h("div.tabs");
  store.watch(
    (state) => [state.page, chosenRuns(state), state.selected, state.catalog],
    (state) => {
      const count = chosenRuns(state).length;
      element.hidden = (state.catalog?.runs.length ?? 0) < 2;
      replaceChildren(
        element,
        choices("Page", [
          { key: "run", label: "One run", chosen: state.page === "run", choose: () => store.update({ page: "run", zoom: null }) },
          {
            key: "compare",
            label: `Compare ${count}`,
            help: state.selected.size ? "The ticked runs" : "All runs of the table; tick some to compare those alone",
            chosen: state.page === "compare",
            choose: () => store.update({ page: "compare", zoom: null }),
          },
        ]),
      );
    },
  );
  return element;
}
