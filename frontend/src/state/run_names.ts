// What runs are called where many stand together: by what differs between their names.

import type { Run } from "../model/types";
import { runLabel } from "./runs";
import { derived, type State } from "./state";

/** Parts of a name: directories, and the settings that many write into one. */
const SEPARATOR = /[/,]/;
/** Names of so few characters stay as they are. */
const SHORT = 16;

const shortNames = derived(
  (state): ReadonlyMap<string, string> => shorten((state.catalog?.runs ?? []).map(({ name }) => name)),
);

/** Without the parts that all runs have alike; the whole where their names are made in other ways. */
export function shortLabel(state: State, run: Run): string {
  const label = runLabel(run);
  return label === run.name ? shortNames(state).get(run.name) || label : label;
}

/** "lr=1,latent=32/seed_0", "lr=2,latent=32/seed_0": "lr=1" and "lr=2". Empty where nothing is left. */
export function shorten(names: readonly string[]): ReadonlyMap<string, string> {
  const parts = names.map((name) => name.split(SEPARATOR));
  const [first = []] = parts;
  if (
    names.length < 2 ||
    names.every(({ length }) => length <= SHORT) ||
    parts.some(({ length }) => length !== first.length)
  )
    return new Map();
  const differs = first.map((part, index) => parts.some((one) => one[index] !== part));
  return new Map(names.map((name, index) => [name, parts[index]!.filter((_, place) => differs[place]).join(" · ")]));
}
