// Histograms of several runs at one epoch, on one ground.

import { runColor, withAlpha } from "../../drawing/colors";
import { chosenRuns, comparedRuns, inChannel, isComparable, widthOfLines } from "../../state/comparison";
import { h } from "../../base/dom";
import { HistogramChart, outlineTable } from "../../charts/histogram_chart";
import { distributionAt, occupiedWindow, sameEdges } from "../../model/distribution";
import { hasChannel, type Histograms, type HistogramPair } from "../../model/types";
import type { Outline } from "../../drawing/outline";
import { Panel } from "../../charts/panel";
import { lastAtOrBefore } from "../../model/series";
import { atOrBefore, cursorStep } from "../../state/shown";
import type { State } from "../../state/state";
import type { Store } from "../../state/store";
import { runLabel } from "../../state/runs";

const MOST_KEYS = 7;

export function compareHistograms(store: Store): HTMLElement {
  const histogram = new HistogramChart("Histograms of the compared runs at the epoch", 260);
  const hint = h("p.hint");
  const panel = new Panel("Outputs at the epoch", {
    body: h("div", {}, histogram.chart.element, hint),
    chart: histogram.chart,
    table: () => outlineTable(`outputs of runs epoch ${cursorStep(store.state)}${inChannel(store.state.compared?.channel ?? "")}`, runOutlines(store.state).outlines),
  });
  store.watch(
    (state) => [state.compared, state.comparedAt, comparedRuns(state), cursorStep(state), state.theme, state.directoryOrder, state.logCounts],
    (state) => {
      const { outlines, notes } = runOutlines(state);
      panel.element.hidden = !outlines.length;
      if (panel.element.hidden || !state.compared) return;
      panel.title = `Outputs at epoch ${cursorStep(state)}${inChannel(state.compared.channel)}`;
      const keys = outlines.slice(0, MOST_KEYS).map(({ name, color, dash }) => ({ label: name, color, dashed: !!dash, value: "" }));
      const more = outlines.length - keys.length;
      panel.showLegend(more ? [...keys, { label: `and ${more} more, in the colours of the table`, color: "", value: "" }] : keys);
      const window = occupiedWindow(outlines.map(({ distribution }) => distribution));
      histogram.show({ outlines, window, log: state.logCounts, noun: state.compared.quantity === "pixels" ? "pixel" : "image" });
      hint.textContent = notes.join(" ");
      panel.refreshTable();
    },
  );
  return panel.element;
}

/** The runs' outputs on top of the reference of the first; and what must be said of them. */
function runOutlines(state: State): { outlines: Outline[]; notes: string[] } {
  const { compared, comparedAt } = state;
  const step = cursorStep(state);
  const all = comparedRuns(state);
  if (!compared || step === null) return { outlines: [], notes: [] };
  const outlines: Outline[] = [];
  const left: string[] = [];
  let summed = false;
  for (const run of all) {
    const pair = compared.columns.get(run.name);
    if (!pair) continue;
    const exact = comparedAt?.step === step ? comparedAt.exact.get(run.name) : undefined;
    const output: Histograms = exact?.output.steps.length ? exact.output : pair.output;
    const column = lastAtOrBefore(output.steps, step);
    summed ||= output.steps[column] !== output.lastSteps[column];
    const distribution = distributionAt(output, column, 0);
    if (outlines[0] && !sameEdges(outlines[0].distribution, distribution)) {
      left.push(runLabel(run));
      continue;
    }
    if (!outlines.length) outlines.push(...reference(pair, step, state));
    outlines.push({
      name: runLabel(run),
      distribution,
      color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
      width: widthOfLines(all.length, 1.5),
      ...(isComparable(run, all) ? {} : { dash: [2, 3] }),
    });
  }
  const lacking = chosenRuns(state).filter((run) => !hasChannel(run, compared.channel));
  const notes = [
    summed && "Neighbouring epochs are summed until the exact ones arrive.",
    lacking.length && `Not shown, as they have no channel ${compared.channel}: ${lacking.map(runLabel).join(", ")}.`,
    left.length && `Not shown, as their value range is another: ${left.join(", ")}.`,
    all.some((run) => !isComparable(run, all)) && "Dotted runs were measured by other reference images.",
  ];
  return { outlines, notes: notes.filter((note): note is string => !!note) };
}

function reference(pair: HistogramPair, step: number, state: State): Outline[] {
  if (!pair.reference) return [];
  const color = state.theme === "dark" ? "#dadce0" : "#3c4043";
  return [{ name: "reference", distribution: atOrBefore(pair.reference, step, 0), color, width: 2, dash: [4, 3], fill: withAlpha(color, 0.12) }];
}
