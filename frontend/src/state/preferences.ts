// How people like to look at things, kept from visit to visit in this browser.

import { known } from "./link";
import type { View } from "./state";

const KEY = "tb_meanpixel";

type Preferences = Pick<View, "form" | "axis" | "logLoss" | "countScale" | "colorMap" | "logCounts">;

/** What this version knows of the stored values: they may be those of another one. */
export function recallPreferences(): Partial<Preferences> {
  const stored = read();
  const all = {
    form: known("form", stored["form"]),
    axis: known("axis", stored["axis"]),
    countScale: known("countScale", stored["countScale"]),
    colorMap: known("colorMap", stored["colorMap"]),
    logLoss: toBoolean(stored["logLoss"]),
    logCounts: toBoolean(stored["logCounts"]),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function rememberPreferences({ form, axis, logLoss, countScale, colorMap, logCounts }: View): void {
  const all: Preferences = { form, axis, logLoss, countScale, colorMap, logCounts };
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // The view is in the address all the same.
  }
}

function read(): Record<string, unknown> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof stored === "object" && stored !== null ? { ...stored } : {};
  } catch {
    return {}; // no storage in a foreign frame, or not our text
  }
}

function toBoolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
