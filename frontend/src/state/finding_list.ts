// Findings of a run as they are read: the worst first, each with its steps in words.

import { type Finding, lookOf } from "../model/types";
import type { State } from "./state";
import { stepRange } from "./step_words";

export interface ListedFinding extends Finding {
  readonly label: string;
  readonly when: string;
}

const ORDER = ["error", "warning", "early"];
const LABELS = { error: "✕ Error", warning: "▲ Warning", early: "… Too early to tell" };

/** Those of the shown run; null while they are not here. */
export function listFindings(state: State): readonly ListedFinding[] | null {
  const { detail, findings } = state;
  const found = detail && findings.get(detail.run.name);
  if (!found) return null;
  const hasStreams = detail.run.streams.length > 1;
  return [...found]
    .sort((a, b) => ORDER.indexOf(lookOf(a)) - ORDER.indexOf(lookOf(b)) || a.firstStep - b.firstStep)
    .map((finding) => {
      const { stream, firstStep, lastStep, episodes } = finding;
      const more = episodes.length > 1 ? ` and ${episodes.length - 1} more` : "";
      const steps = stepRange(state, firstStep, lastStep) + more;
      return {
        ...finding,
        label: LABELS[lookOf(finding)],
        when: hasStreams ? `${stream}, ${steps}` : steps,
      };
    });
}
