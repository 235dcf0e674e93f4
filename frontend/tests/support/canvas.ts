// Canvases for happy-dom, which has none: pixels are copied as a browser does without smoothing, lines and
// texts are only written down.

import { vi } from "vitest";

type Source = FakeContext["canvas"] & { getContext(kind: "2d"): FakeContext };

export class FakeContext {
  /** Names and arguments of what was drawn besides pixels, in order. */
  readonly calls: (readonly [name: string, ...values: unknown[]])[] = [];
  pixels: Uint8ClampedArray;
  font = "";
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 1;
  textAlign = "";
  imageSmoothingEnabled = true;
  #scale = [1, 1];
  #origin = [0, 0];

  constructor(readonly canvas: { readonly width: number; readonly height: number }) {
    this.pixels = new Uint8ClampedArray(canvas.width * canvas.height * 4);
  }

  putImageData({ data }: ImageData): void {
    this.pixels = new Uint8ClampedArray(data);
  }

  scale(x: number, y: number): void {
    this.#scale = [this.#scale[0]! * x, this.#scale[1]! * y];
  }

  translate(x: number, y: number): void {
    this.#origin = [this.#origin[0]! + x * this.#scale[0]!, this.#origin[1]! + y * this.#scale[1]!];
  }

  setTransform(x: number, _b: number, _c: number, y: number, left: number, top: number): void {
    [this.#scale, this.#origin] = [
      [x, y],
      [left, top],
    ];
  }

  /** Each pixel has the colour of the source at its centre. */
  drawImage(source: Source, ...box: number[]): void {
    const { width, height } = source;
    const [sx = 0, sy = 0, sw = width, sh = height, dx = 0, dy = 0, dw = width, dh = height] =
      box.length === 8 ? box : [0, 0, width, height, ...box];
    const { pixels } = source.getContext("2d");
    const [left, top] = [this.#origin[0]! + dx * this.#scale[0]!, this.#origin[1]! + dy * this.#scale[1]!];
    const [wide, high] = [dw * this.#scale[0]!, dh * this.#scale[1]!];
    for (let y = Math.max(0, Math.round(top)); y < Math.min(this.canvas.height, Math.round(top + high)); y++)
      for (let x = Math.max(0, Math.round(left)); x < Math.min(this.canvas.width, Math.round(left + wide)); x++) {
        const column = Math.min(width - 1, Math.floor(sx + ((x + 0.5 - left) / wide) * sw));
        const row = Math.min(height - 1, Math.floor(sy + ((y + 0.5 - top) / high) * sh));
        const from = (row * width + column) * 4;
        if (pixels[from + 3]) this.pixels.set(pixels.subarray(from, from + 4), (y * this.canvas.width + x) * 4);
      }
  }

  clearRect(): void {
    this.pixels.fill(0);
    this.calls.length = 0;
  }
}

for (const name of [
  "beginPath",
  "moveTo",
  "lineTo",
  "closePath",
  "arc",
  "rect",
  "clip",
  "fill",
  "stroke",
  "fillText",
  "save",
  "restore",
  "setLineDash",
])
  Object.defineProperty(FakeContext.prototype, name, {
    value(this: FakeContext, ...values: unknown[]) {
      this.calls.push([name, ...values]);
    },
  });

const contexts = new WeakMap<object, FakeContext>();

export function contextOf(canvas: HTMLCanvasElement): FakeContext {
  let context = contexts.get(canvas);
  // A canvas is empty when its size is another.
  if (context?.pixels.length !== canvas.width * canvas.height * 4) context = new FakeContext(canvas);
  contexts.set(canvas, context);
  return context;
}

/** Pixels of a canvas that are one character. */
const PIXELS = 11;
const DARKNESS = " .:-=+*#%@";

/** Pixels as an address: their hash, and `columns` characters a row by how dark they are. */
export function describePixels(
  { canvas: { width, height }, pixels }: FakeContext,
  columns: number,
): { hash: string; rows: string[] } {
  let hash = 0x811c9dc5;
  for (const value of pixels) hash = Math.imul(hash ^ value, 0x01000193) >>> 0;
  const size = width / columns;
  const count = Math.max(1, Math.round(height / size / 2));
  const limits = (index: number, whole: number, parts: number) =>
    [(index * whole) / parts, ((index + 1) * whole) / parts] as const;
  const rows = Array.from({ length: count }, (_, row) =>
    Array.from({ length: columns }, (__, column) =>
      darkness(pixels, width, limits(column, width, columns), limits(row, height, count)),
    ).join(""),
  );
  return { hash: hash.toString(16).padStart(8, "0"), rows };
}

function darkness(
  pixels: Uint8ClampedArray,
  width: number,
  [left, right]: readonly [number, number],
  [top, bottom]: readonly [number, number],
): string {
  let [sum, count] = [0, 0];
  for (let y = Math.floor(top); y < Math.ceil(bottom); y++)
    for (let x = Math.floor(left); x < Math.ceil(right); x++) {
      const at = (y * width + x) * 4;
      const light = 0.2126 * pixels[at]! + 0.7152 * pixels[at + 1]! + 0.0722 * pixels[at + 2]!;
      sum += pixels[at + 3] ? 1 - light / 255 : 0;
      count++;
    }
  return DARKNESS[Math.min(DARKNESS.length - 1, Math.floor((sum / (count || 1)) * DARKNESS.length))]!;
}

/** What happy-dom's page lacks for charts. */
export function installCanvas(): void {
  const prototype = HTMLCanvasElement.prototype;
  vi.spyOn(prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
    return contextOf(this) as unknown as RenderingContext;
  } as typeof prototype.getContext);
  vi.spyOn(prototype, "toDataURL").mockImplementation(function (this: HTMLCanvasElement) {
    const { hash, rows } = describePixels(contextOf(this), Math.ceil(this.width / PIXELS));
    return [hash, ...rows].join("\n");
  });
  vi.stubGlobal(
    "ImageData",
    class {
      readonly data: Uint8ClampedArray;
      constructor(
        readonly width: number,
        readonly height: number,
      ) {
        this.data = new Uint8ClampedArray(width * height * 4);
      }
    },
  );
}
