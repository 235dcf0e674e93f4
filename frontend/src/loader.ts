// Decides what to fetch: whatever the state asks for and is not here yet.
//
// Each resource has a key that names what is wanted of it. Another key is a
// fetch; the same key never is, so that nothing is fetched twice and a failure
// waits for the user. What is on the screen stays until its successor arrives.

import {
  fetchBaselineScores,
  fetchFindings,
  fetchHistograms,
  fetchMeanImages,
  fetchOverview,
  fetchTrainings,
} from "./api";
import { COLUMNS, ComparedSource } from "./compared";
import { DetailSource } from "./detail";
import { mainStream, type Stream, type Training } from "./model";
import { cursorStep, recordedSteps } from "./select";
import { lastAtOrBefore } from "./scales";
import type { State } from "./state";
import type { Store } from "./store";
import { comparedTrainings } from "./trainings";

/** So many epochs of mean images at once: pointing along the axis must not be a request each. */
const IMAGES = 32;
const REST_MS = 120;

export class Loader {
  readonly #store: Store;
  readonly #keys = new Map<string, string>();
  readonly #details = new DetailSource();
  readonly #compared = new ComparedSource();
  readonly #images = new Map<string, ReturnType<typeof fetchMeanImages>>();
  /** Revisions of which the overview or the findings are here or on the way. */
  readonly #seen = { overview: new Map<string, string>(), findings: new Map<string, string>() };
  #reloads = 0;

  constructor(store: Store) {
    this.#store = store;
    store.watch((state) => [state], () => this.#fetchWanted());
  }

  /** Ask what there is now; what has another revision is fetched then. */
  reload(): void {
    this.#want("trainings", String(++this.#reloads), async () => ({ listing: await fetchTrainings() }));
  }

  /** Ask for everything again: what is on its way may be about to fail too. */
  retry(): void {
    this.#keys.clear();
    this.#seen.overview.clear();
    this.#seen.findings.clear();
    this.reload();
  }

  #fetchWanted(): void {
    const { state } = this.#store;
    if (!state.listing) return;
    const { trainings } = state.listing;
    this.#wantDetail(state);
    this.#wantAll("overview", trainings, async (changed) => ({
      overview: new Map([...this.#store.state.overview, ...(await fetchOverview(changed))]),
    }));
    // What is shown comes first; the badges of all others can wait for the table's numbers.
    const shown = choose(trainings, state.training, state.stream)?.training;
    const later = state.overview.size > 0 || state.failures.has("overview");
    const urgent = trainings.filter((training) => later || training === shown);
    this.#wantAll("findings", urgent, async (changed) => {
      const found = await fetchFindings(changed.map(({ name }) => name));
      return { findings: new Map([...this.#store.state.findings, ...found]) };
    });
    if (state.page === "compare") this.#wantCompared(state);
    else this.#wantBaselineAndImages(state);
  }

  #wantDetail(state: State): void {
    const chosen = choose(state.listing!.trainings, state.training, state.stream);
    const { quantity } = state;
    if (!chosen) {
      if (state.detail) this.#store.update({ detail: null });
      return;
    }
    const { training, stream } = chosen;
    const key = [training.name, stream.name, quantity, training.revision].join("\n");
    this.#want("detail", key, async () => ({ detail: await this.#details.fetch(training, stream, quantity) }));
  }

  #wantBaselineAndImages(state: State): void {
    const { detail, baseline } = state;
    if (!detail) return;
    const { training, stream, quantity } = detail;
    const at = `${training.name}\n${stream.name}\n${training.revision}`;
    const of = baseline.training ?? "";
    this.#want("baseline", [at, quantity, baseline.kind, baseline.epoch, of].join("\n"), async () => {
      if (baseline.kind === "reference") return { baselineData: null };
      const [scores, pairs] = await Promise.all([
        fetchBaselineScores(training.name, stream.name, baseline),
        of ? fetchHistograms({ training: [of], stream: stream.name, quantity, side: "output" }) : [],
      ]);
      return { baselineData: { training: training.name, stream: stream.name, baseline, scores, histograms: pairs[0] ?? null } };
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
      const known = this.#images.get(key) ?? fetchMeanImages(training.name, stream.name, steps.slice(first, first + IMAGES));
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
    const all = comparedTrainings(state);
    const key = [quantity, ...all.map(({ name, revision }) => `${name} ${revision}`)].join("\n");
    this.#want("compared", key, async () => ({
      compared: { quantity, columns: await this.#compared.columns(all, quantity) },
    }));
    const epoch = cursorStep(state);
    if (epoch === null || recordedSteps(state).length <= COLUMNS) return;
    this.#want("epoch", `${epoch}\n${key}`, async () => {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      if (cursorStep(this.#store.state) !== epoch) return {};
      return { comparedAt: { epoch, exact: await this.#compared.epoch(all, quantity, epoch) } };
    });
  }

  /** Fetch something of those trainings that have another revision than when it was last fetched. */
  #wantAll(
    what: "overview" | "findings",
    trainings: readonly Training[],
    fetch: (changed: readonly Training[]) => Promise<Partial<State>>,
  ): void {
    const seen = this.#seen[what];
    const changed = trainings.filter(({ name, revision }) => seen.get(name) !== revision);
    if (!changed.length) return;
    for (const { name, revision } of changed) seen.set(name, revision);
    this.#want(what, changed.map(({ name, revision }) => `${name} ${revision}`).join("\n"), async () => {
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
    // but each overview adds its own trainings.
    if (this.#keys.get(what) !== key && what !== "overview" && what !== "findings") return;
    const failures = new Map(this.#store.state.failures);
    if (failure === null ? failures.delete(what) : failures.set(what, failure)) change = { ...change, failures };
    if (Object.keys(change).length) this.#store.update(change);
  }
}

/** The training and stream that are shown: the chosen ones, or the first that there are. */
export function choose(
  trainings: readonly Training[],
  name: string | null,
  streamName: string | null,
): { training: Training; stream: Stream } | null {
  const shown = trainings.filter((training) => training.streams.length);
  const training = shown.find((candidate) => candidate.name === name) ?? shown[0];
  if (!training) return null;
  const named = training.streams.find((candidate) => candidate.name === streamName);
  const stream = named ?? mainStream(training);
  return stream ? { training, stream } : null;
}
