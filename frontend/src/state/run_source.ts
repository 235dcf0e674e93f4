// The data of one training, with what has been fetched before kept and only continued.

import { fetchHistograms, fetchScalars } from "../server/api";
import { appendHistograms, appendScalars } from "../model/append";
import type { Detail, HistogramPair, Quantity, Scalars, Stream, Training } from "../model/types";

// Going back and forth between a few trainings asks for nothing; more would fill the memory.
const KEPT = 12;

export class DetailSource {
  readonly #histograms = new Recent<{ revision: string; pair: HistogramPair }>();
  readonly #scalars = new Recent<{ revision: string; scalars: Scalars }>();

  /** What has been fetched elsewhere is continued from here. */
  keep({ training, stream, quantity, histograms, scalars }: Detail): void {
    const { revision } = training;
    this.#histograms.set(keyOf(training, stream, quantity), { revision, pair: histograms });
    this.#scalars.set(training.name, { revision, scalars });
  }

  async fetch(training: Training, stream: Stream, quantity: Quantity): Promise<Detail> {
    const key = keyOf(training, stream, quantity);
    const known = this.#histograms.get(key);
    const scalars = this.#scalars.get(training.name);
    // A first look waits for the longer of two answers, not for their sum.
    const early = scalars ? null : this.#fetchScalars(training, null);
    early?.catch(() => {}); // reported where it is awaited
    let pair = known?.pair;
    let rewritten = false;
    if (!pair || known?.revision !== training.revision) {
      pair = await this.#continueHistograms(training, stream, quantity, pair);
      this.#histograms.set(key, { revision: training.revision, pair });
      // Another history of images is another one of scalars.
      rewritten = known !== undefined && pair.after === null;
    }
    const found =
      scalars?.revision === training.revision
        ? scalars.scalars
        : await (early ?? this.#fetchScalars(training, rewritten ? null : scalars!.scalars));
    return { training, stream, quantity, histograms: pair, scalars: found };
  }

  async #continueHistograms(
    { name }: Training,
    stream: Stream,
    quantity: Quantity,
    known: HistogramPair | undefined,
  ): Promise<HistogramPair> {
    const steps = known?.output.steps;
    const [more] = await fetchHistograms({
      training: [name],
      stream: stream.name,
      quantity,
      after: steps?.[steps.length - 1] ?? null,
      digest: known?.digest ?? null,
    });
    if (!more) throw new Error(`There is no stream ${stream.name} in ${name} any more`);
    return known ? appendHistograms(known, more) : more;
  }

  async #fetchScalars(training: Training, known: Scalars | null): Promise<Scalars> {
    // Series end at different epochs: ask from where the shortest ends.
    const ends = [...(known?.scores ?? []), ...(known?.curves ?? [])].map(({ steps }) => steps[steps.length - 1] ?? -1);
    const more = await fetchScalars(training, known ? Math.min(...ends) : null);
    const scalars = known ? appendScalars(known, more) : more;
    this.#scalars.set(training.name, { revision: training.revision, scalars });
    return scalars;
  }
}

function keyOf(training: Training, stream: Stream, quantity: Quantity): string {
  return [training.name, stream.name, quantity].join("\n");
}

/** What a detail is of: another one is another fetch. */
export function detailKey({ training, stream, quantity }: Pick<Detail, "training" | "stream" | "quantity">): string {
  return `${keyOf(training, stream, quantity)}\n${training.revision}`;
}

/** A map that forgets what was used longest ago. */
class Recent<Value> {
  readonly #entries = new Map<string, Value>();

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= KEPT) break;
      this.#entries.delete(oldest);
    }
  }
}
