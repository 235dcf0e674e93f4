// The cells in which the charts of a run show its histograms: all of them the same, over all steps, so that nothing
// jumps while the cursor moves.

import { type Distribution, distributions, occupiedWindow, type Window } from "../model/distribution";
import { fineWindow, inFineCells } from "../model/fine_cells";
import { baselineAt, shownChannelIndex, shownColumns } from "./shown";
import { derived, type State } from "./state";

export interface Cells {
  readonly window: Window;
  /** The outputs of each step. */
  readonly columns: readonly Distribution[];
  /** The baseline at the last step; null while there is none. */
  readonly baseline: Distribution | null;
  /** Another distribution in these cells. */
  readonly of: (one: Distribution) => Distribution;
}

export const shownCells = derived((state): Cells => {
  const columns = shownColumns(state);
  const baseline = lastBaseline(state);
  const { reference } = state.detail?.histograms ?? {};
  const all = [
    ...columns,
    ...(reference ? distributions(reference, shownChannelIndex(state)) : []),
    ...(baseline ? [baseline] : []),
  ];
  const window = fineWindow(all);
  if (!window) return { window: occupiedWindow(all), columns, baseline, of: (one) => one };
  const of = (one: Distribution): Distribution => inFineCells(one, window);
  return { window, columns: columns.map(of), baseline: baseline && of(baseline), of };
});

/** So much higher than the baseline's peak: it keeps its shape while outputs come and go, and a spike is cut. */
const ROOM = 1.5;
/** Without a baseline the peaks of so large a part of the steps are shown whole. */
const WHOLE = 0.98;

/** The greatest share that an axis of shares has room for, at every step. */
export const shownPeak = derived((state): number => {
  const { columns, baseline } = shownCells(state);
  if (baseline?.finite) return ROOM * peakOf(baseline);
  const peaks = columns
    .map(peakOf)
    .filter((peak) => peak > 0)
    .sort((a, b) => a - b);
  return peaks[Math.floor(WHOLE * (peaks.length - 1))] ?? 1;
});

function peakOf({ most, underflow, overflow, finite }: Distribution): number {
  return finite ? Math.max(most, underflow, overflow) / finite : 0;
}

function lastBaseline(state: State): Distribution | null {
  const steps = state.detail?.histograms.output.steps ?? [];
  return baselineAt(state, steps[steps.length - 1] ?? 0);
}
