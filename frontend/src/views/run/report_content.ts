// Gathers the page of one run for a report: in both themes, and as wide as a report is.

import type { Panel } from "../../charts/panel";
import { QUANTITIES } from "../../model/quantities";
import { type Drawn, type Report, type ReportImages, THEMES } from "../../report/report";
import { listFindings } from "../../state/finding_list";
import type { Frames } from "../../state/frames";
import { runLabel } from "../../state/runs";
import { baselinePhrase, cursorStep, shownBaseline, shownChannel } from "../../state/shown";
import type { State } from "../../state/state";
import { stepName, stepWord } from "../../state/step_words";
import { noProblems } from "./findings";
import { enlarged, pictureCanvas } from "./mean_images";
import { type MeanPictures, meanImageTable, meanPictures } from "./mean_pictures";
import { numbersAt } from "./numbers";
import { factsOf, notesOf } from "./toolbar";

/** The panels of the page by their place in a report; those that are hidden are left out. */
export interface ReportPanels {
  readonly overSteps: readonly Panel[];
  readonly atStep: readonly Panel[];
}

/** Width of the charts, in CSS pixels. */
const FULL = 1038;
const NARROW = 698;

export function reportContent(state: State, frames: Frames, panels: ReportPanels): Report | null {
  const { detail } = state;
  const numbers = numbersAt(state);
  const step = cursorStep(state);
  if (!detail || !numbers || step === null) return null;
  const { run, stream } = detail;
  const channel = shownChannel(state);
  const overSteps = visible(panels.overSteps);
  const atStep = visible(panels.atStep);
  const themed = THEMES.map((theme) =>
    frames.during({ theme }, () => ({
      over: overSteps.map(draw(FULL)),
      at: atStep.map(draw(NARROW)),
      images: meanPictures(state),
    })),
  );
  return {
    title: runLabel(run),
    made: new Date(),
    version: PRODUCT_VERSION,
    facts: [
      `stream ${stream.name}`,
      ...(channel ? [`channel ${channel}`] : []),
      factsOf(state, detail),
      `reference ${stream.referenceHash}`,
      ...(shownBaseline(state).kind === "reference" ? [] : [`compared with ${baselinePhrase(state)}`]),
    ],
    notes: notesOf(state, detail),
    findings: listFindings(state),
    noProblems: noProblems(state),
    overSteps: overSteps.map(({ title, table }, at) => ({
      title,
      drawn: themed.map(({ over }) => over[at]!),
      table: table(),
    })),
    at: stepName(state, step),
    over: `${stepWord(state)}s`,
    reading: numbers.reading,
    numbers: [...numbers.rows, ...numbers.more],
    // Its own title is the step, which stands above it.
    atStep: atStep.map(({ table }, at) => ({
      title: QUANTITIES[detail.quantity].title,
      drawn: themed.map((one) => one.at[at]!),
      table: table(),
    })),
    images: images(
      state,
      themed.flatMap((one) => one.images ?? []),
    ),
  };
}

function visible(panels: readonly Panel[]): Panel[] {
  return panels.filter(({ element, picture }) => !element.hidden && picture);
}

function draw(width: number): (panel: Panel) => Drawn {
  return ({ legend, picture }) => ({ legend, svg: picture?.svg("", width) ?? "" });
}

function images(state: State, themed: readonly MeanPictures[]): ReportImages | null {
  const [first] = themed;
  if (!first) return null;
  const pictures = first.pictures.map(({ caption }, at) => ({
    caption,
    urls: themed.map((one) => pictureCanvas(one.pictures[at]!, one).toDataURL()),
  }));
  return { ...enlarged(first), pictures, sentence: first.sentence, table: meanImageTable(state) };
}
