// What is wrong, in words, and since when; each finding leads to its epoch.

import { h, replaceChildren } from "../../base/dom";
import { listFindings, type ListedFinding } from "../../state/finding_list";
import { nearestRecorded } from "../../state/shown";
import type { Store } from "../../state/store";

export function findingsView(store: Store): HTMLElement {
  const list = h("ul.finding-list", { aria: { label: "Findings" } });
  const none = h("p.fine", {}, "Nothing conspicuous was found in these epochs.");
  const element = h("section", { aria: { label: "Findings" } }, list, none);
  store.watch(
    ({ detail, findings, failures }) => [detail?.run, findings, failures],
    ({ detail, findings }) => {
      const found = listFindings(detail, findings);
      none.hidden = !found || found.length > 0;
      replaceChildren(list, ...(found ?? []).map((finding) => row(store, finding)));
    },
  );
  return element;
}

function row(store: Store, { id, stream, severity, firstStep, label, sentence, when }: ListedFinding): HTMLElement {
  return h(
    "li",
    {},
    h(
      `button.finding.${severity}` as "button",
      {
        title: `Go to epoch ${firstStep}`,
        data: { key: `${stream} ${id}` },
        onclick: () => {
          store.update({ stream, hovered: null });
          store.update({ chosen: nearestRecorded(store.state, firstStep) ?? firstStep });
        },
      },
      h("span.severity", {}, label),
      h("span", {}, sentence),
      h("span.when", {}, when),
    ),
  );
}
