// The findings in words, the worst first; each leads to the step where it begins.

import { h, replaceChildren } from "../../base/dom";
import { formatCount, typeset } from "../../base/format";
import { type ListedFinding, listFindings } from "../../state/finding_list";
import type { Paint } from "../../state/frames";
import { nearestRecorded } from "../../state/shown";
import { type State, update } from "../../state/state";

export function findingsView(state: State, paint: Paint): HTMLElement {
  const list = h("ul.finding-list", { aria: { label: "Findings" } });
  const none = h("p.fine");
  const element = h("section", { aria: { label: "Findings" } }, list, none);
  paint(() => {
    const found = listFindings(state);
    none.hidden = !found || found.length > 0;
    none.textContent = noProblems(state.detail?.histograms.output.steps.length ?? 0);
    replaceChildren(list, ...(found ?? []).map((finding) => row(state, finding)));
  });
  return element;
}

export function noProblems(steps: number): string {
  return `No problems found in ${formatCount(steps, "epoch")}.`;
}

function row(state: State, { id, stream, severity, firstStep, label, sentence, when }: ListedFinding): HTMLElement {
  return h(
    "li",
    {},
    h(
      `button.finding.${severity}` as "button",
      {
        title: `Go to epoch ${firstStep}`,
        data: { key: `${stream} ${id}` },
        onclick: () => {
          update(state, { stream, hovered: null });
          update(state, { chosen: nearestRecorded(state, firstStep) ?? firstStep });
        },
      },
      h("span.severity", {}, label),
      h("span", {}, typeset(sentence)),
      h("span.when", {}, when),
    ),
  );
}
