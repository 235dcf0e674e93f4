// Requests the data that the views need, as soon as the state needs it.
//
// Each source is an effect: it follows the parts of the state that it reads. The
// board knows which of its data is here or on its way already.

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { continueCatalog } from "../model/append";
import { lastAtOrBefore } from "../model/series";
import { type HistogramPair, mainStream, type Quantity, type Run, type Stream } from "../model/types";
import {
  fetchBaselineScores,
  fetchCurves,
  fetchFindings,
  fetchHistograms,
  fetchOpening,
  fetchOverview,
  fetchRuns,
  type HistogramQuery,
  type RunNames,
} from "../server/api";
import { comparedChannel, comparedRuns } from "./comparison";
import { DetailSource } from "./detail_source";
import { ImageSource } from "./image_source";
import { RequestBoard } from "./request_board";
import { chosenStream, cursorStep, recordedSteps } from "./shown";
import { type State, update } from "./state";

/** Columns of a small heatmap. */
export const COLUMNS = 160;
/** How long the cursor rests before the exact histograms of its step are asked for. */
const REST_MS = 120;

export class Sources {
  readonly #state: State;
  readonly #board: RequestBoard;
  readonly #details = new DetailSource();
  readonly #images = new ImageSource();
  #reloads = 0;

  constructor(state: State) {
    this.#state = state;
    this.#board = new RequestBoard((failures) => update(state, { failures }));
  }

  /** Ask for the catalog, and again for what failed; what has another revision is fetched then. */
  reload(): Promise<void> {
    this.#board.retry();
    return this.#state.catalog ? this.#wantCatalog() : this.#wantOpening();
  }

  /** From now on everything that a view wants is fetched. */
  start(): void {
    effect(() => this.#wantOverview());
    effect(() => this.#wantFindings());
    effect(() => this.#wantDetail());
    effect(() => this.#wantBaseline());
    const block = computed(() => this.#imageBlock());
    effect(() => this.#wantImages(block.value));
    effect(() => this.#wantCurves());
    effect(() => this.#wantCompared());
    const step = settled(() => (this.#state.page === "compare" ? cursorStep(this.#state) : null), REST_MS);
    effect(() => this.#wantComparedAtStep(step.value));
  }

  #wantCatalog(): Promise<void> {
    const state = this.#state;
    return this.#board.want("runs", "", String(++this.#reloads), fetchRuns, (catalog) =>
      update(state, { catalog: continueCatalog(state.catalog, catalog) }),
    );
  }

  /** Everything that is shown first, in one answer; its catalog may be a minute old. */
  #wantOpening(): Promise<void> {
    const state = this.#state;
    const { run, stream, quantity } = state;
    return this.#board.want(
      "runs",
      "",
      String(++this.#reloads),
      () => fetchOpening(run, stream, quantity),
      (opening) => {
        const { catalog, detail, findings, overview } = opening;
        if (detail) {
          this.#details.keep(detail);
          this.#board.fill("detail", detailSubject(detail.run, detail.stream, detail.quantity), {
            name: "",
            revision: detail.run.revision,
          });
        }
        for (const run of catalog.runs) {
          if (findings.has(run.name)) this.#board.fill("findings", "", run);
          if (overview.has(run.name)) this.#board.fill("overview", "", run);
        }
        // Runs have their colours before TensorBoard's page tells their order.
        const directoryOrder = state.directoryOrder.length ? state.directoryOrder : catalog.eventDirectories;
        update(state, { ...opening, directoryOrder });
      },
    );
  }

  #wantOverview(): void {
    const state = this.#state;
    const runs = state.catalog?.runs ?? [];
    void this.#board.wantEach(
      "overview",
      "",
      runs,
      (names) => fetchOverview(allOr(names, runs), runs),
      (found) => update(state, { overview: new Map([...state.overview, ...found]) }),
    );
  }

  /** Those of the shown run first; the badges of all others can wait for the table's numbers. */
  #wantFindings(): void {
    const state = this.#state;
    const runs = state.catalog?.runs ?? [];
    const shown = chosenStream(state)?.run;
    const isLater = state.overview.size > 0 || state.failures.has("overview");
    void this.#board.wantEach(
      "findings",
      "",
      runs.filter((run) => isLater || run === shown),
      (names) => fetchFindings(allOr(names, runs)),
      (found) => update(state, { findings: new Map([...state.findings, ...found]) }),
    );
  }

  #wantDetail(): void {
    const state = this.#state;
    const chosen = chosenStream(state);
    if (!chosen) {
      update(state, { detail: null });
      return;
    }
    const { run, stream } = chosen;
    const { quantity } = state;
    void this.#board.want(
      "detail",
      detailSubject(run, stream, quantity),
      run.revision,
      () => this.#details.fetch(run, stream, quantity),
      (detail) => update(state, { detail }),
    );
  }

  #wantBaseline(): void {
    const state = this.#state;
    const { detail, baseline } = state;
    if (!detail || baseline.kind === "reference" || state.page !== "run") {
      this.#board.forgetFailures("baseline");
      return;
    }
    const { run, stream, quantity } = detail;
    const subject = [detailSubject(run, stream, quantity), baseline.kind, baseline.step, baseline.run].join("\n");
    const fetch = async () => {
      const [scores, histograms] = await Promise.all([
        fetchBaselineScores(run.name, stream.name, baseline),
        baseline.run === null
          ? null
          : fetchHistograms([baseline.run], { stream: stream.name, quantity, side: "output" }),
      ]);
      return {
        run: run.name,
        stream: stream.name,
        quantity,
        baseline,
        scores,
        histograms: histograms?.get(baseline.run ?? "") ?? null,
      };
    };
    void this.#board.want("baseline", subject, run.revision, fetch, (baselineData) => update(state, { baselineData }));
  }

  /** Index of the first step of the block with the cursor; null where there are no images. */
  #imageBlock(): number | null {
    const state = this.#state;
    const step = cursorStep(state);
    if (state.page !== "run" || !state.detail?.stream.hasMeanImages || step === null) return null;
    return ImageSource.blockOf(lastAtOrBefore(state.detail.histograms.output.steps, step));
  }

  #wantImages(first: number | null): void {
    const state = this.#state;
    const { detail } = state;
    if (!detail || first === null) {
      this.#board.forgetFailures("images");
      return;
    }
    const { run, stream, histograms } = detail;
    const subject = [run.name, stream.name, first].join("\n");
    const fetch = () => this.#images.fetch(run, stream, histograms.output.steps, first);
    void this.#board.want("images", subject, run.revision, fetch, (images) =>
      update(state, { imageData: { run: run.name, stream: stream.name, images } }),
    );
  }

  #wantCurves(): void {
    const state = this.#state;
    if (state.page !== "compare" || !state.catalog) {
      this.#board.forgetFailures("curves");
      return;
    }
    const { runs } = state.catalog;
    void this.#board.wantEach(
      "curves",
      "",
      comparedRuns(state),
      (names) => fetchCurves(allOr(names, runs), runs),
      (found) => update(state, { curves: new Map([...state.curves, ...found]) }),
    );
  }

  #wantCompared(): void {
    const state = this.#state;
    if (state.page !== "compare") {
      this.#board.forgetFailures("compared");
      return;
    }
    const { quantity } = state;
    const channel = comparedChannel(state);
    const runs = comparedRuns(state);
    const fetch = (names: readonly string[]) =>
      fetchMainStreams(state, runs, names, quantity, channel, { columns: COLUMNS });
    void this.#board.wantEach("compared", `${quantity}\n${channel}`, runs, fetch, (found) => {
      const known =
        state.compared?.quantity === quantity && state.compared.channel === channel ? state.compared.byRun : [];
      update(state, { compared: { quantity, channel, byRun: new Map([...known, ...found]) } });
    });
  }

  #wantComparedAtStep(step: number | null): void {
    const state = this.#state;
    if (state.page !== "compare") {
      this.#board.forgetFailures("step");
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
    void this.#board.want("step", [step, quantity, channel].join("\n"), revisions, fetch, (byRun) =>
      update(state, { comparedAtStep: { step, quantity, channel, byRun } }),
    );
  }
}

/** What `read` gives once it has not changed for so long. */
function settled<Value>(read: () => Value, milliseconds: number): ReadonlySignal<Value> {
  const last = signal(untracked(read));
  effect(() => {
    const value = read();
    const timer = setTimeout(() => (last.value = value), milliseconds);
    return () => clearTimeout(timer);
  });
  return last;
}

function detailSubject(run: Run, stream: Stream, quantity: Quantity): string {
  return [run.name, stream.name, quantity].join("\n");
}

/** No names where all runs are meant. */
function allOr(names: readonly string[], runs: readonly Run[]): RunNames {
  return names.length === runs.length ? null : names;
}

/** Of each run its main stream: a request for each name of a stream, nearly always one. */
async function fetchMainStreams(
  state: State,
  runs: readonly Run[],
  names: readonly string[],
  quantity: Quantity,
  channel: string,
  part: Omit<HistogramQuery, "stream" | "quantity">,
): Promise<Map<string, HistogramPair>> {
  const all = untracked(() => state.catalog?.runs ?? []);
  const wanted = new Set(names);
  const byStream = new Map<string, string[]>();
  for (const run of runs) {
    const stream = mainStream(run)?.name;
    if (stream !== undefined && wanted.has(run.name)) byStream.set(stream, [...(byStream.get(stream) ?? []), run.name]);
  }
  const answers = await Promise.all(
    [...byStream].map(([stream, ofStream]) => {
      const having = all.filter(({ streams }) => streams.some(({ name }) => name === stream));
      return fetchHistograms(allOr(ofStream, having), { stream, quantity, channel: channel || 0, ...part });
    }),
  );
  return new Map(answers.flatMap((answer) => [...answer]));
}
