// Puts the page together: state, sources, views, and TensorBoard around them.
//
// How the page opens: it asks for `opening`, one answer with all that is shown
// first, and makes its views while the server works. When the answer is here all
// views of the first screen are painted at once, and put into the page. Once they
// are to be seen the page is `opened`: all other views are made, and the sources
// begin to request everything else, and data newer than the answer.

import { addStyleSheet, afterPaint, h } from "./base/dom";
import { areSame } from "./base/lists";
import style from "./base/style.css";
import { paintUnmeasured } from "./charts/chart";
import { closeMenus } from "./charts/menus";
import { Frames } from "./state/frames";
import { fromParameters, toParameters, viewOf } from "./state/link";
import { readLocation, watchLocation, writeLocation } from "./state/location";
import { recallPreferences, rememberPreferences } from "./state/preferences";
import { Sources } from "./state/sources";
import { createState, initialState, type State, update, type View } from "./state/state";
import { connectHost, isHidden, watchTheme } from "./state/tensorboard";
import { comparePage } from "./views/compare/compare_page";
import { runPage } from "./views/run/run_page";
import { noticeView } from "./views/shell/notice";
import { playerView } from "./views/shell/player";
import { runTable } from "./views/shell/run_table";
import { tabsView } from "./views/shell/tabs";

/** Without an answer in so short a time the page says that it waits; sooner, that would only flicker. */
const SOON_MS = 120;

export function startApp(root: HTMLElement): void {
  const state = createState(fromLocation());
  update(state, { theme: watchTheme((theme) => update(state, { theme })) });
  const frames = new Frames(state);
  const sources = new Sources(state);
  const opening = sources.reload();
  setTimeout(() => frames.flush(), SOON_MS);
  document.body.append(root);
  addStyleSheet(style);
  addViews(root, state, frames, sources);
  closeMenus(root);
  void opening.then(() => {
    frames.flush();
    paintUnmeasured();
    afterPaint(() => {
      update(state, { opened: true });
      sources.start();
      if (state.catalog) void sources.reload();
      keepView(state, frames);
      followHost(state, sources);
    });
  });
}

function addViews(root: HTMLElement, state: State, frames: Frames, sources: Sources): void {
  const paint = frames.paintOn(null);
  // Before any view: charts take their colours from the page.
  paint(() => {
    root.dataset["theme"] = state.theme;
    // The scroll bar is not within the root.
    document.documentElement.classList.toggle("dark", state.theme === "dark");
  });
  const sidebar = runTable(state, paint);
  const notice = noticeView(state, paint, () => void sources.reload());
  const tabs = tabsView(state, paint);
  const player = playerView(state, paint);
  const { heading, views } = runPage(state, frames);
  const main = h("main", {}, notice, tabs, ...heading, player, views, comparePage(state, frames));
  // After all views: put into the page with all that they show, it is laid out once.
  paint(() => root.append(sidebar, main));
}

/** The address holds the view for a link, the browser the preferences for the next visit. */
function keepView(state: State, frames: Frames): void {
  watchLocation(() => update(state, fromLocation()));
  const paint = frames.paintOn(null);
  paint(() => {
    const view = viewOf(state);
    if (state.detail) writeLocation(toParameters({ ...view, run: view.run ?? state.detail.run.name }));
  });
  paint(() => rememberPreferences(state));
}

/** Reload with TensorBoard; a hidden tab waits until it is shown again. */
function followHost(state: State, sources: Sources): void {
  let isDue = false;
  connectHost({
    onDirectories: (directoryOrder) => {
      if (!areSame(directoryOrder, state.directoryOrder)) update(state, { directoryOrder });
    },
    onReload: () => {
      if (isHidden()) isDue = true;
      else void sources.reload();
    },
  });
  window.addEventListener("resize", () => {
    if (!isDue || isHidden()) return;
    isDue = false;
    void sources.reload();
  });
}

/** The view of the link; a visit without a link begins with the preferences of the last one. */
function fromLocation(): View {
  const parameters = readLocation();
  const isFresh = !Object.keys(parameters).length;
  return fromParameters(parameters, isFresh ? { ...initialState, ...recallPreferences() } : initialState);
}
