// A run as one HTML file that needs no server and runs no script.
//
// It has the page's own style sheet, and every picture twice: a reader's system
// decides between light and dark, paper is always light.

import { typeset } from "../base/format";
import appStyle from "../base/style.css";
import { type Table, toCsv } from "../charts/table";
import type { Theme } from "../drawing/colors";
import { escapeMarkup } from "../drawing/pen";
import type { LegendItem } from "../drawing/plot";
import { lookOf } from "../model/types";
import type { ListedFinding } from "../state/finding_list";
import reportStyle from "./report.css";

export const THEMES: readonly Theme[] = ["light", "dark"];

/** One for each of the themes, in their order. */
export type Themed<Value> = readonly Value[];

export interface Drawn {
  readonly legend: readonly LegendItem[];
  readonly svg: string;
}

export interface ReportChart {
  readonly title: string;
  readonly drawn: Themed<Drawn>;
  readonly table: Table | null;
}

export interface ReportImages {
  readonly width: number;
  readonly height: number;
  /** PNG as data URLs. */
  readonly pictures: readonly { readonly caption: string; readonly urls: Themed<string> }[];
  readonly sentence: string;
  readonly table: Table | null;
}

export interface Report {
  readonly title: string;
  readonly made: Date;
  readonly version: string;
  readonly facts: readonly string[];
  readonly notes: readonly string[];
  /** null if they were not here yet. */
  readonly findings: readonly ListedFinding[] | null;
  /** The sentence for a run without findings. */
  readonly noProblems: string;
  readonly overSteps: readonly ReportChart[];
  /** The step by its name, "epoch 12", and all of them: "epochs". */
  readonly at: string;
  readonly over: string;
  readonly reading: string;
  readonly numbers: readonly (readonly [name: string, value: string, ...unknown[]])[];
  readonly atStep: readonly ReportChart[];
  readonly images: ReportImages | null;
}

const DARK = "screen and (prefers-color-scheme:dark)";
// The page has its theme as an attribute; here it is the reader's system that says it.
const styleSheet = (): string =>
  appStyle.replace(/\.app\[data-theme="?dark"?\]\s*(\{[^}]*\})/, `@media ${DARK}{.app$1}`) + reportStyle;

export function toReport(report: Report): string {
  const { title, made, version, facts, notes, overSteps, reading, numbers, atStep, images, at, over } = report;
  const time = made.toISOString();
  return `<!doctype html>
<html lang="en" class="app"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}: mean pixels</title><style>${styleSheet()}</style>
<body><main>
<h1>${text(title)}</h1>
<p class="facts">${text(facts.join(" · "))}</p>
${notes.map((note) => `<p class="note">${text(note)}</p>`).join("")}
<h2>Findings</h2>
${findingList(report)}
<h2>Over the ${over}</h2>
<p class="fine">The numbers in the legends are those of ${at}.</p>
${overSteps.map(chart).join("\n")}
<h2>At ${at}</h2>
<p class="reading">${text(reading)}</p>
<div class="pair">
${atStep.map(chart).join("\n")}
${panel("Numbers", `<table class="numbers">${numbers.map(([name, value]) => `<tr><th scope="row">${text(name)}</th><td>${text(value)}</td></tr>`).join("")}</table>`)}
</div>
${images ? imageRow(images) : ""}
<p class="fine">Made on <time datetime="${time}">${time.slice(0, 16).replace("T", " at ")} UTC</time> with tb-meanpixel ${text(version)}, a TensorBoard plugin.</p>
</main></body></html>
`;
}

/** Names of runs, tags and channels are text. */
const text = escapeMarkup;

function panel(title: string, content: string, legend = "", table: Table | null = null): string {
  const numbers = table
    ? `<details><summary>The numbers, as CSV</summary><pre tabindex="0">${text(toCsv(table))}</pre></details>`
    : "";
  return `<section class="panel"><header><h3>${text(title)}</h3>${legend}</header>${content}${numbers}</section>`;
}

function findingList({ findings, noProblems }: Report): string {
  if (!findings) return `<p class="fine">The findings were not here yet when this report was made.</p>`;
  if (!findings.length) return `<p class="fine">${text(noProblems)}</p>`;
  const rows = findings.map(
    (finding) =>
      `<li class="finding ${lookOf(finding)}"><span class="severity">${finding.label}</span><span class="sentence">${text(typeset(finding.sentence))}</span><span class="when">${text(finding.when)}</span>${finding.lookAt && `<span class="look">Look first at: ${text(finding.lookAt)}</span>`}</li>`,
  );
  return `<ul class="finding-list">${rows.join("")}</ul>`;
}

function chart({ title, drawn, table }: ReportChart): string {
  const both = (attributes: string, toMarkup: (one: Drawn) => string): string =>
    drawn.map((one, index) => `<div ${attributes} ${THEMES[index]}">${toMarkup(one)}</div>`).join("");
  const picture = both(`role="img" aria-label="${text(title)}" class="chart`, ({ svg }) => svg);
  return panel(
    title,
    picture,
    both(`class="legend`, ({ legend }) => legend.map(key).join("")),
    table,
  );
}

function key({ label, color, dashed, ramp, value }: LegendItem): string {
  const swatch = ramp
    ? `<span class="ramp" style="background:linear-gradient(90deg,${ramp.join()})"></span>`
    : `<span class="swatch" style="border-top:2.5px ${dashed ? "dashed" : "solid"} ${color}"></span>`;
  return `<span class="key">${swatch}${text(label)} <b>${text(value)}</b></span>`;
}

function imageRow({ width, height, pictures, sentence, table }: ReportImages): string {
  const figures = pictures.map(
    ({ caption, urls: [light, dark] }) =>
      `<figure><picture><source media="${DARK}" srcset="${dark}"><img src="${light}" width="${width}" height="${height}" alt="${text(caption)}"></picture><figcaption>${text(caption)}</figcaption></figure>`,
  );
  return panel(
    "Mean images",
    `<div class="images">${figures.join("")}</div><p class="hint">${text(sentence)}</p>`,
    "",
    table,
  );
}
