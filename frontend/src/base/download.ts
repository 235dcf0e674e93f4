// Hands a file to the browser.

import { h } from "./dom";

export function download(name: string, content: Blob | string, type = "text/plain"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link); // Firefox follows only links that are in the page
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name that every file system takes: "vae/digits drift" is "vae-digits_drift". */
export function fileName(words: string, extension: string): string {
  return `${words.trim().replace(/[/\\:]+/g, "-").replace(/\s+/g, "_").replace(/[<>"|?*]/g, "")}.${extension}`;
}
