// The binary answer of the route `histograms`, built by hand from http_api.md.

interface Series {
  readonly side: "output" | "reference";
  readonly steps: readonly number[];
  /** Steps x rows x 7 cells: underflow, two bins, overflow, NaN, +Inf, -Inf. */
  readonly cells: readonly number[];
  readonly mean: readonly number[];
  readonly quantiles: readonly number[];
}

const BINS = 2;
const CELLS = BINS + 5;

export function encodeHistograms(channels: readonly string[], all: readonly Series[]): ArrayBuffer {
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (dtype: string, array: ArrayLike<number>, shape: readonly number[]): object => {
    const typed = dtype === "uint16" ? Uint16Array.from(array) : Float32Array.from(array);
    const bytes = new Uint8Array(Math.ceil(typed.byteLength / 8) * 8);
    bytes.set(new Uint8Array(typed.buffer));
    parts.push(bytes);
    length += bytes.length;
    return { dtype, shape, offset: length - bytes.length };
  };
  const series = all.map(({ side, steps, cells, mean, quantiles }) => {
    const shape = [steps.length, channels.length];
    return {
      side,
      quantity: "mean_pixels",
      low: 0,
      high: 1,
      bins: BINS,
      steps,
      wall_times: steps,
      cells: add("uint16", cells, [...shape, CELLS]),
      mean: add("float32", mean, shape),
      std: add("float32", mean, shape),
      quantile_values: add("float32", quantiles, [...shape, 3]),
    };
  });
  const header = JSON.stringify({
    version: 1,
    channels,
    quantiles: [0.05, 0.5, 0.95],
    extra_cells: 5,
    notes: [],
    series,
  });
  const text = new TextEncoder().encode(header.padEnd(Math.ceil((header.length + 4) / 8) * 8 - 4));
  const answer = new Uint8Array(4 + text.length + length);
  new DataView(answer.buffer).setUint32(0, text.length, true);
  answer.set(text, 4);
  let offset = 4 + text.length;
  for (const part of parts) {
    answer.set(part, offset);
    offset += part.length;
  }
  return answer.buffer;
}
