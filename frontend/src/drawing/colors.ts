// Colours: TensorBoard's for runs, Okabe and Ito's for scores, ramps for counts and differences.

export type Theme = "light" | "dark";

// TensorBoard gives run i the colour i % 7, in the order in which it lists runs.
const RUNS = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"];
const FIRST_RUN_DARK = "#8e98a3";

// Told apart by people with any kind of colour vision.
const SCORES = {
  light: ["#0072b2", "#d55e00", "#00815f", "#b3588f", "#8a6d00"],
  dark: ["#56b4e9", "#f08a3c", "#2fc39a", "#e29ac4", "#e6c34a"],
};

type Rgb = readonly [red: number, green: number, blue: number];

// Below zero, zero, above zero.
const DIFFERENCE: Readonly<Record<Theme, readonly Rgb[]>> = {
  light: [
    [0, 84, 159],
    [247, 247, 247],
    [191, 82, 0],
  ],
  dark: [
    [86, 180, 233],
    [58, 58, 58],
    [245, 150, 60],
  ],
};

export function runColor(eventDirectory: string, order: readonly string[], theme: Theme): string {
  const index = Math.max(0, order.indexOf(eventDirectory)) % RUNS.length;
  return index === 0 && theme === "dark" ? FIRST_RUN_DARK : RUNS[index]!;
}

export function scoreColor(index: number, theme: Theme): string {
  const colors = SCORES[theme];
  return colors[index % colors.length]!;
}

// From no count to the most, as 17 stops to interpolate between. cividis, viridis and magma are samples of
// d3-scale-chromatic, which the tests compare them with: the library would add a tenth to the page. blue
// falls evenly in OKLab's lightness, at hue 250°. All four are told apart with any kind of colour vision,
// and in grey.
const STOPS = {
  blue: "ffffffe1f2ffc5e5ffaad7ff91c9ff79bbff62adf84c9eee3890e22582d41474c30567b1015a9d034d870941710f3659132a42",
  cividis: "002051012b6511366c26426e3c4d6e51586e62646f7270717f7c758c88779a9478a9a177bbaf71cebd68e2cb5cf3da4ffdea45",
  viridis: "44015448186a472d7b4240863b528b33638d2c728e26828e21918c1fa08828ae803fbc735ec96284d44baddc30d8e219fde725",
  magma: "0000040a08221d114736106b51127c6a1c818326819c2e7fb73779d0416fe75263f56b5cfc8961fea772fec488fde2a3fcfdbf",
} as const;

export type ColorMap = keyof typeof STOPS;
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
  const mix = (channel: 0 | 1 | 2): number => from[channel] + (to[channel] - from[channel]) * (place - index);
  return [mix(0), mix(1), mix(2)];
}

/** "rgb(r, g, b)" or "#rrggbb" as three numbers. */
function parseColor(color: string): Rgb {
  const numbers = color.startsWith("#")
    ? [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16))
    : (color.match(/\d+/g) ?? []).map(Number);
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}
