// A chart on the axis of steps, in its panel: one axis and one cursor with all the others.

import { signal } from "@preact/signals-core";
import { h } from "../base/dom";
import type { LegendItem, Plot } from "../drawing/plot";
import type { Domain } from "../model/series";
import { type ValueAxis, withValues } from "../model/value_zoom";
import type { Paint } from "../state/frames";
import { cursorStep, shownAxis, shownX } from "../state/shown";
import { type State, update } from "../state/state";
import { stepWord } from "../state/step_words";
import { Chart } from "./chart";
import { Panel } from "./panel";
import { stepEvents } from "./step_events";
import type { Table } from "./table";

/** How much of the values remains to be seen. */
const VALUE_KEYS: Readonly<Record<string, number>> = { ArrowUp: 0.5, ArrowDown: 2 };

/** Functions of the state are called again when what they have read of it is another. */
export interface StepView {
  readonly title: string;
  readonly height: number;
  /** Whose zoom is this chart's; without it the values cannot be zoomed. */
  readonly values?: (state: State) => ValueAxis;
  /** Without its axis; null hides the panel. `x` are steps. It must not follow the cursor. */
  readonly plot: (state: State, chart: Chart) => Omit<Plot, "domain" | "kind"> | null;
  readonly legend: (state: State) => readonly LegendItem[];
  readonly table: (state: State) => Table | null;
  /** Lines of text at a step and a value. */
  readonly tip?: (state: State, step: number, y: number) => readonly string[];
  readonly tools?: readonly HTMLElement[];
  readonly body?: (chart: HTMLElement) => HTMLElement;
  readonly titleOf?: (state: State) => string;
}

export class StepChart {
  readonly panel: Panel;
  readonly chart: Chart;

  constructor(state: State, paint: Paint, view: StepView) {
    const zoomValues = (limits: Domain | null): void => {
      if (view.values) update(state, { values: withValues(state.values, view.values(state), limits) });
    };
    const all = h(
      "button.toggle",
      { title: "Show all values again (double-click on the numbers of the axis, or 0)", hidden: true },
      "all values",
    );
    all.onclick = () => {
      zoomValues(null);
      this.chart.element.focus(); // the button is about to go
    };
    this.chart = this.#makeChart(state, view, zoomValues);
    this.panel = new Panel(view.title, {
      body: view.body?.(this.chart.element) ?? this.chart.element,
      table: () => view.table(state),
      picture: this.chart,
      tools: [all, ...(view.tools ?? [])],
    });
    const { element } = this.panel;
    const isShown = signal(false);
    paint(() => {
      const plot = view.plot(state, this.chart);
      element.hidden = !plot;
      isShown.value = !!plot;
      if (!plot) return;
      this.panel.title = view.titleOf?.(state) ?? view.title;
      const axis = shownAxis(state);
      const zoom = (view.values && state.values.get(view.values(state))) ?? null;
      all.hidden = !zoom;
      this.chart.show({
        caption: axis.kind === "step" ? stepWord(state) : "time",
        ...plot,
        x: plot.x.map(axis.toX),
        domain: shownX(state),
        kind: axis.kind,
        zoom,
      });
      this.panel.refreshTable();
    });
    paint(() => {
      if (!isShown.value) return;
      const step = cursorStep(state);
      this.chart.showCursor(step === null ? null : shownAxis(state).toX(step));
      this.panel.showLegend(view.legend(state));
    });
  }

  #makeChart(state: State, view: StepView, zoomValues: (limits: Domain | null) => void): Chart {
    const events = stepEvents(state);
    return new Chart({
      height: view.height,
      label: `${view.title} over steps. Arrow keys, Home and End move the step, plus and minus zoom the steps, Shift with arrow up and arrow down the values, 0 shows all, Escape lets go.`,
      ...(view.values ? { onValues: zoomValues } : {}),
      pointer: {
        ...events,
        onKey: (event) => {
          const factor = event.shiftKey ? VALUE_KEYS[event.key] : undefined;
          if (factor === undefined || !view.values) return !!events.onKey?.(event);
          this.chart.zoomValues(factor);
          return true;
        },
        onHover: (x, place, y) => {
          events.onHover(x, place, y);
          const { hovered } = state;
          if (view.tip)
            this.chart.showTip(
              hovered === null ? null : place,
              ...(hovered === null ? [] : view.tip(state, hovered, y)),
            );
        },
      },
    });
  }
}
