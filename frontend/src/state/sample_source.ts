// The samples that the page shows: some over all steps in sight, and those of the chosen step.

import { computed, effect, untracked } from "@preact/signals-core";
import { joinSamples, spread } from "../model/samples";
import type { Detail } from "../model/types";
import { fetchSamples } from "../server/samples";
import type { RequestBoard } from "./request_board";
import { shownDomain } from "./shown";
import { type SampleData, type State, update } from "./state";

/** Columns of the strip; a step is at most 25 kB. */
export const COLUMNS = 12;
/** More would fill the memory of a page that is open for days. */
const MAX_SHEETS = 120;

export function startSampleSource(state: State, board: RequestBoard): void {
  const wanted = computed(() => wantedSteps(state)?.join() ?? null);
  effect(() => want(state, board, wanted.value));
}

/** Steps whose samples are in sight; null where there are none. */
function wantedSteps(state: State): number[] | null {
  const { detail, opened, page, chosen } = state;
  if (!detail?.stream.samples || !opened || page !== "run") return null;
  const { steps } = detail.histograms.output;
  const [low, high] = shownDomain(state);
  const inSight = steps.filter((step) => step >= low && step <= high);
  return [...new Set([...spread(inSight, COLUMNS), ...(chosen === null ? [] : [chosen])])];
}

function want(state: State, board: RequestBoard, wanted: string | null): void {
  const { detail } = state;
  if (!detail || wanted === null) {
    board.forgetFailures("samples");
    return;
  }
  const { run, stream } = detail;
  const known = untracked(() => current(state));
  const missing = wanted
    .split(",")
    .map(Number)
    .filter((step) => !known?.samples.sheets.has(step));
  if (!missing.length) return;
  const fetch = () => fetchSamples(run.name, stream.name, missing);
  void board.want("samples", [run.name, stream.name, wanted].join("\n"), run.revision, fetch, (more) => {
    const before = current(state);
    const isRoom = before && before.samples.sheets.size < MAX_SHEETS;
    update(state, {
      sampleData: {
        run: run.name,
        stream: stream.name,
        samples: isRoom ? joinSamples(before.samples, more) : more,
        wallTimes: new Map([...(before?.wallTimes ?? []), ...timesOf(detail)]),
      },
    });
  });
}

/** What is here of the shown stream, without the steps that were written again since. */
function current({ detail, sampleData }: State): SampleData | null {
  if (!detail || sampleData?.run !== detail.run.name || sampleData.stream !== detail.stream.name) return null;
  const times = timesOf(detail);
  const { samples, wallTimes } = sampleData;
  const sheets = new Map([...samples.sheets].filter(([step]) => times.get(step) === wallTimes.get(step)));
  return { ...sampleData, samples: { ...samples, sheets } };
}

function timesOf({ histograms: { output } }: Detail): Map<number, number> {
  return new Map(output.steps.map((step, index) => [step, output.wallTimes[index]!]));
}
