// Marks on the axis of epochs that all charts of a run carry: findings, and the epoch compared with.

import { pageColors } from "../drawing/page_colors";
import type { Painter } from "../drawing/pen";
import { shownAxis, shownBaseline } from "../state/shown";
import type { State } from "../state/state";
import { derive } from "../state/store";

/** Where the shown stream's findings begin; what is found in other runs changes nothing here. */
export const markedSteps = derive(
  ({ detail, findings }) => [detail, findings.get(detail?.run.name ?? "")],
  ({ detail, findings }): readonly number[] => {
    if (!detail) return [];
    const found = findings.get(detail.run.name) ?? [];
    return [...new Set(found.filter(({ stream }) => stream === detail.stream.name).map(({ firstStep }) => firstStep))];
  },
);

/** A red line where something began to be wrong; a dotted one at the epoch that is the baseline. */
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
        pen.path([[x, top], [x, top + height]], { stroke: alarm, dash: [4, 3] });
        pen.path([[x - 5, top], [x + 5, top], [x, top + 7]], { fill: alarm });
      }
      if (baseline.kind !== "step" || baseline.step === null) return;
      const x = frame.x(axis.toX(baseline.step));
      pen.path([[x, top], [x, top + height]], { stroke: ink, dash: [1, 3], width: 2 });
    });
}
