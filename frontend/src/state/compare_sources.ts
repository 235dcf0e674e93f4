// What the views of the comparison want of the server.

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { type HistogramPair, mainStream, type Quantity, type Run } from "../model/types";
import { fetchCurves, fetchHistograms, type HistogramQuery, namesUnlessAll } from "../server/api";
import { comparedChannel, comparedRuns } from "./comparison";
import type { RequestBoard } from "./request_board";
import { cursorStep, recordedSteps } from "./shown";
import { type State, update } from "./state";

/** Columns of a small heatmap. */
const COLUMNS = 160;
/** How long the cursor rests before the exact histograms of its step are fetched. */
const REST_MS = 120;

export function startCompareSources(state: State, board: RequestBoard): void {
  effect(() => wantCurves(state, board));
  effect(() => wantColumns(state, board));
  const step = settled(() => (state.page === "compare" ? cursorStep(state) : null), REST_MS);
  effect(() => wantStep(state, board, step.value));
}

function wantCurves(state: State, board: RequestBoard): void {
  if (state.page !== "compare") {
    board.forgetFailures("curves");
    return;
  }
  const runs = state.catalog?.runs ?? [];
  const fetch = (names: readonly string[]) => fetchCurves(namesUnlessAll(names, runs), runs);
  void board.wantEach("curves", "", comparedRuns(state), fetch, (found) =>
    update(state, { curves: new Map([...state.curves, ...found]) }),
  );
}

function wantColumns(state: State, board: RequestBoard): void {
  if (state.page !== "compare") {
    board.forgetFailures("compared");
    return;
  }
  const { quantity } = state;
  const channel = comparedChannel(state);
  const runs = comparedRuns(state);
  const fetch = (names: readonly string[]) =>
    fetchMainStreams(state, runs, names, quantity, channel, { columns: COLUMNS });
  void board.wantEach("compared", `${quantity}\n${channel}`, runs, fetch, (found) => {
    const { compared } = state;
    const known = compared?.quantity === quantity && compared.channel === channel ? compared.byRun : [];
    update(state, { compared: { quantity, channel, byRun: new Map([...known, ...found]) } });
  });
}

/** Columns are sums of steps where there are many: those of the cursor are shown exactly. */
function wantStep(state: State, board: RequestBoard, step: number | null): void {
  if (state.page !== "compare") {
    board.forgetFailures("step");
    return;
  }
  if (step === null || recordedSteps(state).length <= COLUMNS) return;
  const { quantity } = state;
  const channel = comparedChannel(state);
  const runs = comparedRuns(state);
  const names = runs.map(({ name }) => name);
  const revisions = runs.map(({ name, revision }) => `${name} ${revision}`).join("\n");
  const fetch = () =>
    fetchMainStreams(state, runs, names, quantity, channel, { first: step, last: step, side: "output" });
  void board.want("step", [step, quantity, channel].join("\n"), revisions, fetch, (byRun) =>
    update(state, { comparedAtStep: { step, quantity, channel, byRun } }),
  );
}

/** The value of `read` once it has not changed for so long. */
function settled<Value>(read: () => Value, milliseconds: number): ReadonlySignal<Value> {
  const last = signal(untracked(read));
  effect(() => {
    const value = read();
    const timer = setTimeout(() => (last.value = value), milliseconds);
    return () => clearTimeout(timer);
  });
  return last;
}

/** Histograms of the main stream of each run: one request for each name of a stream. */
async function fetchMainStreams(
  state: State,
  runs: readonly Run[],
  names: readonly string[],
  quantity: Quantity,
  channel: string,
  part: Omit<HistogramQuery, "stream" | "quantity">,
): Promise<Map<string, HistogramPair>> {
  const all = untracked(() => state.catalog?.runs ?? []);
  const missing = new Set(names);
  const byStream = new Map<string, string[]>();
  for (const run of runs) {
    const stream = mainStream(run)?.name;
    if (stream !== undefined && missing.has(run.name))
      byStream.set(stream, [...(byStream.get(stream) ?? []), run.name]);
  }
  const answers = await Promise.all(
    [...byStream].map(([stream, ofStream]) => {
      const having = all.filter(({ streams }) => streams.some(({ name }) => name === stream));
      return fetchHistograms(namesUnlessAll(ofStream, having), { stream, quantity, channel: channel || 0, ...part });
    }),
  );
  return new Map(answers.flatMap((answer) => [...answer]));
}
