// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { ImageSource } from "../../src/state/image_source";
import { Sources } from "../../src/state/sources";
import { createState, type State, update } from "../../src/state/state";
import { type EncodedSeries, encodeHistograms } from "../support/encode";
import {
  FakeServer,
  type Request,
  type RunShape,
  settle,
  wireCatalog,
  wireFindings,
  wireMeanImages,
  wireOpening,
  wireRun,
  wireScalars,
} from "../support/server";

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});

async function opened(runs: Readonly<Record<string, RunShape>>, change: Partial<State> = {}) {
  const state = createState(change);
  const sources = new Sources(state);
  const opening = sources.reload();
  await server.take("opening").answer(wireOpening(runs));
  await opening;
  sources.start();
  return { state, sources };
}

async function reload(sources: Sources, runs: Readonly<Record<string, RunShape>>): Promise<void> {
  void sources.reload();
  await server.take("runs").answer(wireCatalog(runs));
}

/** Histograms of two bins, of which the first holds `count` values at every step. */
function outputs(count: number, steps: readonly number[] = [0, 1]): EncodedSeries {
  return {
    side: "output",
    steps,
    cells: steps.flatMap(() => [0, count, 0, 0, 0, 0, 0]),
    mean: steps.map(() => 0.25),
    quantiles: steps.flatMap(() => [0, 0.25, 0.5]),
  };
}

const histograms = (count: number, names: readonly string[], steps?: readonly number[]): ArrayBuffer =>
  encodeHistograms(...names.map((name) => ({ name, series: [outputs(count, steps)] })));

/** Answer the requests of the shown run. */
async function answerDetail(count = 4, steps?: readonly number[]): Promise<void> {
  const request = server.take("histograms");
  await request.answer(histograms(count, request.runs, steps));
  await server.take("scalars").answer(wireScalars({}));
}

const drifts = ({ overview }: State): Record<string, number> =>
  Object.fromEntries(
    [...overview].map(([name, { scores }]) => [
      name,
      Number(scores[0]!.values[scores[0]!.values.length - 1]!.toFixed(2)),
    ]),
  );

test.each([[["first", "second"]], [["second", "first"]]])(
  "overviews that overlap add to each other: %j",
  async (order) => {
    const { state, sources } = await opened({ a: {}, b: {} });
    const first = server.take("overview");
    await reload(sources, { a: {}, b: {}, c: {} });
    const second = server.take("overview");
    for (const which of order)
      await (which === "first"
        ? first.answer(wireScalars({ a: 0.25, b: 0.5 }))
        : second.answer(wireScalars({ c: 0.75 })));
    await reload(sources, { a: {}, b: {}, c: {} });

    expect([first.runs, second.runs]).toEqual([[], ["c"]]); // all runs need no names
    expect(drifts(state)).toEqual({ a: 0.25, b: 0.5, c: 0.75 });
    expect(server.open).not.toContain("overview");
  },
);

test("a large older answer does not replace a small newer one that overtook it", async () => {
  const { state, sources } = await opened({ a: {}, b: {} });
  const older = server.take("overview");
  await reload(sources, { a: { revision: "2" }, b: {} });
  await server.take("overview").answer(wireScalars({ a: 0.9 }));
  await older.answer(wireScalars({ a: 0.25, b: 0.5 }));

  expect(drifts(state)).toEqual({ a: 0.9, b: 0.5 });
});

test.each([[["a", "b"]], [["b", "a"]]])("runs ticked one after another have all their curves: %j", async (order) => {
  const { state } = await opened({ a: {}, b: {}, c: {} }, { page: "compare", selected: new Set(["a"]) });
  update(state, { selected: new Set(["a", "b"]) });
  const requests: Record<string, Request> = {
    a: server.take("scalars", { curves: "primary" }),
    b: server.take("scalars", { curves: "primary" }),
  };
  expect([requests["a"]!.runs, requests["b"]!.runs]).toEqual([["a"], ["b"]]);
  for (const name of order) await requests[name]!.answer(wireScalars({ [name]: [1, 0.75, 0.5] }));

  expect([...state.curves.keys()].sort()).toEqual(["a", "b"]);
  expect(state.curves.get("a")!.scores[0]!.values).toHaveLength(3);
});

test("what failed is asked for again with the next reload", async () => {
  const { state, sources } = await opened({ a: {} });
  await server.take("overview").fail("out of order");
  expect(state.failures.get("overview")).toBe("out of order (500 from overview)");
  expect(server.open).not.toContain("overview");

  await reload(sources, { a: {} });
  await server.take("overview").answer(wireScalars({ a: 0.25 }));
  expect([drifts(state), [...state.failures.keys()]]).toEqual([{ a: 0.25 }, []]);
});

test("an opening that failed is asked for again, all of it", async () => {
  const state = createState();
  const sources = new Sources(state);
  void sources.reload();
  await server.take("opening").fail();
  sources.start();
  expect([...state.failures]).toEqual([["runs", "out of order (500 from opening)"]]);

  void sources.reload();
  await server.take("opening").answer(wireOpening({ a: {} }));
  expect([state.catalog?.runs.length, [...state.failures]]).toEqual([1, []]);
});

test("findings of the shown run come first, those of all others after the table's numbers", async () => {
  const { state } = await opened({ a: {}, b: {}, c: {} }, { run: "b" });
  const first = server.take("findings");
  await first.answer(wireFindings("b"));
  expect([first.runs, server.open.includes("findings")]).toEqual([["b"], false]);

  await server.take("overview").answer(wireScalars({ a: 0.25 }));
  const rest = server.take("findings");
  await rest.answer(wireFindings("a", "c"));
  expect([rest.runs, [...state.findings.keys()].sort()]).toEqual([
    ["a", "c"],
    ["a", "b", "c"],
  ]);
});

test("the answer about a run that is no longer chosen is not shown", async () => {
  const { state } = await opened({ a: {}, b: {} }, { run: "a" });
  const [histogramsOfA, scalarsOfA] = [server.take("histograms"), server.take("scalars")];
  update(state, { run: "b" });
  await answerDetail();
  expect(state.detail?.run.name).toBe("b");
  await histogramsOfA.answer(histograms(4, ["a"]));
  await scalarsOfA.answer(wireScalars({}));

  expect(state.detail?.run.name).toBe("b");
});

test("moving the cursor within the images that are here asks for nothing", async () => {
  const { state } = await opened({ a: { hasMeanImages: true } });
  const steps = Array.from({ length: 40 }, (_, step) => step);
  await answerDetail(4, steps);
  const first = server.take("mean_images");
  await first.answer(wireMeanImages(steps.slice(32)));
  expect(first.query.getAll("step")).toEqual(["32", "33", "34", "35", "36", "37", "38", "39"]);

  for (const hovered of [33, 38, 35]) update(state, { hovered });
  expect(server.open).not.toContain("mean_images");
  update(state, { hovered: 3 });
  await server.take("mean_images").answer(wireMeanImages(steps.slice(0, 32)));
  update(state, { hovered: 36 });
  await settle();
  expect(server.open).not.toContain("mean_images");
  expect(state.imageData?.images.steps[0]).toBe(32);
});

const image = (revision: string) => {
  const all = wireRun("a", { hasMeanImages: true, revision });
  return { run: all, stream: all.streams[0]! };
};

test("mean images of an older revision are not kept", async () => {
  const images = new ImageSource();
  for (const revision of ["1", "2", "3"]) {
    const { run, stream } = image(revision);
    for (const first of [0, 32]) {
      const answer = images.fetch(run, stream, [0, 1], first);
      await server.take("mean_images").answer(wireMeanImages([0]));
      expect((await answer).steps).toEqual([0]);
    }
    expect(images.size).toBe(2);
  }
});

test("of mean images the blocks that were looked at last are kept, and not asked for again", async () => {
  const images = new ImageSource();
  const { run, stream } = image("1");
  for (let first = 0; first < 20 * 32; first += 32) {
    const answer = images.fetch(run, stream, [], first);
    await server.take("mean_images").answer(wireMeanImages([first]));
    await answer;
  }

  expect(images.size).toBe(12);
  expect((await images.fetch(run, stream, [], 19 * 32)).steps).toEqual([19 * 32]);
  void images.fetch(run, stream, [], 0);
  expect(server.open).toEqual(["mean_images"]);
});

test("histograms of the compared runs are those of one quantity and channel", async () => {
  const { state } = await opened({ a: {}, b: {} }, { page: "compare" });
  const take = (quantity: string): Request => server.take("histograms", { quantity, columns: "160" });
  await take("mean_pixels").answer(histograms(4, ["a", "b"]));
  update(state, { quantity: "pixels" });
  expect(state.compared).toMatchObject({ quantity: "mean_pixels", channel: "" });
  const late = take("pixels");
  update(state, { quantity: "mean_pixels" });
  await late.answer(histograms(256, ["a", "b"]));
  expect(state.compared?.quantity).toBe("mean_pixels");

  await take("mean_pixels").answer(histograms(4, ["a", "b"]));
  expect([state.compared?.quantity, state.compared?.byRun.get("a")?.output.cells[1]]).toEqual(["mean_pixels", 4]);
});

test("exact histograms of a step say which quantity, channel and step they are of, once the cursor rests", async () => {
  const { state } = await opened({ a: {} }, { page: "compare" });
  const steps = Array.from({ length: 200 }, (_, step) => step);
  await server.take("overview").answer(wireScalars({ a: steps }));
  update(state, { chosen: 7 });
  update(state, { chosen: 8 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const exact = (): Request => server.take("histograms", { side: "output" });
  const request = exact();
  expect([request.query.get("first"), request.query.get("last")]).toEqual(["8", "8"]);
  expect(exact).toThrow("nobody asks");
  await request.answer(histograms(256, ["a"], [8]));

  expect(state.comparedAtStep).toMatchObject({ step: 8, quantity: "mean_pixels", channel: "" });
});

test("scores against a baseline say what they are of", async () => {
  const { state } = await opened({ a: {}, b: {} }, { run: "a", baseline: { kind: "run", step: null, run: "b" } });
  await answerDetail();
  const scores = server.take("baseline_scores");
  expect(Object.fromEntries(scores.query)).toEqual({
    run: "a",
    stream: "validation",
    baseline: "run",
    baseline_run: "b",
  });
  await scores.answer({ version: 1, notes: [], runs: [{ name: "a", comparable: true, notes: [], scores: [] }] });
  await server.take("histograms").answer(histograms(4, ["b"]));

  expect(state.baselineData).toMatchObject({
    run: "a",
    stream: "validation",
    quantity: "mean_pixels",
    baseline: { run: "b" },
  });
  expect(state.baselineData?.histograms?.run).toBe("b");
});
