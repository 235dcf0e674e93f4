// The module that TensorBoard loads: it calls `render` once and expects nothing back.

import { startApp } from "./app";
import { addStyleSheet, h } from "./dom";
import style from "./style.css";

export function render(): void {
  addStyleSheet(style);
  document.documentElement.lang = "en";
  document.title = "Mean Pixel";
  if (window.frameElement instanceof HTMLElement) window.frameElement.title = "Mean Pixel";
  startApp(h("div.app"));
}
