// Marks on the axis of steps that all charts of a run carry: findings, and the step that is the baseline.

import { pageColors } from "../drawing/page_colors";
import type { Painter } from "../drawing/pen";
import { shownAxis, shownBaseline } from "../state/shown";
import { derived, type State } from "../state/state";

const shownFindings = derived(({ detail, findings }) => findings.get(detail?.run.name ?? ""));

/** Where the shown stream's findings begin; a finding of another run changes nothing here. */
const markedSteps = derived((state): readonly number[] => {
  const stream = state.detail?.stream.name;
  const found = shownFindings(state) ?? [];
  return [...new Set(found.filter((finding) => finding.stream === stream).map(({ firstStep }) => firstStep))];
});

/** A red line where something began to be wrong; a dotted one at the step that is the baseline. */
export function markPainter(state: State): Painter {
  const { alarm, ink } = pageColors();
  const axis = shownAxis(state);
  const begins = markedSteps(state);
  const baseline = shownBaseline(state);
  return (pen, frame) =>
    pen.within(frame, () => {
      const { top, height } = frame;
      for (const step of begins) {
        const x = frame.x(axis.toX(step));
        pen.path(
          [
            [x, top],
            [x, top + height],
          ],
          { stroke: alarm, dash: [4, 3] },
        );
        pen.path(
          [
            [x - 5, top],
            [x + 5, top],
            [x, top + 7],
          ],
          { fill: alarm },
        );
      }
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
