// Binary answers, built by hand from http_api.md.

export interface EncodedSeries {
  readonly side: "output" | "reference";
  readonly steps: readonly number[];
  /** Steps x rows x 7 cells: underflow, two bins, overflow, NaN, +Inf, -Inf. */
  readonly cells: readonly number[];
  readonly mean: readonly number[];
  readonly quantiles: readonly number[];
}

export interface EncodedRun {
  readonly name?: string;
  readonly channels?: readonly string[];
  readonly digest?: string;
  readonly after?: number | null;
  readonly series: readonly EncodedSeries[];
}

const BINS = 2;
const CELLS = BINS + 5;
const TYPES = { uint16: Uint16Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

/** Arrays one after another, each at a multiple of 8 bytes. */
export class Arrays {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  add(dtype: keyof typeof TYPES, array: ArrayLike<number>, shape: readonly number[] = [array.length]): object {
    const typed = TYPES[dtype].from(array);
    const bytes = new Uint8Array(Math.ceil(typed.byteLength / 8) * 8);
    bytes.set(new Uint8Array(typed.buffer));
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return { dtype, shape, offset: this.#length - bytes.length };
  }

  /** The whole answer: length of the header, header, arrays. */
  answer(header: object): ArrayBuffer {
    const json = JSON.stringify(header);
    const text = new TextEncoder().encode(json);
    const padded = Math.ceil((text.length + 4) / 8) * 8 - 4;
    const answer = new Uint8Array(4 + padded + this.#length).fill(32, 4, 4 + padded);
    new DataView(answer.buffer).setUint32(0, padded, true);
    answer.set(text, 4);
    let offset = 4 + padded;
    for (const part of this.#parts) {
      answer.set(part, offset);
      offset += part.length;
    }
    return answer.buffer;
  }
}

export function encodeHistograms(...runs: readonly EncodedRun[]): ArrayBuffer {
  const arrays = new Arrays();
  return arrays.answer({
    version: 1,
    quantiles: [0.05, 0.5, 0.95],
    extra_cells: 5,
    runs: runs.map(({ name = "vae", channels = ["all"], digest = "d", after = null, series }) => ({
      name,
      stream: "validation",
      channels,
      notes: [],
      digest,
      after,
      series: series.map(({ side, steps, cells, mean, quantiles }) => {
        const shape = [steps.length, channels.length];
        return {
          side,
          quantity: "mean_pixels",
          low: 0,
          high: 1,
          bins: BINS,
          steps,
          last_steps: steps,
          wall_times: steps.map((step) => 100 + step),
          cells: arrays.add("uint16", cells, [...shape, CELLS]),
          mean: arrays.add("float32", mean, shape),
          std: arrays.add("float32", mean, shape),
          quantile_source: "binned",
          recorded_quantiles: null,
          quantile_values: arrays.add("float32", quantiles, [...shape, 3]),
        };
      }),
    })),
  });
}
