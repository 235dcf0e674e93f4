import { expect, test } from "vitest";
import { shorten } from "../../src/state/run_names";

const short = (...names: string[]): string[] => [...shorten(names).values()];

test("what all names have alike is left out", () => {
  expect(short("lr=1,beta=4,latent=32/seed_0", "lr=2,beta=4,latent=32/seed_1")).toEqual([
    "lr=1 · seed_0",
    "lr=2 · seed_1",
  ]);
  expect(short("experiment/vae/a", "experiment/vae/b1")).toEqual(["a", "b1"]);
});

test("short names, those that are made in different ways, and a single one, stay whole", () => {
  expect(short("x/vae", "y/vae")).toEqual([]);
  expect(short("experiment/vae/a", "experiment")).toEqual([]);
  expect(short("experiment/vae/a")).toEqual([]);
});
