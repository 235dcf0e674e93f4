// What a step is called: what the records count, an epoch, a step of a loop, or images.

import { formatCount } from "../base/format";
import { mainStream, type StepUnit } from "../model/types";
import { comparedRuns } from "./comparison";
import { derived, type State } from "./state";

/** Of all that is shown: "epoch", "step" or "image"; "step" where runs count different things. */
export const stepWord = derived((state): StepUnit => {
  if (state.page === "run") return state.detail?.stream.unit ?? "step";
  const units = new Set(comparedRuns(state).map((run) => mainStream(run)?.unit ?? "step"));
  const [unit] = units;
  return units.size === 1 && unit ? unit : "step";
});

/** "epoch 12" */
export function stepName(state: State, step: number | null | undefined): string {
  return `${stepWord(state)} ${step}`;
}

/** "epochs 3 to 7" */
export function stepRange(state: State, first: number, last: number): string {
  return first === last ? stepName(state, first) : `${stepWord(state)}s ${first} to ${last}`;
}

/** How many there are: "24 epochs"; where not every step was recorded "201 records". */
export function recordCount(state: State, count: number): string {
  return formatCount(count, stepWord(state) === "epoch" ? "epoch" : "record");
}
