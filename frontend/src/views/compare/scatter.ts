// Loss against drift: a run's course through both, and the epochs where either is best.

import { Chart } from "../../charts/chart";
import { runColor, withAlpha } from "../../drawing/colors";
import { comparedChannel, comparedCourses, inChannel, isComparable } from "../../state/comparison";
import { formatNumber } from "../../base/format";
import type { Run } from "../../model/types";
import { pageColors } from "../../drawing/page_colors";
import { Panel } from "../../charts/panel";
import type { Painter, Point } from "../../drawing/pen";
import { leastIndex, nearestIndex, type Domain } from "../../model/series";
import { cursorStep } from "../../state/shown";
import type { State } from "../../state/state";
import type { Store } from "../../state/store";
import { runLabel, type Headlines } from "../../state/runs";

/** A course needs no more points than this to be seen. */
const MOST_POINTS = 150;

interface Course {
  readonly run: Run;
  readonly color: string;
  readonly steps: readonly number[];
  readonly points: readonly Point[];
  readonly bestLoss: number;
  readonly bestDrift: number;
}

export function scatterView(store: Store): HTMLElement {
  let courses: readonly Course[] = [];
  let pixel: Point = [1, 1];
  const nearest = (x: number, y: number): { course: Course; index: number } | null => {
    let found: { course: Course; index: number } | null = null;
    let least = Infinity;
    for (const course of courses)
      course.points.forEach(([px, py], index) => {
        const distance = ((px - x) / pixel[0]) ** 2 + ((py - y) / pixel[1]) ** 2;
        if (distance < least) [least, found] = [distance, { course, index }];
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
        const { course, index } = pointed;
        const [loss, drift] = course.points[index]!;
        chart.showTip(place, `${runLabel(course.run)}, epoch ${course.steps[index]}`, `loss ${formatNumber(loss)}`, `drift ${formatNumber(drift)}`);
      },
      onPick: () => {
        if (pointed) store.update({ chosen: pointed.course.steps[pointed.index] ?? null, hovered: null });
      },
    },
  });
  const panel = new Panel("Drift against loss", {
    body: chart.element,
    chart,
    table: () => ({
      name: `loss and drift${inChannel(comparedChannel(store.state))}`,
      columns: ["run", "epoch", "loss", "drift", "best"],
      rows: courses.flatMap(({ run, steps, points, bestLoss, bestDrift }) =>
        points.map(([loss, drift], index) => [run.name, steps[index]!, loss, drift, [index === bestLoss && "loss", index === bestDrift && "drift"].filter(Boolean).join(" and ") || null]),
      ),
    }),
  });
  store.watch(
    (state) => [comparedCourses(state), state.theme, state.directoryOrder],
    (state) => {
      courses = comparedCourses(state).flatMap(([run, headlines]) => toCourse(run, headlines, state) ?? []);
      panel.element.hidden = !courses.length;
      panel.title = `Drift against loss${inChannel(comparedChannel(state))}`;
      const [x, y] = [domainOf(courses, 0), domainOf(courses, 1)];
      pixel = [(x[1] - x[0]) / 500, (y[1] - y[0]) / 220];
      panel.showLegend([
        { label: "○ least loss", color: "", value: "" },
        { label: "◇ least drift", color: "", value: "" },
        { label: "loss →, drift ↑", color: "", value: "" },
      ]);
      chart.show({ x: [...x], lines: [], kind: "number", domain: x, range: y, over: coursePainter(courses, pageColors().ink), moving: cursorPainter(store, courses) });
      panel.refreshTable();
    },
  );
  store.watch((state) => [cursorStep(state)], () => chart.redrawMoving());
  return panel.element;
}

function toCourse(run: Run, { drift, loss }: Headlines, state: State): Course | null {
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
  const every = Math.ceil(points.length / MOST_POINTS);
  const keep = points.flatMap((_, i) => (i % every === 0 || i === bestLoss || i === bestDrift || i === points.length - 1 ? [i] : []));
  return {
    run,
    color: runColor(run.eventDirectory, state.directoryOrder, state.theme),
    steps: keep.map((i) => steps[i]!),
    points: keep.map((i) => points[i]!),
    bestLoss: keep.indexOf(bestLoss),
    bestDrift: keep.indexOf(bestDrift),
  };
}

function domainOf(courses: readonly Course[], axis: 0 | 1): Domain {
  const all = courses.flatMap(({ points }) => points.map((point) => point[axis]));
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!Number.isFinite(low)) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** Every course, and on it where the loss and where the drift is least. */
function coursePainter(courses: readonly Course[], ink: string): Painter {
  const runs = courses.map(({ run }) => run);
  return (pen, frame) =>
    pen.within(frame, () => {
      for (const { run, color, points, bestLoss, bestDrift } of courses) {
        const at = points.map(([x, y]): Point => [frame.x(x), frame.y(y)]);
        const dash = isComparable(run, runs) ? {} : { dash: [2, 3] };
        pen.path(at, { stroke: withAlpha(color, 0.45), ...dash });
        pen.path(around(at[bestLoss]!, 5, 16), { stroke: ink, width: 1.5 });
        pen.path(around(at[bestDrift]!, 6, 4), { stroke: ink, width: 1.5 });
      }
    });
}

/** Where each run is at the epoch of the cursor. */
function cursorPainter(store: Store, courses: readonly Course[]): Painter {
  return (pen, frame) => {
    const step = cursorStep(store.state) ?? 0;
    for (const { color, steps, points } of courses) {
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
