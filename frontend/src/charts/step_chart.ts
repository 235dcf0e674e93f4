// A chart on the axis of epochs, in its panel: one axis and one cursor with all the others.

import { Chart } from "./chart";
import type { LegendItem, Plot } from "../drawing/plot";
import { h } from "../base/dom";
import { stepEvents } from "./step_events";
import { Panel, type PanelContent } from "./panel";
import { cursorStep, shownAxis, shownX } from "../state/shown";
import type { Domain } from "../model/series";
import type { State } from "../state/state";
import type { Store } from "../state/store";
import type { Table } from "./table";
import { withValues, type ValueAxis } from "../model/value_zoom";

/** How much of the values remains to be seen. */
const VALUE_KEYS: Readonly<Record<string, number>> = { ArrowUp: 0.5, ArrowDown: 2 };
const CAPTIONS = { step: "epoch", relative: "time", wall: "time" };

export interface StepView {
  readonly title: string;
  readonly height: number;
  /** Whose zoom is this chart's. */
  readonly values: (state: State) => ValueAxis;
  /** What the chart depends on besides the axis. */
  readonly inputs: (state: State) => readonly unknown[];
  /** Without its axis; null hides the panel. `x` are steps. */
  readonly plot: (state: State, chart: Chart) => Omit<Plot, "domain" | "kind"> | null;
  readonly legend: (state: State) => readonly LegendItem[];
  readonly table: (state: State) => Table | null;
  /** What the pointer is at: an epoch and a value. */
  readonly tip?: (state: State, step: number, y: number) => readonly string[];
  readonly tools?: readonly HTMLElement[];
  readonly body?: (chart: HTMLElement) => HTMLElement;
  readonly titleOf?: (state: State) => string;
}

export class StepChart {
  readonly panel: Panel;
  readonly chart: Chart;

  constructor(store: Store, view: StepView) {
    const events = stepEvents(store);
    const zoomValues = (limits: Domain | null): void => store.update({ values: withValues(store.state.values, view.values(store.state), limits) });
    const all = h("button.toggle", { title: "Show all values again (double-click on the numbers of the axis, or 0)", hidden: true }, "all values");
    all.onclick = () => {
      zoomValues(null);
      this.chart.element.focus(); // the button is about to go
    };
    this.chart = new Chart({
      height: view.height,
      label: `${view.title} over epochs. Arrow keys, Home and End move the epoch, plus and minus zoom the epochs, Shift with arrow up and arrow down the values, 0 shows all, Escape lets go.`,
      onValues: zoomValues,
      pointer: {
        ...events,
        onKey: (event) => {
          const factor = event.shiftKey ? VALUE_KEYS[event.key] : undefined;
          if (factor !== undefined) this.chart.zoomValues(factor);
          return factor !== undefined || !!events.onKey?.(event);
        },
        onHover: (x, place, y) => {
          events.onHover(x, place, y);
          const { hovered } = store.state;
          if (view.tip) this.chart.showTip(hovered === null ? null : place, ...(hovered === null ? [] : view.tip(store.state, hovered, y)));
        },
      },
    });
    const content: PanelContent = {
      body: view.body?.(this.chart.element) ?? this.chart.element,
      table: () => view.table(store.state),
      chart: this.chart,
      tools: [all, ...(view.tools ?? [])],
    };
    this.panel = new Panel(view.title, content);
    const { element } = this.panel;
    const zoomOf = (state: State): Domain | null => state.values.get(view.values(state)) ?? null;
    store.watch(
      (state) => [state.theme, state.directoryOrder, shownAxis(state), ...shownX(state), zoomOf(state), ...view.inputs(state)],
      (state) => {
        const plot = view.plot(state, this.chart);
        element.hidden = !plot;
        if (!plot) return;
        this.panel.title = view.titleOf?.(state) ?? view.title;
        const axis = shownAxis(state);
        const zoom = zoomOf(state);
        all.hidden = !zoom;
        this.chart.show({ caption: CAPTIONS[axis.kind], ...plot, x: plot.x.map(axis.toX), domain: shownX(state), kind: axis.kind, zoom });
        this.panel.refreshTable();
      },
    );
    store.watch(
      (state) => [cursorStep(state), state.theme, shownAxis(state), ...view.inputs(state)],
      (state) => {
        if (element.hidden) return;
        const step = cursorStep(state);
        this.chart.showCursor(step === null ? null : shownAxis(state).toX(step));
        this.panel.showLegend(view.legend(state));
      },
    );
  }
}
