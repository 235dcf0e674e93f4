// Findings of a run as they are read: the worst first, each with its steps in words.

import type { Finding } from "../model/types";
import type { State } from "./state";
import { stepRange } from "./step_words";

export interface ListedFinding extends Finding {
  readonly label: string;
  readonly when: string;
}

/** Those of the shown run; null while they are not here. */
export function listFindings(state: State): readonly ListedFinding[] | null {
  const { detail, findings } = state;
  const found = detail && findings.get(detail.run.name);
  if (!found) return null;
  const hasStreams = detail.run.streams.length > 1;
  return [...found]
    .sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error") || a.firstStep - b.firstStep)
    .map((finding) => {
      const { severity, stream, firstStep, lastStep } = finding;
      const steps = stepRange(state, firstStep, lastStep);
      return {
        ...finding,
        label: severity === "error" ? "✕ Error" : "▲ Warning",
        when: hasStreams ? `${stream}, ${steps}` : steps,
      };
    });
}
