// A slider over the steps, and a button that plays them.

import { h } from "../../base/dom";
import { moveSteps } from "../../charts/step_events";
import { nearestIndex } from "../../model/series";
import type { Paint } from "../../state/frames";
import { cursorStep, recordedSteps } from "../../state/shown";
import { type State, update } from "../../state/state";
import { stepName, stepWord } from "../../state/step_words";

/** Slowly for people who want little motion. */
const FRAME_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 800 : 140;

export function playerView(state: State, paint: Paint): HTMLElement {
  const play = h("button.play");
  const reset = h("button.play", { title: "Show all steps again (double-click, or 0)" });
  reset.onclick = () => update(state, { zoom: null });
  const slider = h("input.slider", {
    type: "range",
    min: "0",
    oninput: () =>
      update(state, { chosen: recordedSteps(state)[Number(slider.value)] ?? null, hovered: null, playing: false }),
  });
  const text = h("span.step-text");
  play.onclick = () => {
    const steps = recordedSteps(state);
    const atEnd = cursorStep(state) === steps[steps.length - 1];
    update(state, { playing: !state.playing, ...(atEnd ? { chosen: steps[0] ?? null } : {}) });
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = (): void => {
    const steps = recordedSteps(state);
    if (!state.playing) return;
    if (nearestIndex(steps, cursorStep(state) ?? 0) >= steps.length - 1) {
      update(state, { playing: false });
      return;
    }
    moveSteps(state, 1);
    timer = setTimeout(next, FRAME_MS);
  };
  paint(() => {
    const { playing } = state;
    play.textContent = playing ? "❚❚ pause" : "▶ play";
    play.setAttribute("aria-pressed", String(playing));
    clearTimeout(timer);
    if (playing) timer = setTimeout(next, FRAME_MS);
  });
  const element = h("div.player", {}, play, slider, text, reset);
  paint(() => {
    const steps = recordedSteps(state);
    const step = cursorStep(state);
    const last = steps[steps.length - 1] ?? 0;
    element.hidden = !state.detail || steps.length < 2;
    reset.hidden = !state.zoom;
    slider.max = String(Math.max(0, steps.length - 1));
    slider.value = String(nearestIndex(steps, step ?? 0));
    slider.setAttribute("aria-valuetext", stepName(state, step));
    slider.setAttribute("aria-label", stepWord(state));
    reset.textContent = `all ${stepWord(state)}s`;
    text.textContent = `${stepName(state, step)} ${step === last ? "(last)" : `of ${last}`}`;
  });
  return element;
}
