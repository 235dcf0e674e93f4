// Fetches from the plugin's routes; the only file that does.

import type { HistogramPair, Quantity, Scalars, Training } from "./model";
import {
  decodeHistograms,
  toScalars,
  toTraining,
  type WireScalars,
  type WireTrainings,
} from "./wire";

/** A request that failed, with the server's own sentence where it gave one. */
export class RequestError extends Error {}

// A server that has stopped answering must not leave a spinner turning for ever.
const TIMEOUT_MS = 60_000;

export async function fetchTrainings(): Promise<Training[]> {
  const wire = (await (await request("trainings", [])).json()) as WireTrainings;
  return wire.trainings.map(toTraining);
}

/** Last drift and loss of every training, for the list. */
export async function fetchOverview(
  trainings: readonly Training[],
): Promise<Map<string, Scalars>> {
  return fetchScalars(trainings, [
    ["statistic", "drift"],
    ["curves", "primary"],
  ]);
}

/** Every score and curve of one training. */
export async function fetchTraining(training: Training): Promise<Scalars> {
  const found = await fetchScalars([training], [["training", training.name]]);
  return found.get(training.name) ?? { scores: [], curves: [] };
}

export async function fetchHistograms(
  training: string,
  stream: string,
  quantity: Quantity,
): Promise<HistogramPair> {
  const response = await request("histograms", [
    ["training", training],
    ["stream", stream],
    ["quantity", quantity],
  ]);
  return decodeHistograms(await response.arrayBuffer());
}

async function fetchScalars(
  trainings: readonly Training[],
  parameters: readonly Parameter[],
): Promise<Map<string, Scalars>> {
  const wire = (await (await request("scalars", parameters)).json()) as WireScalars;
  return toScalars(wire, trainings);
}

type Parameter = readonly [name: string, value: string];

async function request(route: string, parameters: readonly Parameter[]): Promise<Response> {
  const query = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
  let response: Response;
  try {
    // Relative to <base>: right under --path_prefix and /experiment/<id>/ too.
    response = await fetch(`./${route}${query && "?"}${query}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new RequestError(
      late ? `No answer from TensorBoard in ${TIMEOUT_MS / 1000} seconds` : "TensorBoard cannot be reached",
    );
  }
  if (!response.ok) {
    const sentence = (await response.text()).trim().slice(0, 300);
    throw new RequestError(`${sentence || response.statusText} (${response.status} from ${route})`);
  }
  return response;
}
