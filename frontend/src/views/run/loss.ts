// The training loop's own curves: the loss, and all others that are ticked.

import { h } from "../../base/dom";
import { formatNumber } from "../../base/format";
import { markPainter } from "../../charts/marks";
import { menu } from "../../charts/menus";
import { StepChart } from "../../charts/step_chart";
import { seriesTable } from "../../charts/table";
import { runColor, scoreColor } from "../../drawing/colors";
import { pageColors } from "../../drawing/page_colors";
import { alarmPainter } from "../../drawing/painters";
import type { Painter } from "../../drawing/pen";
import { alignBySteps, type Domain, nonFiniteSteps, stepWidth, valueAt } from "../../model/series";
import type { CurveSeries } from "../../model/types";
import type { Paint } from "../../state/frames";
import { cursorStep, shownAxis, wholeDomain } from "../../state/shown";
import { type State, update } from "../../state/state";
import { stepWord } from "../../state/step_words";
import { logToggle } from "../shell/choices";

const NO_LOSS =
  "No loss was written beside these images. MeanPixelCallback writes the training's logs, MeanPixelWriter what write() gets as scalars; any scalars in this directory are shown here too.";

export function lossView(state: State, paint: Paint): StepChart {
  const { element: picker, refresh } = menu(h("summary", {}, "Scalars"), () => pickerRows(state));
  const log = logToggle(state, paint);
  const empty = h("p.hint", {}, NO_LOSS);
  paint(() => {
    const none = !state.detail?.scalars.curves.length;
    empty.hidden = !none;
    picker.hidden = log.hidden = none;
    void state.tickedCurves;
    refresh();
  });
  return new StepChart(state, paint, {
    title: "Loss",
    height: 150,
    values: () => "loss",
    tools: [log, picker],
    body: (chart) => h("div", {}, chart, empty),
    plot: (state, { element }) => {
      if (!state.detail) return null;
      element.hidden = !state.detail.scalars.curves.length;
      const shown = onAxis(state);
      const { steps, columns } = alignBySteps(shown);
      const { alarm } = pageColors();
      const marks = markPainter(state);
      const under: Painter = (pen, frame) => {
        marks(pen, frame);
        for (const series of shown)
          alarmPainter(nonFiniteSteps(series), shownAxis(state), alarm, stepWidth(series.steps))(pen, frame);
      };
      return {
        x: steps,
        range: null,
        log: state.logLoss,
        under,
        lines: shown.map((series, index) => ({
          label: key(series),
          color: color(state, series),
          ...(series.curve.split === "validation" ? { dash: [5, 4] } : {}),
          values: columns[index] ?? [],
        })),
      };
    },
    legend: (state) =>
      shownCurves(state).map((series) => ({
        label: curveLabel(series),
        help: `${series.curve.eventDirectory} · ${series.curve.tag}`,
        dashed: series.curve.split === "validation",
        color: color(state, series),
        value: formatNumber(valueAt(series, cursorStep(state) ?? 0)),
      })),
    table: (state) =>
      state.detail &&
      seriesTable(
        `${state.detail.run.name} curves`,
        stepWord(state),
        onAxis(state).map((series) => [curveLabel(series), series]),
      ),
  });
}

function pickerRows(state: State): HTMLElement[] {
  const shown = new Set(shownCurves(state).map(key));
  return (state.detail?.scalars.curves ?? []).map((series) =>
    h(
      "label.tick",
      { title: `${series.curve.eventDirectory} · ${series.curve.tag}` },
      h("input", {
        type: "checkbox",
        checked: shown.has(key(series)),
        data: { key: key(series) },
        onchange: () => {
          const ticked = new Set(shownCurves(state).map(key));
          if (!ticked.delete(key(series))) ticked.add(key(series));
          update(state, { tickedCurves: ticked });
        },
      }),
      curveLabel(series),
      h("small", {}, series.curve.eventDirectory),
    ),
  );
}

/** The ticked curves; the loss until one is ticked. */
export function shownCurves({ detail, tickedCurves }: State): readonly CurveSeries[] {
  const all = detail?.scalars.curves ?? [];
  const ticked = tickedCurves ? all.filter((series) => tickedCurves.has(key(series))) : [];
  return ticked.length || tickedCurves?.size === 0 ? ticked : all.filter(({ curve }) => curve.primary);
}

export function curveLabel({ curve }: CurveSeries): string {
  return curve.split === "validation" ? `${curve.name} (validation)` : curve.name;
}

/** Solid is training, dashed is validation; one colour for each name. */
function color(state: State, series: CurveSeries): string {
  const names = [...new Set(shownCurves(state).map(({ curve }) => curve.name))];
  const index = names.indexOf(series.curve.name);
  return index === 0
    ? runColor(state.detail?.run.eventDirectory ?? "", state.directoryOrder, state.theme)
    : scoreColor(index - 1, state.theme);
}

/** The same for the same curve of another run, so that ticks stay. */
function key({ curve }: CurveSeries): string {
  return `${curve.name} ${curve.split} ${curve.tag}`;
}

/** Only steps on the axis: some writers count batches. */
function onAxis(state: State): CurveSeries[] {
  const [low, high]: Domain = wholeDomain(state);
  return shownCurves(state).map((series) => {
    const kept = Array.from(series.steps, (step) => step >= low && step <= high);
    if (kept.every(Boolean)) return series;
    const keep = (all: ArrayLike<number>): number[] => Array.from(all).filter((_, index) => kept[index]);
    return { ...series, steps: keep(series.steps), wallTimes: keep(series.wallTimes), values: keep(series.values) };
  });
}
