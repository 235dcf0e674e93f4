// A slider over the epochs, and a button that plays them.

import { h } from "../../base/dom";
import { moveSteps } from "../../charts/step_events";
import { nearestIndex } from "../../model/series";
import { cursorStep, recordedSteps } from "../../state/shown";
import type { Store } from "../../state/store";

/** Slowly for who wants little motion. */
const FRAME_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 800 : 140;

export function playerView(store: Store): HTMLElement {
  const play = h("button.play");
  const reset = h("button.play", { title: "Show all epochs again (double-click, or 0)" }, "all epochs");
  reset.onclick = () => store.update({ zoom: null });
  const slider = h("input.slider", {
    type: "range",
    min: "0",
    aria: { label: "Epoch" },
    oninput: () => store.update({ chosen: recordedSteps(store.state)[Number(slider.value)] ?? null, hovered: null, playing: false }),
  });
  const text = h("span.epoch-text");
  play.onclick = () => {
    const steps = recordedSteps(store.state);
    const atEnd = cursorStep(store.state) === steps[steps.length - 1];
    store.update({ playing: !store.state.playing, ...(atEnd ? { chosen: steps[0] ?? null } : {}) });
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = (): void => {
    const { state } = store;
    const steps = recordedSteps(state);
    if (!state.playing) return;
    if (nearestIndex(steps, cursorStep(state) ?? 0) >= steps.length - 1) return store.update({ playing: false });
    moveSteps(store, 1);
    timer = setTimeout(next, FRAME_MS);
  };
  store.watch(
    ({ playing }) => [playing],
    ({ playing }) => {
      play.textContent = playing ? "❚❚ pause" : "▶ play";
      play.setAttribute("aria-pressed", String(playing));
      clearTimeout(timer);
      if (playing) timer = setTimeout(next, FRAME_MS);
    },
  );
  const element = h("div.player", {}, play, slider, text, reset);
  store.watch(
    (state) => [recordedSteps(state), cursorStep(state), state.zoom],
    (state) => {
      const steps = recordedSteps(state);
      const step = cursorStep(state);
      element.hidden = steps.length < 2;
      reset.hidden = !state.zoom;
      slider.max = String(Math.max(0, steps.length - 1));
      slider.value = String(nearestIndex(steps, step ?? 0));
      slider.setAttribute("aria-valuetext", `epoch ${step}`);
      text.textContent = `epoch ${step} of ${steps[steps.length - 1] ?? 0}`;
    },
  );
  return element;
}
