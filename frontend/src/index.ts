// The module that TensorBoard loads: it calls `render` once and expects nothing back.

import { startApp } from "./app";
import { h } from "./base/dom";

export function render(): void {
  startApp(h("div.app"));
  document.documentElement.lang = "en";
  document.title = "Mean Pixel";
  if (window.frameElement instanceof HTMLElement) window.frameElement.title = "Mean Pixel";
}
