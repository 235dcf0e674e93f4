// A server whose answers come when a test gives them, in any order.

import type { Run } from "../../src/model/types";
import { toCatalog } from "../../src/server/decode";
import type { WireRuns } from "../../src/server/schema";
import { Arrays } from "./encode";

export class Request {
  readonly route: string;
  readonly query: URLSearchParams;
  readonly #resolve: (response: Response) => void;

  constructor(url: string, resolve: (response: Response) => void) {
    const { pathname, searchParams } = new URL(url, "http://page/");
    this.route = pathname.slice(1);
    this.query = searchParams;
    this.#resolve = resolve;
  }

  get runs(): string[] {
    return this.query.getAll("run");
  }

  async answer(body: object | ArrayBuffer): Promise<void> {
    const isBinary = body instanceof ArrayBuffer;
    const type = isBinary ? "application/octet-stream" : "application/json";
    this.#resolve(new Response(isBinary ? body : JSON.stringify(body), { headers: { "Content-Type": type } }));
    await settle();
  }

  async fail(sentence = "out of order"): Promise<void> {
    this.#resolve(new Response(sentence, { status: 500, headers: { "Content-Type": "text/plain" } }));
    await settle();
  }
}

export class FakeServer {
  readonly #open: Request[] = [];

  constructor() {
    globalThis.fetch = (url) => new Promise((resolve) => this.#open.push(new Request(String(url), resolve)));
  }

  /** Routes of the requests that are not answered yet. */
  get open(): string[] {
    return this.#open.map(({ route }) => route);
  }

  /** The oldest open request of a route, with these parameters among others. */
  take(route: string, parameters: Readonly<Record<string, string>> = {}): Request {
    const matches = ({ query }: Request): boolean =>
      Object.entries(parameters).every(([name, value]) => query.get(name) === value);
    const index = this.#open.findIndex((request) => request.route === route && matches(request));
    if (index < 0) throw new Error(`nobody asks for ${route}, but for ${this.open.join()}`);
    return this.#open.splice(index, 1)[0]!;
  }
}

/** Long enough for an answer to be read and merged. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

export interface RunShape {
  readonly revision?: string;
  readonly hasMeanImages?: boolean;
  readonly steps?: number;
  readonly streams?: readonly string[];
}

/** The answer of `runs`. */
export function wireCatalog(runs: Readonly<Record<string, RunShape>>): WireRuns {
  return {
    runs: Object.entries(runs).map(
      ([name, { revision = "1", hasMeanImages = false, steps = 2, streams = ["validation"] }]) => ({
        name,
        event_directory: `${name}/mean_pixel`,
        revision,
        notes: [],
        curves: [],
        streams: streams.map((stream) => ({
          name: stream,
          paired: true,
          value_range: { low: 0, high: 1, source: "declared" as const },
          channels: ["all", "red"],
          height: 8,
          width: 8,
          bins: 2,
          reference_count: 4,
          unit: "epoch" as const,
          reference_hash: "same",
          steps: { first: 0, last: steps - 1, loaded: steps, recorded: steps },
          loss: null,
          samples: 0,
          has_mean_images: hasMeanImages,
        })),
      }),
    ),
    event_directories: Object.keys(runs).map((name) => `${name}/mean_pixel`),
    notes: [],
  };
}

/** A run as the page has it. */
export function wireRun(name: string, shape: RunShape): Run {
  return toCatalog(wireCatalog({ [name]: shape })).runs[0]!;
}

/** The answer of `overview` or `scalars`: the drift of runs, at two steps unless said otherwise. */
export function wireScalars(drifts: Readonly<Record<string, number | readonly number[]>>): ArrayBuffer {
  const arrays = new Arrays();
  const runs = Object.entries(drifts).map(([name, drift]) => {
    const values = typeof drift === "number" ? [1, drift] : drift;
    return {
      name,
      curves: [],
      scores: [
        {
          stream: "validation",
          name: "drift",
          channel: "",
          steps: arrays.add(
            "int32",
            values.map((_, step) => step),
          ),
          wall_times: arrays.add(
            "float64",
            values.map((_, step) => 100 + step),
          ),
          values: arrays.add("float32", values),
        },
      ],
    };
  });
  return arrays.answer({ version: 1, runs });
}

export function wireFindings(...names: readonly string[]): object {
  return { version: 1, runs: names.map((name) => ({ name, findings: [], notes: [] })) };
}

export function wireMeanImages(steps: readonly number[]): ArrayBuffer {
  const arrays = new Arrays();
  const output = arrays.add("float32", steps, [steps.length, 1, 1, 1]);
  return arrays.answer({ version: 1, steps, output, reference: null, reference_steps: [] });
}

export function wireOpening(runs: Readonly<Record<string, RunShape>>): ArrayBuffer {
  return new Arrays().answer({
    version: 1,
    catalog: wireCatalog(runs),
    overview: { version: 1, runs: [] },
    shown: null,
  });
}
