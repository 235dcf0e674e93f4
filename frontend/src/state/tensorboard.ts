// The page TensorBoard around us: its runs, its reloads, its theme.
//
// Runs and reloads come as messages over a port; the theme only shows as a
// class on the parent's body. Outside TensorBoard everything here stays silent.

import type { Theme } from "../drawing/colors";

interface Message {
  readonly type: string;
  readonly id: number;
  readonly payload?: unknown;
  readonly isReply: boolean;
}

export interface HostListener {
  /** Names of all runs in TensorBoard's order, which decides their colours. */
  onDirectories(runs: readonly string[]): void;
  onReload(): void;
}

const TYPE = "experimental.";

export function connectHost(listener: HostListener): void {
  if (window.parent === window) return;
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as Message;
    const reply = answer(message, listener);
    if (reply) channel.port1.postMessage(JSON.stringify(reply));
  };
  window.parent.postMessage(`${TYPE}bootstrap`, "*", [channel.port2]);
  channel.port1.postMessage(JSON.stringify({ type: `${TYPE}GetRuns`, id: 0, error: null, isReply: false }));
}

/** Pass a message on to the listener; what must be sent back, if anything. */
export function answer(message: Message, listener: HostListener): object | null {
  const { type, id, payload, isReply } = message;
  if (type === `${TYPE}RunsChanged` || (isReply && type === `${TYPE}GetRuns`)) {
    // An empty list only says that the host has not loaded its runs yet.
    if (Array.isArray(payload) && payload.length) listener.onDirectories(payload.map(String));
  } else if (type === `${TYPE}DataReloaded`) {
    listener.onReload();
  }
  return isReply ? null : { type, id, payload: null, error: null, isReply: true };
}

/** TensorBoard's theme now, and a call on each change of it. */
export function watchTheme(onChange: (theme: Theme) => void): Theme {
  const body = parentBody();
  if (!body) {
    const media = window.matchMedia("(prefers-color-scheme: dark)");
    media.addEventListener("change", () => onChange(media.matches ? "dark" : "light"));
    return media.matches ? "dark" : "light";
  }
  const current = (): Theme => (body.classList.contains("dark-mode") ? "dark" : "light");
  new MutationObserver(() => onChange(current())).observe(body, {
    attributes: true,
    attributeFilter: ["class"],
  });
  return current();
}

/** The host's body; null where the page stands alone or its parent is foreign. */
function parentBody(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null;
  }
}

/** TensorBoard hides a tab by giving its frame no height. */
export function isHidden(): boolean {
  return window.innerHeight === 0;
}
