// One sample in large: input, output, reference and difference, at any step.

import { signal } from "@preact/signals-core";
import { h, replaceChildren } from "../../base/dom";
import { moveSteps } from "../../charts/step_events";
import { pairsOf } from "../../model/samples";
import type { Paint } from "../../state/frames";
import { shownSamples, shownSheet } from "../../state/shown";
import type { State } from "../../state/state";
import { stepName } from "../../state/step_words";
import { errorText, pairFigures } from "./sample_figures";

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

export class SampleDialog {
  readonly element = h("dialog.large", { aria: { label: "Sample" } });
  readonly #state: State;
  readonly #isOpen = signal(false);
  #index = 0;

  constructor(state: State, paint: Paint) {
    this.#state = state;
    this.element.onkeydown = (event) => {
      const count = STEPS[event.key];
      if (count === undefined) return;
      moveSteps(state, count);
      event.preventDefault();
    };
    // A click beside the pictures closes it.
    this.element.onclick = (event) => {
      if (event.target === this.element) this.element.close();
    };
    this.element.onclose = () => {
      this.#isOpen.value = false;
    };
    paint(() => {
      if (this.#isOpen.value) replaceChildren(this.element, ...this.#content());
    });
  }

  /** Show the output of an index. */
  open(index: number): void {
    this.#index = index;
    replaceChildren(this.element, ...this.#content());
    this.element.showModal();
    this.#isOpen.value = true;
  }

  #content(): HTMLElement[] {
    const state = this.#state;
    const samples = shownSamples(state);
    const sheet = shownSheet(state);
    const close = h("button", { onclick: () => this.element.close(), data: { key: "close" } }, "Close");
    if (!samples || !sheet) return [close];
    const pair = pairsOf(sheet, samples).find(({ output }) => output.index === this.#index);
    const title = `Image ${this.#index}, ${stepName(state, sheet.step)}`;
    return [
      h("header", {}, h("h2", {}, pair ? `${title}, ${errorText(state, pair)}` : title), close),
      pair
        ? h("div.pair", {}, ...pairFigures(state, pair))
        : h("p.hint", {}, "This image was not kept at this step: only those that are followed are kept at each."),
      h("p.hint", {}, "Arrow keys move the step, Escape closes."),
    ];
  }
}
