// The samples of a stream, from the wire to pictures.

import type { SampleImage, SampleSheet, Samples } from "../model/samples";
import { Answer, WireError } from "./binary";
import { binary } from "./request";
import type { WireSampleSheet, WireSamples } from "./schema";

/** Those of the recorded steps that are nearest to some steps. */
export async function fetchSamples(run: string, stream: string, steps: readonly number[]): Promise<Samples> {
  const answer = Answer.from<WireSamples>(await binary("samples", { run, stream, step: steps }));
  const { recorded_steps: recordedSteps, sheets, references } = answer.header;
  const decode = (all: readonly WireSampleSheet[]): Promise<SampleSheet[]> =>
    Promise.all(all.map((sheet) => toSheet(answer, sheet)));
  const [shown, wanted] = await Promise.all([decode(sheets), decode(references)]);
  return {
    recordedSteps,
    sheets: new Map(shown.map((sheet) => [sheet.step, sheet])),
    references: new Map(wanted.map((sheet) => [sheet.referenceHash, sheet])),
  };
}

async function toSheet(answer: Answer<WireSamples>, wire: WireSampleSheet): Promise<SampleSheet> {
  const { width, height, samples } = wire;
  const blob = new Blob([answer.bytes(wire.png)], { type: "image/png" });
  // Alpha is a mark here: nothing may be multiplied with it.
  const bitmap = await createImageBitmap(blob, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  if (!context || bitmap.width !== width * samples.length || bitmap.height !== height)
    throw new WireError("The server sent samples of another size than it says");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const images = samples.map(
    ({ side, index, error, is_worst }, place): SampleImage => ({
      side,
      index,
      error,
      isWorst: is_worst,
      pixels: context.getImageData(place * width, 0, width, height),
    }),
  );
  return { step: wire.step, referenceHash: wire.reference_hash, images };
}
