// The data of one run, with what has been fetched before kept and only continued.

import { appendHistograms, appendScalars } from "../model/append";
import type { Detail, HistogramPair, Quantity, Run, Scalars, Stream } from "../model/types";
import { continueHistograms, fetchScalars } from "../server/api";
import { Recent } from "./recent";

// Going back and forth between a few runs asks for nothing; more would fill the memory.
const MAX_KEPT = 12;

export class DetailSource {
  readonly #histograms = new Recent<{ revision: string; pair: HistogramPair }>(MAX_KEPT);
  readonly #scalars = new Recent<{ revision: string; scalars: Scalars }>(MAX_KEPT);

  /** A detail that was fetched elsewhere is continued from here. */
  keep({ run, stream, quantity, histograms, scalars }: Detail): void {
    const { revision } = run;
    this.#histograms.set(keyOf(run, stream, quantity), { revision, pair: histograms });
    this.#scalars.set(run.name, { revision, scalars });
  }

  async fetch(run: Run, stream: Stream, quantity: Quantity): Promise<Detail> {
    const key = keyOf(run, stream, quantity);
    const known = this.#histograms.get(key);
    const scalars = this.#scalars.get(run.name);
    // A first look waits for the longer of two answers, not for their sum.
    const early = scalars ? null : this.#fetchScalars(run, null);
    early?.catch(() => {}); // reported where it is awaited
    let pair = known?.pair;
    let rewritten = false;
    if (!pair || known?.revision !== run.revision) {
      pair = await this.#continueHistograms(run, stream, quantity, pair);
      this.#histograms.set(key, { revision: run.revision, pair });
      // Another history of images is another one of scalars.
      rewritten = known !== undefined && pair.after === null;
    }
    const found =
      scalars?.revision === run.revision
        ? scalars.scalars
        : await (early ?? this.#fetchScalars(run, rewritten ? null : scalars!.scalars));
    return { run, stream, quantity, histograms: pair, scalars: found };
  }

  async #continueHistograms(
    { name }: Run,
    stream: Stream,
    quantity: Quantity,
    known: HistogramPair | undefined,
  ): Promise<HistogramPair> {
    const steps = known?.output.steps;
    const more = await continueHistograms(
      name,
      { stream: stream.name, quantity },
      steps?.[steps.length - 1] ?? null,
      known?.digest ?? null,
    );
    if (!more) throw new Error(`“${name}” has no stream “${stream.name}” any more`);
    return known ? appendHistograms(known, more) : more;
  }

  async #fetchScalars(run: Run, known: Scalars | null): Promise<Scalars> {
    // Series end at different steps: ask from where the shortest ends.
    const ends = [...(known?.scores ?? []), ...(known?.curves ?? [])].map(({ steps }) => steps[steps.length - 1] ?? -1);
    const more = await fetchScalars(run, known ? Math.min(...ends) : null);
    const scalars = known ? appendScalars(known, more) : more;
    this.#scalars.set(run.name, { revision: run.revision, scalars });
    return scalars;
  }
}

function keyOf(run: Run, stream: Stream, quantity: Quantity): string {
  return [run.name, stream.name, quantity].join("\n");
}
