// Colours: TensorBoard's for runs, Okabe and Ito's for quantities, ramps for counts and differences.

import { STOPS, type ColorMap } from "./color_stops";

export type Theme = "light" | "dark";

// TensorBoard gives run i the colour i % 7, in the order in which it lists runs.
const RUNS = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"];
const FIRST_RUN_DARK = "#8e98a3";

// Told apart by people with any kind of colour vision.
const STATISTICS = {
  light: ["#0072b2", "#d55e00", "#00815f", "#b3588f", "#8a6d00"],
  dark: ["#56b4e9", "#f08a3c", "#2fc39a", "#e29ac4", "#e6c34a"],
};

type Rgb = readonly [red: number, green: number, blue: number];

// Below zero, zero, above zero.
const DIFFERENCE: Readonly<Record<Theme, readonly Rgb[]>> = {
  light: [[0, 84, 159], [247, 247, 247], [191, 82, 0]],
  dark: [[86, 180, 233], [58, 58, 58], [245, 150, 60]],
};

export function runColor(eventDirectory: string, order: readonly string[], theme: Theme): string {
  const index = Math.max(0, order.indexOf(eventDirectory)) % RUNS.length;
  return index === 0 && theme === "dark" ? FIRST_RUN_DARK : RUNS[index]!;
}

export function statisticColor(index: number, theme: Theme): string {
  const colors = STATISTICS[theme];
  return colors[index % colors.length]!;
}

export type MapChoice = ColorMap | "auto";

const STEPS = 256;
const tables = new Map<string, Uint8ClampedArray>();

/** 256 colours from no count to the most, as RGB triples. More always stands out from the ground. */
export function countColors(choice: MapChoice, theme: Theme): Uint8ClampedArray {
  const name = choice === "auto" ? (theme === "light" ? "blue" : "cividis") : choice;
  const key = `${name} ${theme}`;
  const known = tables.get(key);
  if (known) return known;
  const stops = STOPS[name].match(/.{6}/g)!.map((stop) => parseColor(`#${stop}`));
  // The library's ramps begin dark, our own light.
  if ((name === "blue") === (theme === "dark")) stops.reverse();
  const table = new Uint8ClampedArray(STEPS * 3);
  for (let step = 0; step < STEPS; step++) table.set(interpolate(stops, step / (STEPS - 1)), step * 3);
  tables.set(key, table);
  return table;
}

/** A few of the colours, for a ramp in a legend. */
export function cssRamp(choice: MapChoice, theme: Theme): string[] {
  const table = countColors(choice, theme);
  return Array.from({ length: 8 }, (_, i) => {
    const at = Math.round((i * (STEPS - 1)) / 7) * 3;
    return `rgb(${table.slice(at, at + 3).join()})`;
  });
}

/** The colour of a signed share of the greatest difference, -1 to 1. */
export function differenceColor(share: number, theme: Theme): Rgb {
  return interpolate(DIFFERENCE[theme], (Math.min(1, Math.max(-1, share)) + 1) / 2);
}

/** A colour made transparent, for the area under a line. */
export function withAlpha(color: string, alpha: number): string {
  return `rgba(${parseColor(color).join()},${alpha})`;
}

function interpolate(stops: readonly Rgb[], at: number): Rgb {
  const place = at * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const from = stops[index]!;
  const to = stops[index + 1]!;
  const mix = (channel: 0 | 1 | 2): number =>
    from[channel] + (to[channel] - from[channel]) * (place - index);
  return [mix(0), mix(1), mix(2)];
}

/** "rgb(r, g, b)" or "#rrggbb" as three numbers. */
function parseColor(color: string): Rgb {
  const numbers = color.startsWith("#")
    ? [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16))
    : (color.match(/\d+/g) ?? []).map(Number);
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}
