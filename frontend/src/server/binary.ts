// The container of binary answers: uint32 n, n bytes of JSON, then arrays (http_api.md).

/** An answer that is not what http_api.md promises. */
export class WireError extends Error {}

export interface WireArray {
  readonly dtype: "uint8" | "uint16" | "uint32" | "int32" | "float32" | "float64";
  readonly shape: readonly number[];
  /** Bytes from the end of the header. */
  readonly offset: number;
}

const TYPES = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type TypedArray = InstanceType<(typeof TYPES)[keyof typeof TYPES]>;

/** A binary answer: its header, and the arrays that the header describes, as views without a copy. */
export class Answer<Header> {
  readonly header: Header;
  readonly #buffer: ArrayBuffer;
  readonly #start: number;
  /** By their offset: what the server stores once is one array here too. */
  readonly #arrays: Map<number, TypedArray>;

  private constructor(header: Header, buffer: ArrayBuffer, start: number, arrays: Map<number, TypedArray>) {
    this.header = header;
    this.#buffer = buffer;
    this.#start = start;
    this.#arrays = arrays;
  }

  static from<Header>(buffer: ArrayBuffer): Answer<Header> {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Header;
    return new Answer(header, buffer, 4 + length, new Map());
  }

  /** A part of the header as an answer of its own, over the same arrays. */
  part<Part>(header: Part): Answer<Part> {
    return new Answer(header, this.#buffer, this.#start, this.#arrays);
  }

  array({ dtype, shape, offset }: WireArray): TypedArray {
    const type = TYPES[dtype];
    if (!type) throw new WireError(`The server sent an array of ${String(dtype)}`);
    const length = shape.reduce((product, side) => product * side, 1);
    const known = this.#arrays.get(offset);
    // An array without items shares its offset with the next one.
    if (known instanceof type && known.length === length) return known;
    const array = new type(this.#buffer, this.#start + offset, length);
    this.#arrays.set(offset, array);
    return array;
  }

  bytes(array: WireArray): Uint8Array<ArrayBuffer> {
    const found = this.array(array);
    if (found instanceof Uint8Array) return found as Uint8Array<ArrayBuffer>;
    throw new WireError(`The server sent ${array.dtype} where uint8 was due`);
  }

  floats(array: WireArray): Float32Array {
    const found = this.array(array);
    if (found instanceof Float32Array) return found;
    throw new WireError(`The server sent ${array.dtype} where float32 was due`);
  }
}
