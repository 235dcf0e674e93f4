import { afterEach, expect, test, vi } from "vitest";
import { fetchTrainings, startOverview, toUrl } from "../src/api";
import type { Training } from "../src/model";
import { Arrays } from "./encode";

afterEach(() => vi.unstubAllGlobals());

test("parameters are repeated, left out and escaped", () => {
  expect(toUrl("histograms", { training: ["a b", "c&d"], after: null, row: 0 })).toBe(
    "./histograms?training=a+b&training=c%26d&row=0",
  );
  expect(toUrl("trainings", {})).toBe("./trainings");
});

test("the server's own sentence is passed on, with the route that failed", async () => {
  vi.stubGlobal("fetch", async () => new Response("Not found: no such run", { status: 404 }));

  await expect(fetchTrainings()).rejects.toThrow("Not found: no such run (404 from trainings)");
});

test("a server that cannot be reached is said to be so", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });

  await expect(fetchTrainings()).rejects.toThrow("TensorBoard cannot be reached");
});

test("an overview asked for ahead is completed by what has gone on since", async () => {
  const asked: string[] = [];
  const answer = (...all: (readonly [name: string, revision: string])[]): ArrayBuffer =>
    new Arrays().answer({ trainings: all.map(([name, revision]) => ({ name, revision, scores: [], curves: [] })) });
  vi.stubGlobal("fetch", async (url: string) => {
    const names = new URL(url, "http://tensorboard").searchParams.getAll("training");
    asked.push(names.join());
    return new Response(names.length ? answer(["b", "2"]) : answer(["a", "1"], ["b", "1"]));
  });
  const training = (name: string, revision: string): Training => ({ name, revision, run: name, streams: [], curves: [], notes: [] });

  const found = await startOverview()([training("a", "1"), training("b", "2")]);

  expect(asked).toEqual(["", "b"]);
  expect([...found.keys()]).toEqual(["a", "b"]);
  expect(found.get("b")).toMatchObject({ revision: "2" });
});
