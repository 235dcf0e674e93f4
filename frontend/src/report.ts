// A training as one HTML file that needs no server and runs no script.

import { escapeMarkup } from "./pen";
import type { Panel } from "./panel";
import { cursorStep } from "./select";
import type { State } from "./state";
import { toCsv } from "./table";
import { trainingLabel } from "./trainings";

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;max-width:1100px;margin:24px auto;padding:0 16px;color:#202124;background:#fff}
svg{max-width:100%;height:auto}pre{max-height:240px;overflow:auto;background:#f1f3f4;padding:8px}li.error{color:#b3261e}
@media(prefers-color-scheme:dark){body{color:#e0e0e0;background:#303030}pre{background:#424242}li.error{color:#ff9a92}}`;

export function toReport(state: State, panels: readonly Panel[]): string {
  const { detail } = state;
  if (!detail) return "";
  const { training, stream } = detail;
  const { low, high, source } = stream.valueRange;
  const findings = state.findings.get(training.name) ?? [];
  const facts = [
    `Stream ${stream.name}: ${stream.referenceCount} reference images ${stream.height} × ${stream.width}, reference ${stream.referenceHash}`,
    `Value range ${low} to ${high} (${source})`,
    `${detail.histograms.output.steps.length} epochs; the histograms and numbers of one epoch are those of epoch ${cursorStep(state)}`,
  ];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeMarkup(trainingLabel(training))}: mean pixels</title><style>${STYLE}</style>
<h1>${escapeMarkup(trainingLabel(training))}</h1>
<ul>${facts.map((fact) => `<li>${escapeMarkup(fact)}</li>`).join("")}</ul>
<h2>Findings</h2>
${findings.length ? `<ul>${findings.map(({ severity, sentence, firstEpoch, lastEpoch }) => `<li class="${severity === "error" ? "error" : ""}">${escapeMarkup(`${sentence} (epochs ${firstEpoch} to ${lastEpoch})`)}</li>`).join("")}</ul>` : "<p>Nothing conspicuous was found.</p>"}
${panels.map(section).join("\n")}
</html>
`;
}

function section(panel: Panel): string {
  const svg = panel.element.hidden ? null : panel.svg();
  const table = panel.table();
  if (!svg || !table) return "";
  return `<h2>${escapeMarkup(panel.title)}</h2>${svg}<details><summary>The numbers</summary><pre>${escapeMarkup(toCsv(table))}</pre></details>`;
}
