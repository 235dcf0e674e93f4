// What is wrong, in words, and since when; each finding leads to its epoch.

import { h, replaceChildren } from "../dom";
import type { Finding } from "../model";
import { nearestRecorded } from "../select";
import type { Store } from "../store";

export function findingsView(store: Store): HTMLElement {
  const list = h("ul.finding-list", { aria: { label: "Findings" } });
  const none = h("p.fine", {}, "Nothing conspicuous was found in these epochs.");
  const element = h("section", { aria: { label: "Findings" } }, list, none);
  store.watch(
    ({ detail, findings, failures }) => [detail?.training, findings, failures],
    ({ detail, findings }) => {
      const found = detail && findings.get(detail.training.name);
      none.hidden = !found || found.length > 0;
      const several = (detail?.training.streams.length ?? 0) > 1;
      const sorted = [...(found ?? [])].sort(
        (a, b) => Number(b.severity === "error") - Number(a.severity === "error") || a.firstEpoch - b.firstEpoch,
      );
      replaceChildren(list, ...sorted.map((finding) => row(store, finding, several)));
    },
  );
  return element;
}

function row(store: Store, finding: Finding, several: boolean): HTMLElement {
  const { id, stream, severity, firstEpoch, lastEpoch, sentence } = finding;
  const epochs = firstEpoch === lastEpoch ? `epoch ${firstEpoch}` : `epochs ${firstEpoch} to ${lastEpoch}`;
  return h(
    "li",
    {},
    h(
      `button.finding.${severity}` as "button",
      {
        type: "button",
        title: `Go to epoch ${firstEpoch}`,
        data: { key: `${stream} ${id}` },
        onclick: () => {
          store.update({ stream, hovered: null });
          store.update({ chosen: nearestRecorded(store.state, firstEpoch) ?? firstEpoch });
        },
      },
      h("span.severity", {}, severity === "error" ? "✕ Error" : "▲ Warning"),
      h("span", {}, sentence),
      h("span.when", {}, several ? `${stream}, ${epochs}` : epochs),
    ),
  );
}
