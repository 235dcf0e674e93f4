// Decides what to fetch: whatever the state asks for and is not here yet.
//
// Each resource has a key that names what is wanted of it. Another key is a
// fetch; the same key never is, so that nothing is fetched twice and a failure
// waits for the user. What is on the screen stays until its successor arrives.

import { afterPaint } from "../base/after_paint";
import {
  fetchBaselineScores,
  fetchCurves,
  fetchFindings,
  fetchHistograms,
  fetchMeanImages,
  fetchOpening,
  fetchOverview,
  fetchRuns,
} from "../server/api";
import { COLUMNS, ComparedSource } from "./compared_source";
import { comparedChannel, comparedRuns } from "./comparison";
import { detailKey, DetailSource } from "./run_source";
import { continueCatalog } from "../model/append";
import { mainStream, type Stream, type Run } from "../model/types";
import { cursorStep, recordedSteps } from "./shown";
import { lastAtOrBefore } from "../model/series";
import type { State } from "./state";
import type { Store } from "./store";

/** So many epochs of mean images at once: pointing along the axis must not be a request each. */
const IMAGES = 32;
const REST_MS = 120;

/** What is fetched of many runs at once, each again when it has gone on. */
type Gathered = "overview" | "findings" | "courses";

export class Loader {
  readonly #store: Store;
  readonly #keys = new Map<string, string>();
  readonly #details = new DetailSource();
  readonly #compared = new ComparedSource();
  readonly #images = new Map<string, ReturnType<typeof fetchMeanImages>>();
  /** Revisions of which something that many runs have is here or on the way. */
  readonly #seen: Readonly<Record<Gathered, Map<string, string>>> = {
    overview: new Map(),
    findings: new Map(),
    courses: new Map(),
  };
  #reloads = 0;
  #isOpening = false;

  constructor(store: Store) {
    this.#store = store;
    store.watch((state) => [state], () => this.#fetchWanted());
  }

  /** Ask what there is now; what has another revision is fetched then. */
  reload(): void {
    // What is new is asked for after an opening anyway.
    if (this.#isOpening) return;
    this.#isOpening = !this.#store.state.catalog;
    const fetch = this.#isOpening ? () => this.#open() : () => this.#list();
    this.#want("runs", String(++this.#reloads), fetch);
  }

  async #list(): Promise<Partial<State>> {
    const catalog = await fetchRuns();
    return { catalog: continueCatalog(this.#store.state.catalog, catalog) };
  }

  /** What there was a moment ago, and all of what is shown first, in one answer; then what is new. */
  async #open(): Promise<Partial<State>> {
    const { run, stream, quantity } = this.#store.state;
    const opening = await fetchOpening(run, stream, quantity);
    const { catalog, detail, findings, overview } = opening;
    if (detail) {
      this.#details.keep(detail);
      this.#keys.set("detail", detailKey(detail));
    }
    for (const { name, revision } of catalog.runs) {
      if (findings.has(name)) this.#seen.findings.set(name, revision);
      if (overview.has(name)) this.#seen.overview.set(name, revision);
    }
    // Runs have their colours before TensorBoard's page tells their order.
    return this.#store.state.directoryOrder.length ? opening : { ...opening, directoryOrder: catalog.eventDirectories };
  }

  /** Show what there is, or what failed; all else is asked for when it is on the screen. */
  #opened(): void {
    this.#store.flush();
    afterPaint(() => {
      this.#isOpening = false;
      if (!this.#store.state.catalog) return;
      this.#fetchWanted();
      this.reload();
    });
  }

  /** Ask for everything again: what is on its way may be about to fail too. */
  retry(): void {
    this.#keys.clear();
    for (const seen of Object.values(this.#seen)) seen.clear();
    this.#isOpening = false;
    this.reload();
  }

  #fetchWanted(): void {
    const { state } = this.#store;
    if (!state.catalog || this.#isOpening) return;
    const { runs } = state.catalog;
    this.#wantDetail(state);
    this.#wantAll("overview", runs, async (changed) => ({
      overview: new Map([...this.#store.state.overview, ...(await fetchOverview(changed.map(({ name }) => name), changed))]),
    }));
    // What is shown comes first; the badges of all others can wait for the table's numbers.
    const shown = choose(runs, state.run, state.stream)?.run;
    const later = state.overview.size > 0 || state.failures.has("overview");
    const urgent = runs.filter((run) => later || run === shown);
    this.#wantAll("findings", urgent, async (changed) => {
      const found = await fetchFindings(changed.map(({ name }) => name));
      return { findings: new Map([...this.#store.state.findings, ...found]) };
    });
    if (state.page === "compare") this.#wantCompared(state);
    else this.#wantBaselineAndImages(state);
  }

  #wantDetail(state: State): void {
    const chosen = choose(state.catalog!.runs, state.run, state.stream);
    const { quantity } = state;
    if (!chosen) {
      if (state.detail) this.#store.update({ detail: null });
      return;
    }
    const { run, stream } = chosen;
    const key = detailKey({ run, stream, quantity });
    this.#want("detail", key, async () => ({ detail: await this.#details.fetch(run, stream, quantity) }));
  }

  #wantBaselineAndImages(state: State): void {
    const { detail, baseline } = state;
    if (!detail) return;
    const { run, stream, quantity } = detail;
    const at = `${run.name}\n${stream.name}\n${run.revision}`;
    const of = baseline.run ?? "";
    this.#want("baseline", [at, quantity, baseline.kind, baseline.step, of].join("\n"), async () => {
      if (baseline.kind === "reference") return { baselineData: null };
      const [scores, pairs] = await Promise.all([
        fetchBaselineScores(run.name, stream.name, baseline),
        of ? fetchHistograms([of], { stream: stream.name, quantity, side: "output" }) : null,
      ]);
      return { baselineData: { run: run.name, stream: stream.name, baseline, scores, histograms: pairs?.get(of) ?? null } };
    });
    const step = cursorStep(state);
    if (!stream.hasMeanImages || step === null) {
      if (state.images) this.#store.update({ images: null });
      return;
    }
    const { steps } = detail.histograms.output;
    const first = Math.floor(lastAtOrBefore(steps, step) / IMAGES) * IMAGES;
    const key = `${at}\n${first}`;
    this.#want("images", key, async () => {
      const known = this.#images.get(key) ?? fetchMeanImages(run.name, stream.name, steps.slice(first, first + IMAGES));
      this.#images.set(key, known);
      try {
        return { images: await known };
      } catch (error) {
        this.#images.delete(key);
        throw error;
      }
    });
  }

  #wantCompared(state: State): void {
    const { quantity } = state;
    const all = comparedRuns(state);
    this.#wantAll("courses", all, async (changed) => ({
      courses: new Map([...this.#store.state.courses, ...(await fetchCurves(changed.map(({ name }) => name), changed))]),
    }));
    const channel = comparedChannel(state);
    const key = [quantity, channel, ...all.map(({ name, revision }) => `${name} ${revision}`)].join("\n");
    this.#want("compared", key, async () => ({
      compared: { quantity, channel, columns: await this.#compared.columns(all, quantity, channel) },
    }));
    const step = cursorStep(state);
    if (step === null || recordedSteps(state).length <= COLUMNS) return;
    this.#want("step", `${step}\n${key}`, async () => {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      if (cursorStep(this.#store.state) !== step) return {};
      return { comparedAt: { step, exact: await this.#compared.step(all, quantity, channel, step) } };
    });
  }

  /** Fetch something of those runs that have another revision than when it was last fetched. */
  #wantAll(
    what: Gathered,
    runs: readonly Run[],
    fetch: (changed: readonly Run[]) => Promise<Partial<State>>,
  ): void {
    const seen = this.#seen[what];
    const changed = runs.filter(({ name, revision }) => seen.get(name) !== revision);
    const key = changed.map(({ name, revision }) => `${name} ${revision}`).join("\n");
    if (!changed.length || this.#keys.get(what) === key) return;
    for (const { name, revision } of changed) seen.set(name, revision);
    this.#want(what, key, async () => {
      try {
        return await fetch(changed);
      } catch (error) {
        // They are still wanted: a later request for more of them takes them along.
        for (const { name } of changed) seen.delete(name);
        throw error;
      }
    });
  }

  #want(what: string, key: string, fetch: () => Promise<Partial<State>>): void {
    if (this.#keys.get(what) === key) return;
    this.#keys.set(what, key);
    void this.#fetch(what, key, fetch);
  }

  async #fetch(what: string, key: string, fetch: () => Promise<Partial<State>>): Promise<void> {
    let change: Partial<State> = {};
    let failure: string | null = null;
    try {
      change = await fetch();
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    // Replies can overtake each other: only the one to the latest request counts,
    // but of what many runs have each adds its own.
    if (this.#keys.get(what) !== key && !(what in this.#seen)) return;
    const failures = new Map(this.#store.state.failures);
    if (failure === null ? failures.delete(what) : failures.set(what, failure)) change = { ...change, failures };
    if (!Object.keys(change).length) return;
    this.#store.update(change);
    if (this.#isOpening) return this.#opened();
    // Not with the next frame: what is here already is shown in the same one.
    this.#fetchWanted();
  }
}

/** The run and stream that are shown: the chosen ones, or the first that there are. */
export function choose(
  runs: readonly Run[],
  name: string | null,
  streamName: string | null,
): { run: Run; stream: Stream } | null {
  const shown = runs.filter((run) => run.streams.length);
  const run = shown.find((candidate) => candidate.name === name) ?? shown[0];
  if (!run) return null;
  const named = run.streams.find((candidate) => candidate.name === streamName);
  const stream = named ?? mainStream(run);
  return stream ? { run, stream } : null;
}
