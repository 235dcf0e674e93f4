// Tabs: one run, or several against each other.

import { choices, h, replaceChildren } from "../../base/dom";
import { chosenRuns } from "../../state/comparison";
import type { Paint } from "../../state/frames";
import { type State, update } from "../../state/state";

export function tabsView(state: State, paint: Paint): HTMLElement {
  const element = h("div.tabs");
  paint(() => {
    const count = chosenRuns(state).length;
    element.hidden = (state.catalog?.runs.length ?? 0) < 2;
    replaceChildren(
      element,
      choices("Page", [
        {
          key: "run",
          label: "One run",
          chosen: state.page === "run",
          choose: () => update(state, { page: "run", zoom: null }),
        },
        {
          key: "compare",
          label: state.selected.size ? `Compare ${count}` : `Compare all ${count}`,
          help: state.selected.size ? "The ticked runs" : "All runs of the table; tick some to compare those alone",
          chosen: state.page === "compare",
          choose: () => update(state, { page: "compare", zoom: null }),
        },
      ]),
    );
  });
  return element;
}
