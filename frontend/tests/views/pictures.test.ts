// @vitest-environment happy-dom
// The picture of each chart of the page, as its menu gives it.
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { addStyleSheet, h } from "../../src/base/dom";
import style from "../../src/base/style.css";
import { DISTANCE, OUTSIDE, SPREAD } from "../../src/model/scores";
import type {
  CurveSeries,
  Detail,
  HistogramPair,
  MeanImages,
  Run,
  Scalars,
  ScoreSeries,
  Series,
  Stream,
} from "../../src/model/types";
import type { Paint } from "../../src/state/frames";
import { createState, type State } from "../../src/state/state";
import { compareCurves } from "../../src/views/compare/curves";
import { compareHistograms } from "../../src/views/compare/histograms";
import { scatterView } from "../../src/views/compare/scatter";
import { distributionView } from "../../src/views/run/distribution";
import { driftView } from "../../src/views/run/drift";
import { heatmapView } from "../../src/views/run/heatmap";
import { lossView } from "../../src/views/run/loss";
import { imagesView } from "../../src/views/run/mean_images";
import { ridgesView } from "../../src/views/run/ridgelines";
import { installCanvas } from "../support/canvas";
import { histogramsOf, range } from "../support/histograms";
import { expectPicture } from "../support/pictures";

const WIDTH = 640;
const paint: Paint = (render) => render();

/** Some steps are missing, and at one of them there are values that are not finite. */
const recorded = [...range(0, 18), ...range(22, 30)];
const outputs = histogramsOf({
  steps: recorded,
  at: (step) => [0.3 - 0.012 * step, 0.12 - 0.003 * step],
  nonFinite: (step) => (step === 12 ? 3 : 0),
});
const reference = histogramsOf({ steps: [0], at: () => [0.35, 0.09] });

function pairOf(run: string, output = outputs): HistogramPair {
  return { run, output, reference, notes: [], digest: run, after: null };
}

function series(value: (step: number) => number, steps: readonly number[] = recorded): Series {
  return { steps, wallTimes: steps.map((step) => 1.8e9 + 40 * step), values: steps.map(value) };
}

function score(name: string, value: (step: number) => number): ScoreSeries {
  return { stream: "validation", name, channel: "", ...series(value) };
}

const stream: Stream = {
  name: "validation",
  paired: true,
  valueRange: { low: 0, high: 1, source: "declared" },
  channels: ["all"],
  height: 4,
  width: 4,
  bins: 64,
  referenceCount: 256,
  unit: "epoch" as const,
  referenceHash: "abc",
  steps: { first: 0, last: 29, loaded: recorded.length, recorded: recorded.length },
  loss: null,
  samples: 0,
  hasMeanImages: true,
};

function runOf(name: string, change: Partial<Stream> = {}): Run {
  const loss = { eventDirectory: name, tag: "validation_loss" };
  return {
    name,
    eventDirectory: name,
    revision: "1",
    streams: [{ ...stream, loss, ...change }],
    curves: [],
    notes: [],
  };
}

function curve(run: string, split: "train" | "validation", value: (step: number) => number): CurveSeries {
  return {
    curve: { eventDirectory: run, tag: `${split}_loss`, name: "loss", split, primary: true },
    ...series(value, range(0, 30)),
  };
}

function scalarsOf(run: string, factor = 1): Scalars {
  return {
    scores: [
      score("drift", (step) => factor * (0.02 + 0.004 * step)),
      score("bias", (step) => -factor * (0.01 + 0.003 * step)),
      score("pixel_spread_ratio", (step) => 1.1 - factor * 0.03 * step),
      score("contrast_ratio", (step) => (step === 12 ? NaN : 0.9 + 0.004 * step)),
      score("brightness_spread_ratio", (step) => 0.8 - 0.01 * step),
      score("below_range", (step) => step / 1000),
      score("above_range", () => 0),
      score("non_finite", (step) => (step === 12 ? 0.01 : 0)),
    ],
    curves: [
      curve(run, "train", (step) => factor * 2.4 * 0.8 ** step + 0.05),
      curve(run, "validation", (step) => (step === 20 ? NaN : factor * 2.5 * 0.85 ** step + 0.1)),
    ],
  };
}

const images: MeanImages = {
  height: 4,
  width: 4,
  channels: 1,
  steps: [29],
  output: Float32Array.from({ length: 16 }, (_, pixel) => pixel / 16),
  reference: Float32Array.from({ length: 16 }, (_, pixel) => 1 - pixel / 16),
  referenceSteps: [0],
};

const vae = runOf("vae");
const detail: Detail = {
  run: vae,
  stream,
  quantity: "mean_pixels",
  histograms: pairOf("vae"),
  scalars: scalarsOf("vae"),
};
const runs = [vae, runOf("healthy"), runOf("other", { referenceHash: "xyz" })];

function stateOf(change: Partial<State> = {}): State {
  return createState({
    detail,
    chosen: 9,
    directoryOrder: runs.map(({ name }) => name),
    catalog: { runs, eventDirectories: runs.map(({ name }) => name), notes: [] },
    curves: new Map(runs.map(({ name }, index) => [name, scalarsOf(name, 1 - 0.3 * index)])),
    findings: new Map([
      [
        "vae",
        [
          {
            id: "drift",
            stream: "validation",
            severity: "error",
            state: "found" as const,
            firstStep: 14,
            lastStep: 29,
            episodes: [[14, 29]],
            lookAt: "the last layer",
            sentence: "",
          },
        ],
      ],
    ]),
    imageData: { run: "vae", stream: "validation", images },
    ...change,
  });
}

const comparison: Partial<State> = {
  page: "compare",
  compared: {
    quantity: "mean_pixels",
    channel: "",
    byRun: new Map(
      runs.map(({ name }, index) => [
        name,
        pairOf(name, histogramsOf({ steps: recorded, at: () => [0.3 + 0.05 * index, 0.05] })),
      ]),
    ),
  },
};

let files: Blob[] = [];

beforeAll(() => {
  installCanvas();
  addStyleSheet(style);
  // Charts are laid out as soon as they are watched.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(readonly resize: (entries: { contentRect: { width: number } }[]) => void) {}
      observe(): void {
        this.resize([{ contentRect: { width: WIDTH } }]);
      }
    },
  );
  vi.spyOn(URL, "createObjectURL").mockImplementation((file) => `blob:${files.push(file as Blob)}`);
});

beforeEach(() => {
  files = [];
});

/** The picture that the menu of a panel saves, in a theme of the page. */
async function saved(view: (state: State) => HTMLElement, change: Partial<State> = {}): Promise<string> {
  const root = h("div.app", { data: { theme: change.theme ?? "light" } });
  document.body.replaceChildren(root);
  root.append(view(stateOf(change)));
  root.querySelector<HTMLElement>(".take summary")!.click();
  const buttons = [...root.querySelectorAll("button")];
  buttons.find(({ textContent }) => textContent === "SVG")!.click();
  expect(files).toHaveLength(1);
  return files[0]!.text();
}

const heatmap = (state: State): HTMLElement => heatmapView(state, paint).panel.element;
const ridges = (state: State): HTMLElement => ridgesView(state, paint).element;
const histogram = (state: State): HTMLElement => distributionView(state, paint, false).element;
const loss = (state: State): HTMLElement => lossView(state, paint).panel.element;

const PICTURES: readonly (readonly [name: string, view: (state: State) => HTMLElement, change?: Partial<State>])[] = [
  ["heatmap", heatmap],
  ["heatmap_time_dark", heatmap, { axis: "relative", theme: "dark" }],
  ["bands", heatmap, { form: "bands" }],
  ["ridgelines", ridges, { form: "ridgelines" }],
  ["overlay", ridges, { form: "overlay" }],
  ["histogram", histogram],
  ["histogram_log", histogram, { logCounts: true }],
  ["drift", (state) => driftView(state, paint, DISTANCE).panel.element],
  ["spread", (state) => driftView(state, paint, SPREAD).panel.element],
  ["outside", (state) => driftView(state, paint, OUTSIDE).panel.element],
  ["loss", loss],
  ["loss_log", loss, { logLoss: true }],
  ["mean_images", (state) => imagesView(state, paint).element],
  ["compare_drift", (state) => compareCurves(state, paint, "drift").panel.element, comparison],
  ["compare_histograms", (state) => compareHistograms(state, paint), comparison],
  ["scatter", (state) => scatterView(state, paint), comparison],
];

for (const [name, view, change] of PICTURES)
  test(name, async () => {
    await expectPicture(name, await saved(view, change));
  });
