// What the outputs look like: the same few images over the steps, with their references at the right.

import { formatNumber } from "../../base/format";
import { StepChart } from "../../charts/step_chart";
import type { Table } from "../../charts/table";
import { pageColors } from "../../drawing/page_colors";
import { edgeOf, type Painter } from "../../drawing/pen";
import { MARGIN_RIGHT } from "../../drawing/plot";
import { isMarked, MARK_HELP, sampleCanvas } from "../../drawing/sample_tiles";
import {
  followedIndices,
  pairsOf,
  referencesOf,
  type SampleImage,
  type SampleSheet,
  type Samples,
} from "../../model/samples";
import type { Paint } from "../../state/frames";
import { shownAxis, shownDomain, shownSamples } from "../../state/shown";
import type { State } from "../../state/state";
import { stepWord } from "../../state/step_words";

const ROWS = 2;
const TILE = 44;
const GAP = 4;

export function sampleStrip(state: State, paint: Paint): StepChart {
  return new StepChart(state, paint, {
    title: "Outputs",
    titleOf: ({ detail }) => (detail?.stream.paired ? "Outputs and their references" : "Samples"),
    height: ROWS * (TILE + GAP) + 30,
    plot: (shown) => {
      if (!shown.detail?.stream.samples) return null;
      const samples = shownSamples(shown);
      const sheets = samples ? inSight(shown, samples) : [];
      // Its place is there before its pictures are: nothing below moves when they come.
      return {
        x: shown.detail.histograms.output.steps,
        lines: [],
        range: [0, 1],
        numbered: { y: [2, 3] }, // no values upwards
        caption: "reference",
        ...(samples && sheets.length ? { under: stripPainter(shown, samples, sheets) } : {}),
      };
    },
    legend: (shown) => {
      const samples = shownSamples(shown);
      const sheets = samples ? inSight(shown, samples) : [];
      const marked = sheets.some(({ images }) => images.some(isMarked));
      return marked
        ? [{ label: "blue: below the range, orange: above, pink: not finite", color: "", value: "", help: MARK_HELP }]
        : [];
    },
    table,
  });
}

function inSight(state: State, { sheets }: Samples): SampleSheet[] {
  const [low, high] = shownDomain(state);
  return [...sheets.values()]
    .filter(({ step }) => step >= low && step <= high)
    .sort((one, other) => one.step - other.step);
}

function stripPainter(state: State, samples: Samples, sheets: readonly SampleSheet[]): Painter {
  const axis = shownAxis(state);
  const { line } = pageColors();
  const last = sheets[sheets.length - 1]!;
  const rows = followedIndices(last, samples, ROWS);
  const paired = state.detail!.stream.paired;
  return (pen, frame) => {
    const tile = (image: SampleImage | undefined, centre: number, row: number): void => {
      if (!image) return;
      const { width, height } = image.pixels;
      const scale = TILE / Math.max(width, height);
      const box = {
        left: Math.round(centre - (width * scale) / 2),
        top: Math.round(frame.top + row * (TILE + GAP)),
        width: Math.round(width * scale),
        height: Math.round(height * scale),
      };
      pen.raster(box, (context) => {
        context.imageSmoothingEnabled = scale < 1;
        context.drawImage(sampleCanvas(image), box.left, box.top, box.width, box.height);
      });
      pen.path(edgeOf(box), { stroke: line }); // or a white image would not be seen
    };
    // From the last step backwards, as far as there is room: what is newest is shown for sure.
    let free = frame.left + frame.width + GAP;
    for (const sheet of [...sheets].reverse()) {
      const x = frame.x(axis.toX(sheet.step));
      const centre = Math.min(Math.max(x, frame.left + TILE / 2), frame.left + frame.width - TILE / 2);
      if (centre + TILE / 2 + GAP > free) continue;
      free = centre - TILE / 2;
      rows.forEach((index, row) =>
        tile(
          sheet.images.find((one) => one.side === "output" && one.index === index),
          centre,
          row,
        ),
      );
    }
    const right = frame.left + frame.width + MARGIN_RIGHT / 2;
    const references = paired
      ? rows.map((index) => pairsOf(last, samples).find(({ output }) => output.index === index)?.reference ?? undefined)
      : referencesOf(last, samples).slice(0, ROWS);
    references.forEach((image, row) => tile(image, right, row));
  };
}

function table(state: State): Table | null {
  const { detail } = state;
  const samples = shownSamples(state);
  if (!detail || !samples) return null;
  const rows = inSight(state, samples).flatMap((sheet) =>
    pairsOf(sheet, samples).map(({ output }) => [
      sheet.step,
      output.index,
      output.error === null ? null : Number(formatNumber(output.error)),
    ]),
  );
  return {
    name: `${detail.run.name} ${detail.stream.name} samples`,
    columns: [stepWord(state), "image", "error"],
    rows,
  };
}
