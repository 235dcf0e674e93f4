import { afterEach, expect, test, vi } from "vitest";
import { fetchTrainings, toUrl } from "../src/api";

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
