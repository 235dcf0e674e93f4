// Puts the page together: store, loader, views, and what the user does to them.

import type { CursorEvents } from "./chart";
import { h } from "./dom";
import { connectHost, isHidden, watchTheme } from "./host";
import { Loader } from "./loader";
import { readLocation, watchLocation, writeLocation } from "./location";
import { nearestIndex } from "./scales";
import { cursorStep, Store, type State } from "./store";
import type { Quantity } from "./model";
import { DistributionChart } from "./views/distribution";
import { DISTANCE, DriftChart, OUTSIDE, SPREAD } from "./views/drift";
import { Heatmap } from "./views/heatmap";
import { LossChart } from "./views/loss";
import { Notice } from "./views/notice";
import { Numbers } from "./views/numbers";
import { Toolbar } from "./views/toolbar";
import { TrainingList } from "./views/training_list";

export function startApp(root: HTMLElement): void {
  const store = new Store();
  const loader = new Loader(store);
  const show = (change: Partial<State>): void => {
    store.update(change);
    void loader.loadDetail();
  };
  const cursor = cursorEvents(store);

  const views = h(
    "div.views",
    {},
    h(
      "div.epochs",
      {},
      new Heatmap(store, cursor).element,
      new DriftChart(store, DISTANCE, cursor).element,
      new LossChart(store, cursor).element,
      new DriftChart(store, SPREAD, cursor).element,
      new DriftChart(store, OUTSIDE, cursor).element,
    ),
    h("div.at-cursor", {}, new DistributionChart(store).element, new Numbers(store).element),
  );
  const toolbar = new Toolbar(store, {
    chooseStream: (stream) => show({ stream, pinned: null }),
    chooseQuantity: (quantity) => show({ quantity }),
    chooseRow: (row) => store.update({ row }),
  });
  const notice = new Notice(store, () => void loader.reload());
  const list = new TrainingList(store, (training) => show({ training, stream: null, row: 0 }));
  root.replaceChildren(
    list.element,
    h("main", {}, notice.element, toolbar.element, views),
  );

  const showOrHide = (state: State): void => {
    root.dataset["theme"] = state.theme;
    toolbar.element.hidden = views.hidden = !state.detail;
    list.element.hidden = !state.trainings?.length;
  };
  store.subscribe(showOrHide);

  // Before anything loads: the address says which training to load.
  store.update({ theme: watchTheme((theme) => store.update({ theme })), ...fromLocation() });
  watchLocation(() => show(fromLocation()));
  store.subscribe((state, before) => {
    if (VIEW.some((key) => state[key] !== before[key])) writeLocation(toLocation(state));
  });
  followHost(store, loader);
  void loader.reload();
}

function cursorEvents(store: Store): CursorEvents {
  const recorded = (): readonly number[] => store.state.detail?.histograms.output.steps ?? [];
  return {
    onHover: (hovered) => store.update({ hovered }),
    onPick: (step) => store.update({ pinned: step, hovered: null }),
    onMove: (epochs) => {
      const steps = recorded();
      const from = nearestIndex(steps, cursorStep(store.state) ?? 0);
      const to = Math.min(steps.length - 1, Math.max(0, from + epochs));
      store.update({ pinned: steps[to] ?? null, hovered: null });
    },
  };
}

/** Reload with TensorBoard; a hidden tab waits until it is looked at again. */
function followHost(store: Store, loader: Loader): void {
  let dirty = false;
  connectHost({
    onRuns: (runOrder) => {
      if (runOrder.join("\n") !== store.state.runOrder.join("\n")) store.update({ runOrder });
    },
    onReload: () => {
      if (isHidden()) dirty = true;
      else void loader.reload();
    },
  });
  window.addEventListener("resize", () => {
    if (!dirty || isHidden()) return;
    dirty = false;
    void loader.reload();
  });
}

const VIEW = ["training", "stream", "quantity", "row", "pinned"] as const;

function toLocation(state: State): Record<string, string> {
  return {
    ...(state.training !== null ? { training: state.training } : {}),
    ...(state.stream !== null ? { stream: state.stream } : {}),
    ...(state.quantity !== "mean_pixels" ? { quantity: state.quantity } : {}),
    ...(state.row ? { channel: String(state.row) } : {}),
    ...(state.pinned !== null ? { epoch: String(state.pinned) } : {}),
  };
}

function fromLocation(): Pick<State, (typeof VIEW)[number]> {
  const { training, stream, quantity, channel, epoch } = readLocation();
  const known: readonly string[] = ["mean_pixels", "contrasts", "pixels"];
  return {
    training: training ?? null,
    stream: stream ?? null,
    quantity: known.includes(quantity ?? "") ? (quantity as Quantity) : "mean_pixels",
    row: wholeNumber(channel) ?? 0,
    pinned: wholeNumber(epoch),
  };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
