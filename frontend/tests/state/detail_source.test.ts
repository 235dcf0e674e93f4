// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import type { Run } from "../../src/model/types";
import { DetailSource } from "../../src/state/detail_source";
import { type EncodedSeries, encodeHistograms } from "../support/encode";
import { FakeServer, type RunShape, wireRun, wireScalars } from "../support/server";

let server: FakeServer;
let details: DetailSource;

beforeEach(() => {
  server = new FakeServer();
  details = new DetailSource();
});

function outputs(steps: readonly number[]): EncodedSeries {
  return {
    side: "output",
    steps,
    cells: steps.flatMap((step) => [0, step + 1, 0, 0, 0, 0, 0]),
    mean: steps.map(() => 0.25),
    quantiles: steps.flatMap(() => [0, 0.25, 0.5]),
  };
}

const run = (revision: string, shape: RunShape = {}): Run => wireRun("a", { ...shape, revision });
const look = (at: Run, stream = at.streams[0]!) => details.fetch(at, stream, "mean_pixels");

async function answer(steps: readonly number[], after: number | null, drift: readonly number[]): Promise<void> {
  await server.take("histograms").answer(encodeHistograms({ name: "a", digest: "d", after, series: [outputs(steps)] }));
  await server.take("scalars").answer(wireScalars({ a: drift }));
}

test("a run that has gone on is continued from where it was", async () => {
  const first = look(run("1"));
  await answer([0, 1], null, [1, 0.5]);
  await first;

  const second = look(run("2"));
  const histograms = server.take("histograms");
  expect([histograms.query.get("after"), histograms.query.get("digest")]).toEqual(["1", "d"]);
  await histograms.answer(encodeHistograms({ name: "a", digest: "e", after: 1, series: [outputs([2])] }));
  const scalars = server.take("scalars");
  expect(scalars.query.get("after")).toBe("1");
  await scalars.answer(wireScalars({ a: [1, 0.5, 0.25] }));
  const detail = await second;

  expect(detail.histograms.output.steps).toEqual([0, 1, 2]);
  expect([...detail.histograms.output.cells].filter(Boolean)).toEqual([1, 2, 3]);
  expect(detail.scalars.scores[0]?.values).toEqual([1, 0.5, 0.25]);
});

test("a run that was written anew is taken anew, with all of its scalars", async () => {
  const first = look(run("1"));
  await answer([0, 1, 2], null, [1, 0.5, 0.25]);
  await first;

  const second = look(run("2"));
  await server.take("histograms").answer(encodeHistograms({ name: "a", series: [outputs([0])] }));
  const scalars = server.take("scalars");
  expect(scalars.query.get("after")).toBeNull();
  await scalars.answer(wireScalars({ a: [0.75] }));
  const detail = await second;

  expect(detail.histograms.output.steps).toEqual([0]);
  expect(Array.from(detail.scalars.scores[0]!.values)).toEqual([0.75]);
});

test("what is here is not asked for again; another stream asks for its histograms alone", async () => {
  const shape = { streams: ["validation", "samples"] };
  const first = look(run("1", shape));
  await answer([0], null, [1]);
  await first;
  await look(run("1", shape));
  expect(server.open).toEqual([]);

  void look(run("1", shape), run("1", shape).streams[1]);
  expect(server.open).toEqual(["histograms"]);
});

test.each([["older first"], ["newer first"]])(
  "revisions that overlap end with the newer one whole: %s",
  async (order) => {
    const first = look(run("1"));
    await answer([0], null, [1]);
    await first;
    const [older, newer] = [look(run("2")), look(run("3"))];
    const [ofOlder, ofNewer] = [server.take("histograms"), server.take("histograms")];
    const answers = [
      () => ofOlder.answer(encodeHistograms({ name: "a", after: 0, series: [outputs([1])] })),
      () => ofNewer.answer(encodeHistograms({ name: "a", after: 0, series: [outputs([1, 2])] })),
    ];
    for (const give of order === "older first" ? answers : answers.reverse()) {
      await give();
      await server.take("scalars").answer(wireScalars({ a: [1, 0.5, 0.25] }));
    }

    expect((await older).histograms.output.steps).toEqual([0, 1]);
    expect((await newer).histograms.output.steps).toEqual([0, 1, 2]);
  },
);

test("a stream that is gone is said to be", async () => {
  const failed = expect(look(run("1"))).rejects.toThrow("“a” has no stream “validation” any more");
  await server.take("histograms").answer(encodeHistograms());

  await failed;
});
