import { expect, test } from "vitest";
import { shorten } from "../../src/state/run_names";

const short = (...names: string[]): string[] => [...shorten(names).values()];

test("what all names have alike is left out", () => {
  expect(short("lr=1,beta=4,latent=32/seed_0", "lr=2,beta=4,latent=32/seed_1")).toEqual([
    "lr=1 · seed_0",
    "lr=2 · seed_1",
  ]);
  expect(short("vae/a", "vae/b", "vae/c")).toEqual(["a", "b", "c"]);
});

test("names that are made in different ways, and a single one, stay whole", () => {
  expect(short("vae/a", "gan")).toEqual([]);
  expect(short("vae/a")).toEqual([]);
});
