// Gathers what is on the page of one run for a report: in both themes, and as wide as a report is.

import { listFindings } from "../../state/finding_list";
import { meanImageTable, meanPictures, type MeanPictures } from "../../state/shown_images";
import type { Panel } from "../../charts/panel";
import { THEMES, type Drawn, type Report, type ReportImages } from "../../report/report";
import { baselinePhrase, cursorStep, shownBaseline, shownChannel } from "../../state/shown";
import type { State } from "../../state/state";
import type { Store } from "../../state/store";
import { runLabel } from "../../state/runs";
import { QUANTITY_TITLES } from "../../model/scores";
import { enlarged, pictureCanvas } from "./mean_images";
import { numbersAt } from "./numbers";
import { factsOf, notesOf } from "./toolbar";

/** The panels of the page by where a report has them; those that are hidden are left out. */
export interface ReportPanels {
  readonly overSteps: readonly Panel[];
  readonly atStep: readonly Panel[];
}

/** Width of the charts, in CSS pixels. */
const FULL = 1038;
const BESIDE_NUMBERS = 698;

export function reportContent(store: Store, panels: ReportPanels): Report | null {
  const { state } = store;
  const { detail } = state;
  const numbers = numbersAt(state);
  const step = cursorStep(state);
  if (!detail || !numbers || step === null) return null;
  const { run, stream } = detail;
  const channel = shownChannel(state);
  const overSteps = visible(panels.overSteps);
  const atStep = visible(panels.atStep);
  const looks = THEMES.map((theme) =>
    store.during({ theme }, () => ({ over: overSteps.map(draw(FULL)), at: atStep.map(draw(BESIDE_NUMBERS)), images: meanPictures(store.state) })),
  );
  return {
    title: runLabel(run),
    made: new Date(),
    version: PRODUCT_VERSION,
    facts: [
      `stream ${stream.name}`,
      ...(channel ? [`channel ${channel}`] : []),
      factsOf(detail),
      `reference ${stream.referenceHash}`,
      ...(shownBaseline(state).kind === "reference" ? [] : [`measured by ${baselinePhrase(state)}`]),
    ],
    notes: notesOf(state, detail),
    findings: listFindings(detail, state.findings),
    overSteps: overSteps.map(({ title, table }, at) => ({ title, drawn: looks.map(({ over }) => over[at]!), table: table() })),
    step,
    reading: numbers.reading,
    numbers: numbers.rows,
    // Its own title is the epoch, which stands above it.
    atStep: atStep.map(({ table }, at) => ({ title: QUANTITY_TITLES[detail.quantity], drawn: looks.map((look) => look.at[at]!), table: table() })),
    images: images(state, looks.flatMap((look) => look.images ?? [])),
  };
}

function visible(panels: readonly Panel[]): Panel[] {
  return panels.filter(({ element, chart }) => !element.hidden && chart);
}

function draw(width: number): (panel: Panel) => Drawn {
  return ({ legend, chart }) => ({ legend, svg: chart?.svg("", width) ?? "" });
}

function images(state: State, looks: readonly MeanPictures[]): ReportImages | null {
  const [first] = looks;
  if (!first) return null;
  const pictures = first.pictures.map(({ caption }, at) => ({
    caption,
    urls: looks.map((look) => pictureCanvas(look.pictures[at]!, look).toDataURL()),
  }));
  return { ...enlarged(first), pictures, sentence: first.sentence, table: meanImageTable(state) };
}
