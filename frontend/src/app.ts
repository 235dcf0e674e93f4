// Puts the page together: store, loader, views, and what goes on around them.

import { afterPaint } from "./after_paint";
import { paintUnmeasured } from "./chart";
import { h } from "./dom";
import { connectHost, isHidden, watchTheme } from "./host";
import { fromParameters, toParameters, VIEW_KEYS } from "./link";
import { Loader } from "./loader";
import { readLocation, watchLocation, writeLocation } from "./location";
import { closeMenus } from "./menus";
import { pageColors } from "./page_colors";
import type { Panel } from "./panel";
import { preferencesOf, recallPreferences, rememberPreferences } from "./preferences";
import { initialState, type State, type View } from "./state";
import { DISTANCE, OUTSIDE, SPREAD } from "./statistics";
import { Store } from "./store";
import { compareBar } from "./views/compare_bar";
import { compareCurves } from "./views/compare_curves";
import { compareHeatmaps } from "./views/compare_heatmaps";
import { compareHistograms } from "./views/compare_histograms";
import { distributionView } from "./views/distribution";
import { driftView } from "./views/drift";
import { findingsView } from "./views/findings";
import { heatmapView } from "./views/heatmap";
import { imagesView } from "./views/images";
import { lossView } from "./views/loss";
import { noticeView } from "./views/notice";
import { numbersView } from "./views/numbers";
import { playerView } from "./views/player";
import { ridgesView } from "./views/ridges";
import { scatterView } from "./views/scatter";
import { tabsView } from "./views/tabs";
import { takeAwayMenu } from "./views/take_away";
import { toolbarView } from "./views/toolbar";
import { trainingTable } from "./views/training_table";

const SOON_MS = 120;

export function startApp(root: HTMLElement): void {
  const store = new Store();
  // First of all: while the server answers there is time to make the views.
  store.update({ theme: watchTheme((theme) => store.update({ theme })), ...fromLocation() });
  const loader = new Loader(store);
  loader.reload();
  // Without an answer in so short a time the page says that it waits; before, it would only flicker.
  setTimeout(() => store.flush(), SOON_MS);
  // Before any view: charts take their colours from the page.
  const setTheme = ({ theme }: State): void => void (root.dataset["theme"] = theme);
  setTheme(store.state);
  document.body.append(root);
  pageColors();
  store.watch(({ theme }) => [theme], setTheme);
  const one = oneTraining(store.onPage("training"));
  const several = h("div.several");
  const player = h("div", {}, playerView(store));
  const sidebar = trainingTable(store);
  const main = h("main", {}, noticeView(store, () => loader.retry()), tabsView(store), ...one.heading, player, one.views, several);
  // Not before it is looked at: the page opens sooner.
  store.watch(({ page }) => [page], ({ page }) => {
    if (page === "compare" && !several.firstChild) several.append(...severalTrainings(store.onPage("compare")));
  });
  store.watch(
    ({ page, detail, training, listing }) => [page, detail, training, listing],
    ({ page, detail, training, listing }) => {
      const exists = listing?.trainings.some(({ name }) => name === training) ?? false;
      one.views.classList.toggle("waiting", exists && !!detail && detail.training.name !== training);
      player.hidden = !detail;
      one.views.hidden = !detail || page !== "training";
      for (const element of one.heading) element.hidden = one.views.hidden;
      several.hidden = page !== "compare";
    },
  );

  // After all views: what they show is put into the page, and painted.
  store.watch(() => [], () => {
    root.append(sidebar, main);
    afterPaint(() => followHost(store, loader));
  });
  store.watch((state) => [state], paintUnmeasured);

  closeMenus(root);

  watchLocation(() => store.update(fromLocation()));
  let shown = false;
  const write = (): void => {
    const { state } = store;
    if (state.detail) writeLocation(toParameters({ ...state, training: state.training ?? state.detail.training.name }));
  };
  store.watch(
    (state) => [...VIEW_KEYS.map((key) => state[key]), state.detail?.training.name],
    ({ detail }) => {
      if (!detail) return;
      // At first what there is to see comes first.
      if (shown) write();
      else afterPaint(write);
      shown = true;
    },
  );
  store.watch(preferencesOf, rememberPreferences);
}

/** In the order in which one asks: is something wrong, since when, what does it look like. */
function oneTraining(store: Store): { heading: HTMLElement[]; views: HTMLElement } {
  const charts = [heatmapView(store), driftView(store, DISTANCE), lossView(store), driftView(store, SPREAD), driftView(store, OUTSIDE)];
  const [heatmap, ...rest] = charts.map(({ panel }) => panel);
  const ridges = ridgesView(store);
  const [large, small] = [distributionView(store, true), distributionView(store, false)];
  const images = imagesView(store);
  const takeAway = takeAwayMenu(store, () => ({ overEpochs: [heatmap!, ridges, ...rest], atEpoch: [large, small] }));
  const elements = (...panels: readonly Panel[]): HTMLElement[] => panels.map(({ element }) => element);
  const views = h(
    "div.views",
    {},
    h("div.epochs", {}, ...elements(heatmap!, ridges, large, ...rest)),
    h("div.at-cursor", {}, small.element, numbersView(store), images.element),
  );
  return { heading: [toolbarView(store, takeAway), findingsView(store)], views };
}

/** Which is better: by drift, by loss, by both; then what they look like. */
function severalTrainings(store: Store): HTMLElement[] {
  const charts = (["drift", "loss", "spread"] as const).map((course) => compareCurves(store, course).panel.element);
  return [
    compareBar(store),
    h("div.views.even", {}, h("div.epochs", {}, ...charts), h("div.epochs", {}, compareHistograms(store), scatterView(store))),
    compareHeatmaps(store),
  ];
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
      else loader.reload();
    },
  });
  window.addEventListener("resize", () => {
    if (!dirty || isHidden()) return;
    dirty = false;
    loader.reload();
  });
}

/** What the link says; a visit without a link begins with what was looked at last time. */
function fromLocation(): View {
  const parameters = readLocation();
  const fresh = !Object.keys(parameters).length;
  return fromParameters(parameters, fresh ? { ...initialState, ...recallPreferences() } : initialState);
}
