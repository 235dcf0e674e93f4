// Marks on the axis of steps that all charts of a run carry: findings, and the step that is the baseline.

import { withAlpha } from "../drawing/colors";
import { pageColors } from "../drawing/page_colors";
import { edgeOf, type Frame, type Painter, type Pen } from "../drawing/pen";
import { columnEdges } from "../model/axis";
import { nearestIndex, stepWidth } from "../model/series";
import { type Finding, lookOf } from "../model/types";
import { recordedSteps, shownAxis, shownBaseline } from "../state/shown";
import { derived, type State } from "../state/state";

const SHADE = 0.08;
const BAR = 5;
const LINE_HEIGHT = 14;

const allFindings = derived(({ detail, findings }) => findings.get(detail?.run.name ?? ""));

/** Those of the shown stream; a finding of another run changes nothing here. */
const shownFindings = derived((state): readonly Finding[] => {
  const stream = state.detail?.stream.name;
  return (allFindings(state) ?? []).filter((finding) => finding.stream === stream);
});

/**
 * Each finding shaded from its first step to its last, with a line where it begins; a dotted line at the step that is
 * the baseline. `onPixels` a shade would change the colours: a bar at the bottom takes its place, and the findings
 * have their names.
 */
export function markPainter(state: State, { onPixels = false } = {}): Painter {
  const { alarm, warn, ink } = pageColors();
  const axis = shownAxis(state);
  const steps = recordedSteps(state);
  const baseline = shownBaseline(state);
  const findings = shownFindings(state);
  /** From the left edge of a step's column, or to its right edge. */
  const edge = ({ x }: Frame, step: number, side: 0 | 1): number =>
    x(axis.toX(columnEdges(steps, nearestIndex(steps, step), stepWidth(steps))[side]));
  return (pen, frame) =>
    pen.within(frame, () => {
      const { top, height } = frame;
      findings.forEach((finding, row) => {
        const { id, episodes } = finding;
        const color = { error: alarm, warning: warn, early: ink }[lookOf(finding)];
        episodes.forEach(([first, last], index) => {
          const left = edge(frame, first, 0);
          const box = { left, top, width: edge(frame, last, 1) - left, height };
          if (onPixels) pen.path(edgeOf({ ...box, top: top + height - BAR, height: BAR }), { fill: color });
          else pen.path(edgeOf(box), { fill: withAlpha(color, SHADE) });
          markBegin(pen, frame, frame.x(axis.toX(first)), color);
          if (onPixels && index === 0) name(pen, frame, id.replaceAll("_", " "), frame.x(axis.toX(first)), row, color);
        });
      });
      if (baseline.kind !== "step" || baseline.step === null) return;
      const x = frame.x(axis.toX(baseline.step));
      pen.path(
        [
          [x, top],
          [x, top + height],
        ],
        { stroke: ink, dash: [1, 3], width: 2 },
      );
    });
}

function markBegin(pen: Pen, { top, height }: Frame, x: number, color: string): void {
  pen.path(
    [
      [x, top],
      [x, top + height],
    ],
    { stroke: color, dash: [4, 3] },
  );
  pen.path(
    [
      [x - 5, top],
      [x + 5, top],
      [x, top + 7],
    ],
    { fill: color },
  );
}

/** Beside the line, a row each: two findings may begin at one step. */
function name(pen: Pen, frame: Frame, word: string, x: number, row: number, color: string): void {
  const isRight = x > frame.left + frame.width * 0.75;
  pen.text(word, [isRight ? x - 4 : x + 4, frame.top + 14 + row * LINE_HEIGHT], color, isRight ? "end" : "start");
}
