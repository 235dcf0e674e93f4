// The view in the address: #mean_pixel&p.mean_pixel.run=vae&p.mean_pixel.step=14
//
// TensorBoard's own call for this returns nothing on a page load, so the hash of
// the parent is read and written here. Keys of others are kept.

const PLUGIN = "mean_pixel";
const PREFIX = `p.${PLUGIN}.`;

export type Parameters = Readonly<Record<string, string>>;

/** Our parameters in a hash such as "#mean_pixel&p.mean_pixel.step=3". */
export function parseHash(hash: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of hash.replace(/^#/, "").split("&")) {
    const parts = pair.split("=");
    if (parts.length !== 2 || !parts[0]!.startsWith(PREFIX)) continue;
    try {
      found[parts[0]!.slice(PREFIX.length)] = decodeURIComponent(parts[1]!);
    } catch {
      // A half-copied link: the rest of it still counts.
    }
  }
  return found;
}

/** `hash` with our parameters in place of the ones in it. */
export function formatHash(hash: string, parameters: Parameters): string {
  const foreign = hash
    .replace(/^#/, "")
    .split("&")
    .filter((pair) => pair && !pair.startsWith(PREFIX) && pair !== PLUGIN);
  const own = Object.entries(parameters).map(([name, value]) => `${PREFIX}${name}=${encodeURIComponent(value)}`);
  return `#${[PLUGIN, ...foreign, ...own].join("&")}`;
}

export function readLocation(): Record<string, string> {
  return parseHash(host()?.location.hash ?? "");
}

/** Write the view into the address without a new entry in the history. */
export function writeLocation(parameters: Parameters): void {
  const parent = host();
  if (!parent) return;
  const url = new URL(parent.location.href);
  // Another tab may be on top of us: its name is the hash's first part then.
  const active = url.hash.replace(/^#/, "").split("&")[0];
  if (active && active !== PLUGIN) return;
  url.hash = formatHash(url.hash, parameters);
  parent.history.replaceState(parent.history.state, "", url.href);
}

export function watchLocation(onChange: () => void): void {
  host()?.addEventListener("hashchange", onChange);
}

/** The window whose address people copy; null if it belongs to somebody else. */
function host(): Window | null {
  try {
    void window.parent.location.hash;
    return window.parent;
  } catch {
    return null;
  }
}
