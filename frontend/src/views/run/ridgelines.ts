// Histograms of many steps at once: one above the other as ridgelines, or all on one ground.

import { h } from "../../base/dom";
import { HistogramChart, outlineTable } from "../../charts/histogram_chart";
import { Panel } from "../../charts/panel";
import { stepEvents } from "../../charts/step_events";
import { countColors, cssRamp, runColor, withAlpha } from "../../drawing/colors";
import { highest, type Outline } from "../../drawing/outline";
import type { Distribution } from "../../model/distribution";
import { QUANTITIES } from "../../model/quantities";
import { nearestIndex } from "../../model/series";
import { shownCells } from "../../state/cells";
import type { Paint } from "../../state/frames";
import { baselineName, cursorStep, nearestRecorded, shownColumns, shownDomain } from "../../state/shown";
import { type State, update } from "../../state/state";
import { stepName, stepWord } from "../../state/step_words";

const MAX_RIDGES = 36;
/** How many ridges high the fullest bin of an ordinary step is. */
const OVERLAP = 3;

export function ridgesView(state: State, paint: Paint): Panel {
  const keys = stepEvents(state);
  const stepAt = (y: number): number | null => nearestRecorded(state, y);
  let pointed = 0;
  const histogram = new HistogramChart("Histograms of the steps. Arrow keys move the step.", 330, {
    onHover: (x, _, y) => {
      pointed = y;
      if (state.form === "ridgelines") update(state, { hovered: x === null ? null : stepAt(y) });
    },
    onPick: () => {
      if (state.form === "ridgelines") update(state, { chosen: stepAt(pointed), hovered: null });
    },
    ...(keys.onKey ? { onKey: keys.onKey } : {}),
  });
  const panel = new Panel("Ridgelines", {
    body: h("div", {}, histogram.chart.element),
    picture: histogram.chart,
    table: () => {
      const { detail } = state;
      return (
        detail &&
        outlineTable(
          `${detail.run.name} ${detail.stream.name} ${detail.quantity} of ${stepWord(state)}s`,
          ridges(state, shownColumns(state)),
        )
      );
    },
  });
  paint(() => {
    const isApart = state.form === "ridgelines";
    panel.element.hidden = !isApart && state.form !== "overlay";
    if (panel.element.hidden || !state.detail) return;
    const { run, quantity } = state.detail;
    const { title, noun } = QUANTITIES[quantity];
    const { window, columns, baseline } = shownCells(state);
    const outlines = ridges(state, columns);
    const steps = outlines.map(({ base }) => base ?? 0);
    panel.title = title;
    panel.showLegend([
      {
        label: stepWord(state),
        color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
        value: String(cursorStep(state)),
      },
      ...(isApart
        ? [
            { label: "first to last", color: "", ramp: cssRamp("viridis", "light").reverse(), value: "" },
            ...(baseline ? [{ label: baselineName(state), color: behindColor(state), value: "" }] : []),
          ]
        : [{ label: "early faint, late strong", color: outlines[outlines.length - 2]?.color ?? "", value: "" }]),
    ]);
    const gap = gapOf(steps);
    const [low, high] = [Math.min(...steps), Math.max(...steps)];
    histogram.show({
      outlines: isApart && baseline ? outlines.flatMap((one) => [behind(one, baseline, state), one]) : outlines,
      window,
      log: !isApart && state.logCounts,
      noun,
      ...(isApart ? { steps: [low - gap * (OVERLAP + 1), high + gap / 2] as const } : {}),
    });
    panel.refreshTable();
  });
  return panel;
}

/** The baseline behind a ridge. */
function behind(ridge: Outline, distribution: Distribution, state: State): Outline {
  const { fill: _, ...rest } = ridge;
  return { ...rest, name: "", distribution, color: behindColor(state), width: 1, silent: true };
}

function behindColor({ theme }: State): string {
  return theme === "dark" ? "#bdc1c6" : "#5f6368";
}

/** The steps that are drawn, evenly chosen, and on top the one at the cursor. */
function ridges(state: State, columns: readonly Distribution[]): Outline[] {
  const { detail } = state;
  if (!detail) return [];
  const { steps } = detail.histograms.output;
  const [low, high] = shownDomain(state);
  const inside = steps.flatMap((step, index) => (step >= low && step <= high ? [index] : []));
  const count = Math.min(MAX_RIDGES, inside.length);
  const drawn = Array.from(
    { length: count },
    (_, i) => inside[Math.round((i * (inside.length - 1)) / Math.max(1, count - 1))]!,
  );
  const cursor = nearestIndex(steps, cursorStep(state) ?? 0);
  const apart = state.form === "ridgelines";
  const colors = countColors(state.colorMap, state.theme);
  const ink = state.theme === "dark" ? "#9aa0a6" : "#80868b";
  const edge = state.theme === "dark" ? "#373737" : "#ffffff";
  const order = countColors("viridis", "light");
  const gap = gapOf(drawn.map((index) => steps[index]!));
  const plain = drawn.map(
    (index): Outline => ({ name: stepName(state, steps[index]), distribution: columns[index]!, color: ink }),
  );
  // A few spikes must not flatten all others: they stand higher than the rest.
  const peaks = plain.map((one) => highest([one])).sort((a, b) => a - b);
  const tall = peaks[peaks.length >> 1] ?? 1;
  const outline = (index: number, place: number): Outline => {
    const shade = Math.round(100 + (155 * place) / Math.max(1, count - 1)) * 3;
    return {
      name: stepName(state, steps[index]),
      distribution: columns[index]!,
      color: apart ? edge : `rgb(${colors.slice(shade, shade + 3).join()})`,
      width: 1,
      ...(apart ? { base: steps[index]!, scale: (-gap * OVERLAP) / tall, fill: inOrder(index) } : {}),
    };
  };
  /** From the first step to the last. */
  const inOrder = (index: number): string => {
    const shade = Math.round(255 * (1 - index / Math.max(1, steps.length - 1))) * 3;
    return withAlpha(`rgb(${order.slice(shade, shade + 3).join()})`, 0.85);
  };
  const strong = { color: runColor(detail.run.eventDirectory, state.directoryOrder, state.theme), width: 2.5 };
  return apart
    ? [...new Set([...drawn, cursor])]
        .sort((a, b) => a - b)
        .map((index) => ({ ...outline(index, 0), ...(index === cursor ? strong : {}) }))
    : [...drawn.map(outline), { ...outline(cursor, 0), ...strong }];
}

function gapOf(steps: readonly number[]): number {
  return steps.length > 1 ? (steps[steps.length - 1]! - steps[0]!) / (steps.length - 1) : 1;
}
