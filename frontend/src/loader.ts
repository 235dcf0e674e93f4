// Decides what to fetch and when; puts it into the store.

import { fetchHistograms, fetchOverview, fetchTraining, fetchTrainings } from "./api";
import { mainStream, type Stream, type Training } from "./model";
import type { Store } from "./store";

export class Loader {
  readonly #store: Store;
  // Replies can overtake each other: only those to the latest request count.
  #listing = 0;
  #detail = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Fetch everything that is shown anew. What is on the screen stays until it arrives. */
  async reload(): Promise<void> {
    const ticket = ++this.#listing;
    this.#store.update({ loading: true });
    try {
      const trainings = await fetchTrainings();
      if (ticket !== this.#listing) return;
      this.#store.update({ trainings, error: null });
      const [overview] = await Promise.all([fetchOverview(trainings), this.loadDetail()]);
      if (ticket === this.#listing) this.#store.update({ overview, loading: false });
    } catch (error) {
      if (ticket === this.#listing) this.#fail(error);
    }
  }

  /** Fetch the chosen training, or the first one where the chosen is not there. */
  async loadDetail(): Promise<void> {
    const ticket = ++this.#detail;
    const { state } = this.#store;
    const chosen = choose(state.trainings ?? [], state.training, state.stream);
    if (!chosen) {
      this.#store.update({ detail: null });
      return;
    }
    const { training, stream } = chosen;
    const { quantity } = state;
    try {
      const [histograms, scalars] = await Promise.all([
        fetchHistograms(training.name, stream.name, quantity),
        fetchTraining(training),
      ]);
      if (ticket !== this.#detail) return;
      this.#store.update({
        detail: { training, stream, quantity, histograms, scalars },
        error: null,
      });
    } catch (error) {
      if (ticket === this.#detail) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#store.update({ error: text, loading: false });
  }
}

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
