// Histograms of many runs, with what has been fetched before kept.

import { fetchHistograms, type HistogramQuery } from "../server/api";
import { mainStream, type HistogramPair, type Quantity, type Run } from "../model/types";

/** Columns of a small heatmap. */
export const COLUMNS = 160;

type Extra = Partial<Omit<HistogramQuery, "stream" | "quantity">>;

export class ComparedSource {
  readonly #known = new Map<string, { readonly revision: string; readonly pair: HistogramPair }>();
  #of = "";

  /** Neighbouring epochs summed into columns, by run; only what has changed is asked for. */
  async columns(all: readonly Run[], quantity: Quantity, channel: string): Promise<Map<string, HistogramPair>> {
    const of = `${quantity} ${channel}`;
    if (of !== this.#of) this.#known.clear();
    this.#of = of;
    const missing = all.filter(({ name, revision }) => this.#known.get(name)?.revision !== revision);
    const found = await fetchEach(missing, quantity, channel, { columns: COLUMNS });
    for (const { name, revision } of missing) {
      const pair = found.get(name);
      if (pair) this.#known.set(name, { revision, pair });
    }
    return new Map(
      all.flatMap(({ name }) => {
        const known = this.#known.get(name);
        return known ? [[name, known.pair] as const] : [];
      }),
    );
  }

  /** The outputs of one epoch, not summed with any other. */
  step(all: readonly Run[], quantity: Quantity, channel: string, step: number): Promise<Map<string, HistogramPair>> {
    return fetchEach(all, quantity, channel, { first: step, last: step, side: "output" });
  }
}

/** A request for each name of a stream: nearly always one. */
async function fetchEach(
  all: readonly Run[],
  quantity: Quantity,
  channel: string,
  extra: Extra,
): Promise<Map<string, HistogramPair>> {
  const byStream = new Map<string, string[]>();
  for (const run of all) {
    const stream = mainStream(run)?.name ?? "";
    byStream.set(stream, [...(byStream.get(stream) ?? []), run.name]);
  }
  const answers = await Promise.all(
    [...byStream].map(([stream, run]) => fetchHistograms(run, { stream, quantity, channel: channel || 0, ...extra })),
  );
  return new Map(answers.flatMap((one) => [...one]));
}
