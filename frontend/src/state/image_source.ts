// Mean images of runs, a block of steps at a time, with the last few blocks kept.

import type { MeanImages, Run, Stream } from "../model/types";
import { fetchMeanImages } from "../server/api";
import { Recent } from "./recent";

/** So many steps at once: pointing along the axis must not be a request each. */
const STEPS = 32;
/** A tab that is open overnight must not fill the memory. */
const MAX_BLOCKS = 12;

interface Block {
  readonly run: string;
  readonly revision: string;
  readonly images: MeanImages;
}

export class ImageSource {
  readonly #blocks = new Recent<Block>(MAX_BLOCKS);

  /** Blocks that are kept. */
  get size(): number {
    return this.#blocks.size;
  }

  /** Index of the first step of the block that the step at `index` is in. */
  static blockOf(index: number): number {
    return Math.floor(index / STEPS) * STEPS;
  }

  async fetch(run: Run, stream: Stream, steps: readonly number[], first: number): Promise<MeanImages> {
    const key = [run.name, stream.name, first].join("\n");
    const known = this.#blocks.get(key);
    if (known?.revision === run.revision) return known.images;
    const images = await fetchMeanImages(run.name, stream.name, steps.slice(first, first + STEPS));
    this.#blocks.deleteWhere((block) => block.run === run.name && block.revision !== run.revision);
    this.#blocks.set(key, { run: run.name, revision: run.revision, images });
    return images;
  }
}
