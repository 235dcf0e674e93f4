// Colours: TensorBoard's for runs, perceptually ordered maps for counts.

import { interpolateBlues, interpolateCividis } from "d3-scale-chromatic";

export type Theme = "light" | "dark";

// TensorBoard gives run i the colour i % 7, in the order in which it lists runs.
const RUNS = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"];
const FIRST_RUN_DARK = "#8e98a3";

// Okabe and Ito's colours: told apart by people with any kind of colour vision.
const STATISTICS = {
  light: ["#0072b2", "#d55e00", "#00815f", "#b3588f", "#8a6d00"],
  dark: ["#56b4e9", "#f08a3c", "#2fc39a", "#e29ac4", "#e6c34a"],
};

export function runColor(run: string, order: readonly string[], theme: Theme): string {
  const index = Math.max(0, order.indexOf(run)) % RUNS.length;
  return index === 0 && theme === "dark" ? FIRST_RUN_DARK : RUNS[index]!;
}

export function statisticColor(index: number, theme: Theme): string {
  const colors = STATISTICS[theme];
  return colors[index % colors.length]!;
}

const STEPS = 256;
const tables = new Map<Theme, Uint8ClampedArray>();

/** 256 colours from no count to the most, as RGB triples. */
export function countColors(theme: Theme): Uint8ClampedArray {
  const known = tables.get(theme);
  if (known) return known;
  const interpolate = theme === "light" ? interpolateBlues : interpolateCividis;
  const table = new Uint8ClampedArray(STEPS * 3);
  for (let step = 0; step < STEPS; step++)
    table.set(parseColor(interpolate(step / (STEPS - 1))), step * 3);
  tables.set(theme, table);
  return table;
}

/** A colour made transparent, for the area under a line. */
export function withAlpha(color: string, alpha: number): string {
  return `rgba(${parseColor(color).join()},${alpha})`;
}

/** "rgb(r, g, b)" or "#rrggbb" as three numbers. */
function parseColor(color: string): number[] {
  if (color.startsWith("#"))
    return [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
  return (color.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}
