// One request to one of the plugin's routes.

/** A request that failed, with the server's own sentence where it gave one. */
export class RequestError extends Error {}

// A server that has stopped answering must not leave a page waiting for ever.
const TIMEOUT_MS = 60_000;
/** Proxies refuse addresses from 8 kB on; TensorBoard itself from 64 kB on. */
export const MAX_ADDRESS = 4096;
/** Media types of the plugin's answers; it says what is wrong as plain text. */
const ANSWERS = ["application/octet-stream", "application/json"];
const PLAIN_TEXT = "text/plain";

type Value = string | number | null | undefined;
export type Parameters = Readonly<Record<string, Value | readonly (string | number)[]>>;

export async function binary(route: string, parameters: Parameters): Promise<ArrayBuffer> {
  const response = await get(route, parameters);
  return response.arrayBuffer().catch(explain);
}

export async function json(route: string, parameters: Parameters): Promise<unknown> {
  const response = await get(route, parameters);
  return JSON.parse(await response.text().catch(explain));
}

async function get(route: string, parameters: Parameters): Promise<Response> {
  const response = await fetch(toUrl(route, parameters), { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(explain);
  const { ok, status, statusText } = response;
  const [mediaType = ""] = (response.headers.get("content-type") ?? "").split(";");
  const type = mediaType.trim().toLowerCase();
  if (!ok && type === PLAIN_TEXT) {
    const sentence = (await response.text().catch(explain)).trim().slice(0, 300);
    throw new RequestError(`${sentence || statusText} (${status} from ${route})`);
  }
  if (!ok) throw new RequestError(`${status} ${statusText || "error"}, from a proxy before TensorBoard`);
  if (!ANSWERS.includes(type))
    throw new RequestError(
      `Something before TensorBoard answered (${type || "no type"}): sign in again, then reload the page`,
    );
  return response;
}

function explain(error: unknown): never {
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  throw new RequestError(
    isLate ? `No answer from TensorBoard in ${TIMEOUT_MS / 1000} seconds` : "TensorBoard cannot be reached",
  );
}

/** `./route?name=value`, relative to <base>: right under --path_prefix and /experiment/<id>/ too. */
export function toUrl(route: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as (string | number)[]) : [value as Value])
      .filter((one) => one !== null && one !== undefined)
      .map((one) => [name, String(one)]),
  );
  const query = new URLSearchParams(pairs).toString();
  return `./${route}${query && "?"}${query}`;
}

/** `runs` in as few groups as fit into an address each, together with the other parameters. */
export function splitByAddress(route: string, parameters: Parameters, runs: readonly string[]): string[][] {
  const room = MAX_ADDRESS - new URL(toUrl(route, parameters), document.baseURI).href.length;
  const groups: string[][] = [];
  let left = -1;
  for (const run of runs) {
    // One more than its own characters: "?" or "&".
    const length = new URLSearchParams({ run }).toString().length + 1;
    if (left < length) {
      groups.push([]);
      left = room;
    }
    left -= length;
    groups[groups.length - 1]!.push(run);
  }
  return groups;
}
