// What the page wants of the server, fetched as soon as the state wants it.
//
// Each source is an effect: it follows the parts of the state that it reads, and
// leaves to the board which of what it wants is here or on its way already.

import { effect } from "@preact/signals-core";
import { continueCatalog } from "../model/append";
import { fetchFindings, fetchOpening, fetchOverview, fetchRuns, namesUnlessAll } from "../server/api";
import { startCompareSources } from "./compare_sources";
import { DetailSource } from "./detail_source";
import { RequestBoard } from "./request_board";
import { detailSubject, startRunSources } from "./run_sources";
import { chosenStream } from "./shown";
import { type State, update } from "./state";

export class Sources {
  readonly #state: State;
  readonly #board: RequestBoard;
  readonly #details = new DetailSource();
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
    startRunSources(this.#state, this.#board, this.#details);
    startCompareSources(this.#state, this.#board);
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
      (names) => fetchOverview(namesUnlessAll(names, runs), runs),
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
      (names) => fetchFindings(namesUnlessAll(names, runs)),
      (found) => update(state, { findings: new Map([...state.findings, ...found]) }),
    );
  }
}
