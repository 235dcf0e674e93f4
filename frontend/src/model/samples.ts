// A few real outputs of each step, with what they should look like.

import { nearestIndex } from "./series";

export type SampleSide = "output" | "reference" | "input";

/** What a pixel's alpha says beside its colour; docs/schema.md has the numbers. */
export const MARKS = { below: 254, above: 253, notFinite: 252 } as const;

export interface SampleImage {
  readonly side: SampleSide;
  /** Which of the outputs, or of the references. */
  readonly index: number;
  /** Root mean square difference from the reference; null where it has none, or is not finite. */
  readonly error: number | null;
  /** Shown because its error is among the greatest of its step. */
  readonly isWorst: boolean;
  readonly pixels: ImageData;
}

export interface SampleSheet {
  readonly step: number;
  /** Outputs and references of one hash belong together. */
  readonly referenceHash: string;
  readonly images: readonly SampleImage[];
}

/** All that is here of a stream's samples. */
export interface Samples {
  /** Steps that have any, of which TensorBoard keeps 200. */
  readonly recordedSteps: readonly number[];
  readonly sheets: ReadonlyMap<number, SampleSheet>;
  readonly references: ReadonlyMap<string, SampleSheet>;
}

/** Together, the later ones over the earlier ones. */
export function joinSamples(known: Samples, more: Samples): Samples {
  const recorded = new Set(more.recordedSteps);
  return {
    recordedSteps: more.recordedSteps,
    // What TensorBoard has dropped, or a run has written again, is not kept.
    sheets: new Map([...[...known.sheets].filter(([step]) => recorded.has(step)), ...more.sheets]),
    references: new Map([...known.references, ...more.references]),
  };
}

/** At most `count` of some steps, evenly spread over them, the first and the last among them. */
export function spread(steps: readonly number[], count: number): number[] {
  if (steps.length <= count) return [...steps];
  const at = Array.from({ length: count }, (_, index) => Math.round((index * (steps.length - 1)) / (count - 1)));
  return at.map((index) => steps[index]!);
}

/** The sheet nearest to a step. */
export function sheetAt(samples: Samples, step: number): SampleSheet | null {
  const steps = [...samples.sheets.keys()].sort((one, other) => one - other);
  return samples.sheets.get(steps[nearestIndex(steps, step)] ?? NaN) ?? null;
}

export interface SamplePair {
  readonly output: SampleImage;
  readonly reference: SampleImage | null;
  readonly input: SampleImage | null;
}

/** The outputs of a sheet with what belongs to them, those with the greatest errors first. */
export function pairsOf(sheet: SampleSheet, samples: Samples): SamplePair[] {
  const others = [...sheet.images, ...(samples.references.get(sheet.referenceHash)?.images ?? [])];
  const find = (side: SampleSide, index: number): SampleImage | null =>
    others.find((image) => image.side === side && image.index === index) ?? null;
  // Without an error of its own an output that has a reference is not finite: it is the worst.
  const order = ({ output, reference }: SamplePair): number => output.error ?? (reference ? Infinity : 0);
  return sheet.images
    .filter(({ side }) => side === "output")
    .map((output) => ({
      output,
      reference: find("reference", output.index),
      input: find("input", output.index),
    }))
    .sort((one, other) => order(other) - order(one) || one.output.index - other.output.index);
}

/** References by themselves: of unpaired outputs none belongs to one of them. */
export function referencesOf(sheet: SampleSheet, samples: Samples): readonly SampleImage[] {
  return (samples.references.get(sheet.referenceHash)?.images ?? []).filter(({ side }) => side === "reference");
}

/** Which outputs are followed over the steps: those that are the same at each, the greatest error first. */
export function followedIndices(sheet: SampleSheet, samples: Samples, count: number): number[] {
  return pairsOf(sheet, samples)
    .filter(({ output }) => !output.isWorst)
    .slice(0, count)
    .map(({ output }) => output.index);
}
