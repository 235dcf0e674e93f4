// What the views of one run want of the server.

import { computed, effect } from "@preact/signals-core";
import { lastAtOrBefore } from "../model/series";
import type { Quantity, Run, Stream } from "../model/types";
import { fetchBaselineScores, fetchHistograms } from "../server/api";
import type { DetailSource } from "./detail_source";
import { ImageSource } from "./image_source";
import type { RequestBoard } from "./request_board";
import { startSampleSource } from "./sample_source";
import { chosenStream, cursorStep } from "./shown";
import { type BaselineData, type State, update } from "./state";

export function startRunSources(state: State, board: RequestBoard, details: DetailSource): void {
  effect(() => wantDetail(state, board, details));
  effect(() => wantBaseline(state, board));
  const images = new ImageSource();
  const block = computed(() => imageBlock(state));
  effect(() => wantImages(state, board, images, block.value));
  startSampleSource(state, board);
}

/** A detail of another run, stream or quantity is another subject. */
export function detailSubject(run: Run, stream: Stream, quantity: Quantity): string {
  return [run.name, stream.name, quantity].join("\n");
}

function wantDetail(state: State, board: RequestBoard, details: DetailSource): void {
  const chosen = chosenStream(state);
  if (!chosen) {
    update(state, { detail: null });
    return;
  }
  const { run, stream } = chosen;
  const { quantity } = state;
  const fetch = () => details.fetch(run, stream, quantity);
  void board.want("detail", detailSubject(run, stream, quantity), run.revision, fetch, (detail) =>
    update(state, { detail }),
  );
}

function wantBaseline(state: State, board: RequestBoard): void {
  const { detail, baseline } = state;
  if (!detail || baseline.kind === "reference" || state.page !== "run") {
    board.forgetFailures("baseline");
    return;
  }
  const { run, stream, quantity } = detail;
  const subject = [detailSubject(run, stream, quantity), baseline.kind, baseline.step, baseline.run].join("\n");
  const fetch = async (): Promise<BaselineData> => {
    const [scores, histograms] = await Promise.all([
      fetchBaselineScores(run.name, stream.name, baseline),
      baseline.run === null ? null : fetchHistograms([baseline.run], { stream: stream.name, quantity, side: "output" }),
    ]);
    const ofBaseline = histograms?.get(baseline.run ?? "") ?? null;
    return { run: run.name, stream: stream.name, quantity, baseline, scores, histograms: ofBaseline };
  };
  void board.want("baseline", subject, run.revision, fetch, (baselineData) => update(state, { baselineData }));
}

/** Index of the first step of the block with the cursor; null where there are no images. */
function imageBlock(state: State): number | null {
  const step = cursorStep(state);
  if (state.page !== "run" || !state.detail?.stream.hasMeanImages || step === null) return null;
  return ImageSource.blockOf(lastAtOrBefore(state.detail.histograms.output.steps, step));
}

function wantImages(state: State, board: RequestBoard, images: ImageSource, first: number | null): void {
  const { detail } = state;
  if (!detail || first === null) {
    board.forgetFailures("images");
    return;
  }
  const { run, stream, histograms } = detail;
  const subject = [run.name, stream.name, first].join("\n");
  const fetch = () => images.fetch(run, stream, histograms.output.steps, first);
  void board.want("images", subject, run.revision, fetch, (found) =>
    update(state, { imageData: { run: run.name, stream: stream.name, images: found } }),
  );
}
