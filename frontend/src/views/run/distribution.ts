// The histogram of the outputs at the cursor, over that of the baseline.

import { h } from "../../base/dom";
import { capital, formatCount, formatIntensity, formatShare } from "../../base/format";
import { HistogramChart, outlineTable } from "../../charts/histogram_chart";
import { Panel } from "../../charts/panel";
import { runColor, scoreColor, withAlpha } from "../../drawing/colors";
import type { Outline } from "../../drawing/outline";
import { type Distribution, distributionAt, sameEdges } from "../../model/distribution";
import { QUANTITIES } from "../../model/quantities";
import { nearestIndex } from "../../model/series";
import { type Cells, shownCells, shownPeak } from "../../state/cells";
import type { Paint } from "../../state/frames";
import { atOrBefore, baselineAt, baselineName, cursorStep, shownBaseline, shownChannelIndex } from "../../state/shown";
import { type State, update } from "../../state/state";
import { stepName } from "../../state/step_words";

/** `large` is a form of its own; the small one stands beside the charts over steps. */
export function distributionView(state: State, paint: Paint, large: boolean): Panel {
  const histogram = new HistogramChart("Histogram of the outputs at the step over the baseline's", large ? 300 : 230);
  const hint = h("p.hint");
  const follow = h("button.follow", { title: "Follow the latest step again (Escape)" }, "latest");
  follow.onclick = () => update(state, { chosen: null });
  const compare = h("button.toggle", { title: "Compare all steps with this one" }, "use as baseline");
  compare.onclick = () => {
    const step = cursorStep(state);
    update(state, { baseline: { kind: "step", step, run: null } });
  };
  const panel = new Panel("At the step", {
    body: h("div", {}, histogram.chart.element, hint),
    tools: large ? [] : [compare, follow],
    picture: histogram.chart,
    table: () => {
      const { detail } = state;
      return (
        detail &&
        outlineTable(
          `${detail.run.name} ${detail.stream.name} ${detail.quantity} ${stepName(state, cursorStep(state))}`,
          outlines(state, (one) => one),
        )
      );
    },
  });
  paint(() => {
    panel.element.hidden = large !== (state.form === "single");
    if (panel.element.hidden) return;
    const { detail } = state;
    const step = cursorStep(state);
    if (!detail || step === null) return;
    const { window, of } = shownCells(state);
    const shown = outlines(state, of);
    const { noun } = QUANTITIES[detail.quantity];
    panel.title = capital(stepName(state, step));
    follow.hidden = state.chosen === null;
    panel.showLegend(
      [...shown].reverse().map(({ name, color, dash }) => ({ label: name, color, dashed: !!dash, value: "" })),
    );
    const means = shown.map(
      ({ name, distribution }) =>
        `${name} around ${formatIntensity(distribution.mean, distribution.high - distribution.low)}`,
    );
    histogram.chart.element.ariaLabel = `Histogram at ${stepName(state, step)}: ${means.reverse().join(", ")}`;
    histogram.show({ outlines: shown, window, log: state.logCounts, noun, peak: shownPeak(state) });
    const { output } = detail.histograms;
    const outputs = distributionAt(output, nearestIndex(output.steps, step), shownChannelIndex(state));
    hint.textContent = outsideSentence(outputs, noun) || "Point at a bar for its counts.";
    panel.refreshTable();
  });
  return panel;
}

/** Reference, baseline where it is another, outputs on top, in some cells. */
function outlines(state: State, of: Cells["of"]): Outline[] {
  const { detail } = state;
  const step = cursorStep(state);
  if (!detail || step === null) return [];
  const channel = shownChannelIndex(state);
  const { output, reference } = detail.histograms;
  const outputs = distributionAt(output, nearestIndex(output.steps, step), channel);
  const color = runColor(detail.run.eventDirectory, state.directoryOrder, state.theme);
  const ink = state.theme === "dark" ? "#dadce0" : "#3c4043";
  const all: Outline[] = [];
  if (reference)
    all.push({
      name: "reference",
      distribution: of(atOrBefore(reference, step, channel)),
      color: ink,
      width: 1.25,
      dash: [4, 3],
      fill: withAlpha(ink, 0.1),
    });
  const other = shownBaseline(state).kind === "reference" ? null : baselineAt(state, step);
  if (other && sameEdges(other, outputs))
    all.push({
      name: baselineName(state),
      distribution: of(other),
      color: scoreColor(1, state.theme),
      width: 1.5,
      dash: [1, 2],
    });
  return [...all, { name: "outputs", distribution: of(outputs), color, width: 2, fill: withAlpha(color, 0.28) }];
}

function outsideSentence({ underflow, overflow, nonFinite, finite }: Distribution, noun: string): string {
  const total = finite + nonFinite;
  const parts = [
    underflow && `${formatCount(underflow, noun)} (${formatShare(underflow / total)}) below the range`,
    overflow && `${formatCount(overflow, noun)} (${formatShare(overflow / total)}) above the range`,
    nonFinite && `${formatCount(nonFinite, noun)} (${formatShare(nonFinite / total)}) not finite`,
  ].filter(Boolean);
  return parts.length ? `${parts.join(", ")}.` : "";
}
