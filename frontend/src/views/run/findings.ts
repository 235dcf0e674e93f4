// The findings in words, the worst first; each leads to the step where it begins.

import { h, replaceChildren } from "../../base/dom";
import { typeset } from "../../base/format";
import { lookOf } from "../../model/types";
import { type ListedFinding, listFindings } from "../../state/finding_list";
import type { Paint } from "../../state/frames";
import { nearestRecorded } from "../../state/shown";
import { type State, update } from "../../state/state";
import { recordCount, stepName } from "../../state/step_words";

export function findingsView(state: State, paint: Paint): HTMLElement {
  const list = h("ul.finding-list", { aria: { label: "Findings" } });
  const none = h("p.fine");
  const element = h("section", { aria: { label: "Findings" } }, list, none);
  paint(() => {
    const found = listFindings(state);
    none.hidden = !found || found.length > 0;
    none.textContent = noProblems(state);
    replaceChildren(list, ...(found ?? []).map((finding) => row(state, finding)));
  });
  return element;
}

/** In fewer records nothing can be found. */
const FEW = 3;

export function noProblems(state: State): string {
  const count = state.detail?.histograms.output.steps.length ?? 0;
  if (count < FEW) return `${recordCount(state, count)}: too early to tell.`;
  return `No problems found in ${recordCount(state, count)}.`;
}

/** Two lines: what and since when, how much, what the loss did; what to look at first. */
function row(state: State, finding: ListedFinding): HTMLElement {
  const { id, stream, firstStep, label, lookAt, when } = finding;
  const { title, rest } = parts(finding);
  return h(
    "li",
    {},
    h(
      `button.finding.${lookOf(finding)}` as "button",
      {
        title: `Go to ${stepName(state, firstStep)}`,
        data: { key: `${stream} ${id}` },
        onclick: () => {
          update(state, { stream, hovered: null });
          update(state, { chosen: nearestRecorded(state, firstStep) ?? firstStep });
        },
      },
      h("span.severity", {}, label),
      h("span.sentence", {}, h("strong", {}, title), rest && ` ${rest}`),
      h("span.when", {}, when),
      !!lookAt && h("span.look", {}, `Look first at: ${lookAt}`),
    ),
  );
}

/** The first of its sentences says what and since when. */
function parts({ sentence }: ListedFinding): { readonly title: string; readonly rest: string } {
  const [title = "", ...others] = typeset(sentence).split(/(?<=\.)\s+(?=[A-Z])/);
  return { title, rest: others.join(" ") };
}
