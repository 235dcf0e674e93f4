// Histograms of several runs at one step, on one ground.

import { h } from "../../base/dom";
import { HistogramChart, outlineTable } from "../../charts/histogram_chart";
import { Panel } from "../../charts/panel";
import { runColor, withAlpha } from "../../drawing/colors";
import type { Outline } from "../../drawing/outline";
import { distributionAt, occupiedWindow, sameEdges } from "../../model/distribution";
import { QUANTITIES } from "../../model/quantities";
import { lastAtOrBefore } from "../../model/series";
import { type HistogramPair, type Histograms, hasChannel } from "../../model/types";
import { chosenRuns, comparedRuns, isComparable, lineWidth } from "../../state/comparison";
import type { Paint } from "../../state/frames";
import { shortLabel } from "../../state/run_names";
import { atOrBefore, cursorStep, inChannel } from "../../state/shown";
import type { ComparedHistograms, State } from "../../state/state";
import { stepName } from "../../state/step_words";

const MAX_KEYS = 7;

export function compareHistograms(state: State, paint: Paint): HTMLElement {
  const histogram = new HistogramChart("Histograms of the compared runs at the step", 260);
  const hint = h("p.hint");
  const panel = new Panel("Outputs at the step", {
    body: h("div", {}, histogram.chart.element, hint),
    picture: histogram.chart,
    table: () =>
      outlineTable(
        `outputs of runs ${stepName(state, cursorStep(state))}${inChannel(state.compared?.channel ?? "")}`,
        runOutlines(state).outlines,
      ),
  });
  paint(() => {
    const { outlines, notes } = runOutlines(state);
    const { compared } = state;
    panel.element.hidden = !outlines.length;
    if (!outlines.length || !compared) return;
    // Of the drawn histograms: they are of the former choice until those of the next one are here.
    const { title, noun } = QUANTITIES[compared.quantity];
    panel.title = `${title} at ${stepName(state, cursorStep(state))}${inChannel(compared.channel)}`;
    const keys = outlines
      .slice(0, MAX_KEYS)
      .map(({ name, color, dash }) => ({ label: name, color, dashed: !!dash, value: "" }));
    const more = outlines.length - keys.length;
    panel.showLegend(
      more ? [...keys, { label: `and ${more} more, in the colours of the table`, color: "", value: "" }] : keys,
    );
    const window = occupiedWindow(outlines.map(({ distribution }) => distribution));
    histogram.show({ outlines, window, log: state.logCounts, noun });
    hint.textContent = notes.join(" ");
    panel.refreshTable();
  });
  return panel.element;
}

/** The runs' outputs on top of the reference of the first; and notes about them. */
function runOutlines(state: State): { outlines: Outline[]; notes: string[] } {
  const step = cursorStep(state);
  const all = comparedRuns(state);
  const { compared } = state;
  if (!compared || step === null) return { outlines: [], notes: [] };
  const exactOnes = exactHistograms(state, compared, step);
  const outlines: Outline[] = [];
  const unlike: string[] = [];
  let summed = false;
  for (const run of all) {
    const pair = compared.byRun.get(run.name);
    if (!pair) continue;
    const exact = exactOnes?.get(run.name);
    const output: Histograms = exact?.output.steps.length ? exact.output : pair.output;
    const column = lastAtOrBefore(output.steps, step);
    summed ||= output.steps[column] !== output.lastSteps[column];
    const distribution = distributionAt(output, column, 0);
    if (outlines[0] && !sameEdges(outlines[0].distribution, distribution)) {
      unlike.push(shortLabel(state, run));
      continue;
    }
    if (!outlines.length) outlines.push(...reference(pair, step, state));
    outlines.push({
      name: shortLabel(state, run),
      distribution,
      color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
      width: lineWidth(all.length, 1.5),
      ...(isComparable(run, all) ? {} : { dash: [2, 3] }),
    });
  }
  const lacking = chosenRuns(state).filter((run) => !hasChannel(run, compared.channel));
  const notes = [
    summed && "Sums of neighbouring steps are shown until the exact histograms arrive.",
    lacking.length &&
      `Not shown, without a channel “${compared.channel}”: ${lacking.map((run) => shortLabel(state, run)).join(", ")}.`,
    unlike.length && `Not shown, with another value range: ${unlike.join(", ")}.`,
    all.some((run) => !isComparable(run, all)) && "Dotted runs have other reference images.",
  ];
  return { outlines, notes: notes.filter((note): note is string => !!note) };
}

/** Not summed with neighbouring steps, if they are here: of the same quantity, channel and step as the rest. */
function exactHistograms(
  { comparedAtStep }: State,
  { quantity, channel }: ComparedHistograms,
  step: number,
): ComparedHistograms["byRun"] | null {
  const isSame =
    comparedAtStep?.quantity === quantity && comparedAtStep.channel === channel && comparedAtStep.step === step;
  return isSame ? comparedAtStep.byRun : null;
}

function reference(pair: HistogramPair, step: number, state: State): Outline[] {
  if (!pair.reference) return [];
  const color = state.theme === "dark" ? "#dadce0" : "#3c4043";
  return [
    {
      name: "reference",
      distribution: atOrBefore(pair.reference, step, 0),
      color,
      width: 2,
      dash: [4, 3],
      fill: withAlpha(color, 0.12),
    },
  ];
}
