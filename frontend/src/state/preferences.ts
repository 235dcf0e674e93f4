// What one likes to look at, kept from visit to visit in this browser.

import type { View } from "./state";

const KEY = "tb_meanpixel";
const REMEMBERED = ["form", "axis", "logLoss", "countScale", "colorMap", "logCounts"] as const;

type Remembered = Pick<View, (typeof REMEMBERED)[number]>;

export function recallPreferences(): Partial<Remembered> {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
    return Object.fromEntries(REMEMBERED.flatMap((key) => (known[key] === undefined ? [] : [[key, known[key]]])));
  } catch {
    return {}; // no storage in a foreign frame, or not our text
  }
}

export function rememberPreferences(view: View): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(REMEMBERED.map((key) => [key, view[key]]))));
  } catch {
    // The view is in the address all the same.
  }
}

export function preferencesOf(view: View): readonly unknown[] {
  return REMEMBERED.map((key) => view[key]);
}
