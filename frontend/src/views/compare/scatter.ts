// Drift against loss: each run's path through both, and the steps where either is best.

import { untracked } from "@preact/signals-core";
import { formatNumber } from "../../base/format";
import { Chart } from "../../charts/chart";
import { Panel } from "../../charts/panel";
import { runColor, withAlpha } from "../../drawing/colors";
import { pageColors } from "../../drawing/page_colors";
import type { Painter, Point } from "../../drawing/pen";
import { type Domain, leastIndex, nearestIndex } from "../../model/series";
import type { Run } from "../../model/types";
import { comparedChannel, comparedSeries, isComparable } from "../../state/comparison";
import type { Paint } from "../../state/frames";
import { shortLabel } from "../../state/run_names";
import type { RunSeries } from "../../state/runs";
import { cursorStep, inChannel } from "../../state/shown";
import { type State, update } from "../../state/state";
import { stepName, stepWord } from "../../state/step_words";

/** A path needs no more points than this to be seen. */
const MAX_POINTS = 150;

interface Path {
  readonly run: Run;
  readonly color: string;
  readonly steps: readonly number[];
  readonly points: readonly Point[];
  readonly bestLoss: number;
  readonly bestDrift: number;
}

export function scatterView(state: State, paint: Paint): HTMLElement {
  let paths: readonly Path[] = [];
  let pixel: Point = [1, 1];
  const nearest = (x: number, y: number): { path: Path; index: number } | null => {
    let found: { path: Path; index: number } | null = null;
    let least = Infinity;
    for (const path of paths)
      path.points.forEach(([px, py], index) => {
        const distance = ((px - x) / pixel[0]) ** 2 + ((py - y) / pixel[1]) ** 2;
        if (distance < least) [least, found] = [distance, { path, index }];
      });
    return found;
  };
  let pointed: ReturnType<typeof nearest> = null;
  const chart = new Chart({
    height: 260,
    label: "Loss against drift of each run. The table in the menu has the numbers.",
    marginRight: 14,
    pointer: {
      onHover: (x, place, y) => {
        pointed = x === null ? null : nearest(x, y);
        if (!pointed) return chart.showTip(null);
        const { path, index } = pointed;
        const [loss, drift] = path.points[index]!;
        chart.showTip(
          place,
          `${shortLabel(state, path.run)}, ${stepName(state, path.steps[index])}`,
          `loss ${formatNumber(loss)}`,
          `drift ${formatNumber(drift)}`,
        );
      },
      onPick: () => {
        if (pointed) update(state, { chosen: pointed.path.steps[pointed.index] ?? null, hovered: null });
      },
    },
  });
  const panel = new Panel("Drift against loss", {
    body: chart.element,
    picture: chart,
    table: () => ({
      name: `loss and drift${inChannel(comparedChannel(state))}`,
      columns: ["run", stepWord(state), "loss", "drift", "best"],
      rows: paths.flatMap(({ run, steps, points, bestLoss, bestDrift }) =>
        points.map(([loss, drift], index) => [
          run.name,
          steps[index]!,
          loss,
          drift,
          [index === bestLoss && "loss", index === bestDrift && "drift"].filter(Boolean).join(" and ") || null,
        ]),
      ),
    }),
  });
  paint(() => {
    paths = comparedSeries(state).flatMap(([run, series]) => toPath(run, series, state) ?? []);
    panel.element.hidden = !paths.length;
    panel.title = `Drift against loss${inChannel(comparedChannel(state))}`;
    const [x, y] = [domainOf(paths, 0), domainOf(paths, 1)];
    pixel = [(x[1] - x[0]) / 500, (y[1] - y[0]) / 220];
    panel.showLegend([
      { label: "○ least loss", color: "", value: "" },
      { label: "◇ least drift", color: "", value: "" },
      { label: "loss →, drift ↑", color: "", value: "" },
    ]);
    chart.show({
      x: [...x],
      lines: [],
      kind: "number",
      domain: x,
      range: y,
      over: pathPainter(paths, pageColors().ink),
      moving: cursorPainter(state, paths),
    });
    panel.refreshTable();
  });
  paint(() => {
    void cursorStep(state);
    chart.redrawMoving();
  });
  return panel.element;
}

function toPath(run: Run, { drift, loss }: RunSeries, state: State): Path | null {
  if (!drift || !loss) return null;
  const steps: number[] = [];
  const points: Point[] = [];
  for (let i = 0; i < drift.steps.length; i++) {
    const at = nearestIndex(loss.steps, drift.steps[i]!);
    const [x, y] = [loss.values[at]!, drift.values[i]!];
    if (loss.steps[at] !== drift.steps[i] || !Number.isFinite(x) || !Number.isFinite(y)) continue;
    steps.push(drift.steps[i]!);
    points.push([x, y]);
  }
  if (!points.length) return null;
  const bestLoss = leastIndex(points.map(([loss]) => loss));
  const bestDrift = leastIndex(points.map(([, drift]) => drift));
  const every = Math.ceil(points.length / MAX_POINTS);
  const keep = points.flatMap((_, i) =>
    i % every === 0 || i === bestLoss || i === bestDrift || i === points.length - 1 ? [i] : [],
  );
  return {
    run,
    color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
    steps: keep.map((i) => steps[i]!),
    points: keep.map((i) => points[i]!),
    bestLoss: keep.indexOf(bestLoss),
    bestDrift: keep.indexOf(bestDrift),
  };
}

function domainOf(paths: readonly Path[], axis: 0 | 1): Domain {
  const all = paths.flatMap(({ points }) => points.map((point) => point[axis]));
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!Number.isFinite(low)) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** Every path, with marks where the loss and where the drift is least. */
function pathPainter(paths: readonly Path[], ink: string): Painter {
  const runs = paths.map(({ run }) => run);
  return (pen, frame) =>
    pen.within(frame, () => {
      for (const { run, color, points, bestLoss, bestDrift } of paths) {
        const at = points.map(([x, y]): Point => [frame.x(x), frame.y(y)]);
        const dash = isComparable(run, runs) ? {} : { dash: [2, 3] };
        pen.path(at, { stroke: withAlpha(color, 0.45), ...dash });
        pen.path(around(at[bestLoss]!, 5, 16), { stroke: ink, width: 1.5 });
        pen.path(around(at[bestDrift]!, 6, 4), { stroke: ink, width: 1.5 });
      }
    });
}

/** A dot on each path at the step of the cursor. */
function cursorPainter(state: State, paths: readonly Path[]): Painter {
  return (pen, frame) => {
    // A move of the cursor paints this alone, not all that has painted it before.
    const step = untracked(() => cursorStep(state)) ?? 0;
    for (const { color, steps, points } of paths) {
      const [x, y] = points[nearestIndex(steps, step)]!;
      pen.dot([frame.x(x), frame.y(y)], 4, color);
    }
  };
}

/** A polygon about a point: a diamond of four corners, a ring of many. */
function around([x, y]: Point, radius: number, corners: number): Point[] {
  return Array.from({ length: corners + 1 }, (_, corner): Point => {
    const angle = (corner * 2 * Math.PI) / corners;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}
