// Scores of the difference between outputs and baseline, over steps.

import { markPainter } from "../../charts/marks";
import { StepChart } from "../../charts/step_chart";
import { seriesTable, type Table } from "../../charts/table";
import { runColor, scoreColor } from "../../drawing/colors";
import { pageColors } from "../../drawing/page_colors";
import { alarmPainter } from "../../drawing/painters";
import { together } from "../../drawing/pen";
import type { Line } from "../../drawing/plot";
import { DISTANCE, type Score, type ScoreGroup } from "../../model/scores";
import { alignBySteps, stepWidth, valueAt } from "../../model/series";
import { type ScoreSeries, spanOf } from "../../model/types";
import type { Paint } from "../../state/frames";
import {
  baselineName,
  baselinePhrase,
  cursorStep,
  findScore,
  inChannel,
  shownAxis,
  shownBaseline,
  shownChannel,
  shownColumns,
} from "../../state/shown";
import type { State } from "../../state/state";
import { stepWord } from "../../state/step_words";

export function driftView(state: State, paint: Paint, group: ScoreGroup): StepChart {
  return new StepChart(state, paint, {
    title: group.title,
    titleOf: (shown) => titleOf(shown, group),
    height: 126,
    values: () => group.axis,
    plot: (state) => plot(state, group),
    legend: (state) => {
      const step = cursorStep(state);
      return group.scores.flatMap((score, index) => {
        const { label, help, dashed, format } = score;
        const series = find(state, score);
        if (!series || !state.detail || step === null) return [];
        const value = format(valueAt(series, step), spanOf(state.detail.stream));
        return [{ label, help, dashed: !!dashed, color: color(state, group, index), value }];
      });
    },
    table: (state) => table(state, group),
  });
}

function find(state: State, { name, ofReference }: Score): ScoreSeries | undefined {
  return ofReference && shownBaseline(state).kind !== "reference" ? undefined : findScore(state, name);
}

function titleOf(state: State, group: ScoreGroup): string {
  return group.title + (group.suffix?.(baselinePhrase(state)) ?? "");
}

function plot(state: State, group: ScoreGroup) {
  if (!state.detail) return null;
  const found = group.scores.map((score) => find(state, score));
  // The baseline cannot be compared with; the toolbar says so.
  if (!found.some((series) => series)) return null;
  const present = found.some((series) => series && Array.from(series.values).some((value) => value !== 0));
  if (group.onlyWhenNonZero && !present) return null;
  const { steps, columns } = alignBySteps(found.map((series) => series ?? { steps: [], wallTimes: [], values: [] }));
  const lines = group.scores.map(
    ({ name, dashed }, index): Line => ({
      label: name,
      color: color(state, group, index),
      ...(dashed ? { dash: [5, 4] } : {}),
      values: columns[index] ?? [],
    }),
  );
  const ideal: Line = {
    label: "ideal",
    color: state.theme === "dark" ? "#9aa0a6" : "#80868b",
    width: 1,
    dash: [2, 4],
    unmarked: true,
    values: steps.map(() => group.ideal),
  };
  const { output } = state.detail.histograms;
  const columnsShown = shownColumns(state);
  const alarms = output.steps.filter((_, index) => columnsShown[index]?.nonFinite);
  const alarm = alarmPainter(alarms, shownAxis(state), pageColors().alarm, stepWidth(output.steps));
  const marks = markPainter(state);
  return {
    x: steps,
    lines: [ideal, ...lines],
    range: null,
    unit: group.unit,
    under: together(marks, alarm),
  };
}

function color(state: State, group: ScoreGroup, index: number): string {
  if (group === DISTANCE) return runColor(state.detail?.run.eventDirectory ?? "", state.directoryOrder, state.theme);
  return scoreColor(index, state.theme);
}

function table(state: State, group: ScoreGroup): Table | null {
  const { detail } = state;
  if (!detail) return null;
  const found = group.scores.flatMap((score) => find(state, score) ?? []);
  const what = group === DISTANCE ? `drift from ${baselineName(state)}` : group.title;
  return seriesTable(
    `${detail.run.name} ${detail.stream.name} ${what}${inChannel(shownChannel(state))}`,
    stepWord(state),
    found.map((series) => [series.name, series]),
  );
}
