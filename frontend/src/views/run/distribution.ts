// At the cursor: the outputs' histogram over that of the baseline.

import { runColor, statisticColor, withAlpha } from "../../drawing/colors";
import { h } from "../../base/dom";
import { formatCount, formatIntensity, formatShare } from "../../base/format";
import { HistogramChart, outlineTable } from "../../charts/histogram_chart";
import { distributionAt, occupiedWindow, sameEdges, type Distribution } from "../../model/distribution";
import type { Outline } from "../../drawing/outline";
import { Panel } from "../../charts/panel";
import { nearestIndex } from "../../model/series";
import { atOrBefore, baselineAt, baselineName, cursorStep, shownBaseline, shownRow } from "../../state/shown";
import type { State } from "../../state/state";
import type { Store } from "../../state/store";

/** `large` is the form of its own; the other stands beside the charts over epochs. */
export function distributionView(store: Store, large: boolean): Panel {
  const histogram = new HistogramChart("Histogram of the outputs at the epoch over the baseline's", large ? 300 : 230);
  const hint = h("p.hint");
  const follow = h("button.follow", { title: "Let go of this epoch and follow the latest one (Escape)" }, "latest");
  follow.onclick = () => store.update({ chosen: null });
  const compare = h("button.toggle", { title: "Measure all epochs by this one" }, "use as baseline");
  compare.onclick = () => {
    const step = cursorStep(store.state);
    store.update({ baseline: { kind: "step", step, run: null } });
  };
  const panel = new Panel("At the epoch", {
    body: h("div", {}, histogram.chart.element, hint),
    tools: large ? [] : [compare, follow],
    chart: histogram.chart,
    table: () => {
      const { detail } = store.state;
      return detail && outlineTable(`${detail.run.name} ${detail.stream.name} ${detail.quantity} epoch ${cursorStep(store.state)}`, outlines(store.state));
    },
  });
  store.watch(
    (state) => [state.detail, state.row, state.theme, state.directoryOrder, state.baseline, state.baselineData, state.logCounts, cursorStep(state), state.chosen, state.form],
    (state) => {
      const { detail } = state;
      const step = cursorStep(state);
      panel.element.hidden = large !== (state.form === "single");
      if (!detail || step === null || panel.element.hidden) return;
      const shown = outlines(state);
      const window = occupiedWindow(shown.map(({ distribution }) => distribution));
      const noun = detail.quantity === "pixels" ? "pixel" : "image";
      panel.title = `Epoch ${step}`;
      follow.hidden = state.chosen === null;
      panel.showLegend(
        [...shown].reverse().map(({ name, color, dash }) => ({ label: name, color, dashed: !!dash, value: "" })),
      );
      const means = shown.map(({ name, distribution }) => `${name} around ${formatIntensity(distribution.mean, distribution.high - distribution.low)}`);
      histogram.chart.element.ariaLabel = `Histogram at epoch ${step}: ${means.reverse().join(", ")}`;
      histogram.show({ outlines: shown, window, log: state.logCounts, noun });
      hint.textContent = outsideSentence(shown[shown.length - 1]!.distribution, noun) || "Point at a bar for its counts.";
      panel.refreshTable();
    },
  );
  return panel;
}

/** Reference, baseline where it is another, outputs on top. */
function outlines(state: State): Outline[] {
  const { detail } = state;
  const step = cursorStep(state);
  if (!detail || step === null) return [];
  const row = shownRow(state);
  const { output, reference } = detail.histograms;
  const made = distributionAt(output, nearestIndex(output.steps, step), row);
  const color = runColor(detail.run.eventDirectory, state.directoryOrder, state.theme);
  const ink = state.theme === "dark" ? "#dadce0" : "#3c4043";
  const all: Outline[] = [];
  if (reference)
    all.push({ name: "reference", distribution: atOrBefore(reference, step, row), color: ink, width: 1.25, dash: [4, 3], fill: withAlpha(ink, 0.1) });
  const other = shownBaseline(state).kind === "reference" ? null : baselineAt(state, step);
  if (other && sameEdges(other, made))
    all.push({ name: baselineName(state), distribution: other, color: statisticColor(1, state.theme), width: 1.5, dash: [1, 2] });
  return [...all, { name: "outputs", distribution: made, color, width: 2, fill: withAlpha(color, 0.28) }];
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
