// Puts the page together: store, loader, views, and what goes on around them.

import { afterPaint } from "./base/after_paint";
import { paintUnmeasured } from "./charts/chart";
import { addStyleSheet, h } from "./base/dom";
import { connectHost, isHidden, watchTheme } from "./state/tensorboard";
import { fromParameters, toParameters, VIEW_KEYS } from "./state/link";
import { Loader } from "./state/loader";
import { readLocation, watchLocation, writeLocation } from "./state/location";
import { closeMenus } from "./charts/menus";
import { pageColors } from "./drawing/page_colors";
import { preferencesOf, recallPreferences, rememberPreferences } from "./state/preferences";
import { areSame } from "./base/lists";
import { initialState, type State, type View } from "./state/state";
import { Store } from "./state/store";
import style from "./style.css";
import { noticeView } from "./views/shell/notice";
import { oneRun } from "./views/run/run_page";
import { playerView } from "./views/shell/player";
import { severalRuns } from "./views/compare/compare_page";
import { tabsView } from "./views/shell/tabs";
import { runTable } from "./views/shell/run_table";

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
  addStyleSheet(style);
  document.body.append(root);
  pageColors();
  store.watch(({ theme }) => [theme], setTheme);
  const one = oneRun(store.onPage("run"));
  const several = h("div.several");
  store.once(({ page }) => page === "compare", () => several.append(...severalRuns(store.onPage("compare"))));
  const player = h("div", {}, playerView(store));
  const sidebar = runTable(store);
  const main = h("main", {}, noticeView(store, () => loader.retry()), tabsView(store), ...one.heading, player, one.views, several);
  store.watch(
    ({ page, detail, run, catalog }) => [page, detail, run, catalog],
    ({ page, detail, run, catalog }) => {
      const exists = catalog?.runs.some(({ name }) => name === run) ?? false;
      one.views.classList.toggle("waiting", exists && !!detail && detail.run.name !== run);
      player.hidden = !detail;
      one.views.hidden = !detail || page !== "run";
      for (const element of one.heading) element.hidden = one.views.hidden;
      several.hidden = page !== "compare";
    },
  );
  // After all views: what they show is put into the page, and painted; all else comes after that.
  store.watch(() => [], () => {
    root.append(sidebar, main);
    afterPaint(() => {
      one.addRest();
      keepView(store);
      followHost(store, loader);
      store.update({});
    });
  });
  store.watch((state) => [state], paintUnmeasured);
  closeMenus(root);
}

/** The address and the browser know what is looked at: the one for a link, the other for the next visit. */
function keepView(store: Store): void {
  watchLocation(() => store.update(fromLocation()));
  store.watch(
    (state) => [...VIEW_KEYS.map((key) => state[key]), state.detail?.run.name],
    (state) => {
      if (state.detail) writeLocation(toParameters({ ...state, run: state.run ?? state.detail.run.name }));
    },
  );
  store.watch(preferencesOf, rememberPreferences);
}

/** Reload with TensorBoard; a hidden tab waits until it is looked at again. */
function followHost(store: Store, loader: Loader): void {
  let dirty = false;
  connectHost({
    onDirectories: (directoryOrder) => {
      if (!areSame(directoryOrder, store.state.directoryOrder)) store.update({ directoryOrder });
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
