// One request to one of the plugin's routes.

/** A request that failed, with the server's own sentence where it gave one. */
export class RequestError extends Error {}

// A server that has stopped answering must not leave a page waiting for ever.
const TIMEOUT_MS = 60_000;

type Value = string | number | null | undefined;
export type Parameters = Readonly<Record<string, Value | readonly (string | number)[]>>;

/** Not with `fetch`: that hands out a body piece by piece, and the page opens 5 ms later. */
export function binary(route: string, parameters: Parameters): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = (sentence: string): void => reject(new RequestError(sentence));
    request.open("GET", toUrl(route, parameters));
    request.responseType = "arraybuffer";
    request.timeout = TIMEOUT_MS;
    request.onerror = () => fail("TensorBoard cannot be reached");
    request.ontimeout = () => fail(`No answer from TensorBoard in ${TIMEOUT_MS / 1000} seconds`);
    request.onload = () => {
      const { response, status, statusText } = request;
      if (status >= 200 && status < 300) return resolve(response as ArrayBuffer);
      const sentence = new TextDecoder().decode(response as ArrayBuffer).trim().slice(0, 300);
      fail(`${sentence || statusText} (${status} from ${route})`);
    };
    request.send();
  });
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
