// Findings of a run as they are read: the worst first, each with its epochs in words.

import type { Detail, Finding } from "../model/types";
import type { State } from "./state";

export interface ListedFinding extends Finding {
  readonly label: string;
  readonly when: string;
}

/** null while they are not here. */
export function listFindings(detail: Detail | null, findings: State["findings"]): readonly ListedFinding[] | null {
  const found = detail && findings.get(detail.run.name);
  if (!detail || !found) return null;
  const several = detail.run.streams.length > 1;
  return [...found]
    .sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error") || a.firstStep - b.firstStep)
    .map((finding) => {
      const { severity, stream, firstStep, lastStep } = finding;
      const steps = firstStep === lastStep ? `epoch ${firstStep}` : `epochs ${firstStep} to ${lastStep}`;
      return { ...finding, label: severity === "error" ? "✕ Error" : "▲ Warning", when: several ? `${stream}, ${steps}` : steps };
    });
}
