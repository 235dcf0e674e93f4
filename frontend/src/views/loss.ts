// The training loop's own curves: the loss, and whatever else is ticked.

import type { CurveSeries } from "../model";
import { EpochChart, type CursorEvents } from "../chart";
import { runColor, statisticColor } from "../colors";
import { h, replaceChildren } from "../dom";
import { formatNumber } from "../format";
import { Panel } from "../panel";
import { alignBySteps, valueAt, type Domain } from "../scales";
import { cursorStep, type Detail, type State, type Store } from "../store";
import { sharedDomain } from "./heatmap";

export class LossChart {
  readonly element: HTMLElement;
  readonly #chart: EpochChart;
  readonly #panel: Panel;
  readonly #picker = h("details.picker");
  readonly #log = h("button.toggle", { type: "button", title: "Logarithmic axis" }, "log");
  readonly #empty = h("p.hint", {}, "No loss was written beside these images. MeanPixelCallback writes the epoch's logs; any scalars in this directory are shown here too.");

  constructor(store: Store, events: CursorEvents) {
    this.#chart = new EpochChart({
      height: 146,
      label: "Loss over epochs. Arrow keys move the epoch.",
      events,
      formatValue: formatNumber,
    });
    this.#log.onclick = () => store.update({ logLoss: !store.state.logLoss });
    const body = h("div", {}, this.#chart.element, this.#empty);
    this.#panel = new Panel("Loss", body, this.#log, this.#picker);
    this.element = this.#panel.element;
    store.subscribe((state, before) => {
      if (state.detail && LOSS_INPUTS.some((key) => state[key] !== before[key])) {
        this.#show(state, state.detail);
        this.#showPicker(store, state.detail);
      }
      if (cursorStep(state) !== cursorStep(before) || state.detail !== before.detail) {
        this.#chart.showCursor(cursorStep(state));
        this.#showLegend(state);
      }
    });
  }

  #show(state: State, detail: Detail): void {
    const shown = shownCurves(state);
    this.#empty.hidden = detail.scalars.curves.length > 0;
    this.#chart.element.hidden = detail.scalars.curves.length === 0;
    this.#log.setAttribute("aria-pressed", String(state.logLoss));
    const domain = sharedDomain(detail);
    const { steps, columns } = alignBySteps(shown.map((series) => within(series, domain)));
    this.#chart.show({
      steps,
      domain,
      range: null,
      log: state.logLoss,
      lines: shown.map((series, index) => ({
        label: key(series),
        color: this.#color(state, series),
        ...(series.curve.split === "validation" ? { dash: [5, 4] } : {}),
        values: columns[index] ?? [],
      })),
    });
    this.#showLegend(state);
  }

  #showLegend(state: State): void {
    const step = cursorStep(state);
    if (step === null) return;
    this.#panel.showLegend(
      shownCurves(state).map((series) => ({
        label: label(series),
        help: `${series.curve.run} · ${series.curve.tag}`,
        dashed: series.curve.split === "validation",
        color: this.#color(state, series),
        value: formatNumber(valueAt(series, step)),
      })),
    );
  }

  /** Solid is training, dashed is validation; one colour for each quantity. */
  #color(state: State, series: CurveSeries): string {
    const names = [...new Set(shownCurves(state).map(({ curve }) => curve.name))];
    const index = names.indexOf(series.curve.name);
    return index === 0
      ? runColor(state.detail?.training.run ?? "", state.runOrder, state.theme)
      : statisticColor(index - 1, state.theme);
  }

  #showPicker(store: Store, detail: Detail): void {
    const { curves } = detail.scalars;
    this.#picker.hidden = curves.length === 0;
    const shown = new Set(shownCurves(store.state).map(key));
    replaceChildren(
      this.#picker,
      h("summary", {}, "Scalars"),
      h(
        "div.menu",
        {},
        ...curves.map((series) =>
          h(
            "label",
            { title: `${series.curve.run} · ${series.curve.tag}` },
            h("input", {
              type: "checkbox",
              checked: shown.has(key(series)),
              onchange: () => {
                const next = new Set(shownCurves(store.state).map(key));
                if (!next.delete(key(series))) next.add(key(series));
                store.update({ curves: next });
              },
            }),
            label(series),
            h("small", {}, series.curve.run),
          ),
        ),
      ),
    );
  }
}

const LOSS_INPUTS = ["detail", "curves", "theme", "runOrder", "logLoss"] as const;

/** The ticked curves; unasked, the loss. */
export function shownCurves(state: State): readonly CurveSeries[] {
  const all = state.detail?.scalars.curves ?? [];
  const { curves } = state;
  const ticked = curves ? all.filter((series) => curves.has(key(series))) : [];
  return ticked.length || curves?.size === 0 ? ticked : all.filter(({ curve }) => curve.primary);
}

export function label({ curve }: CurveSeries): string {
  return curve.split === "validation" ? `${curve.name} (validation)` : curve.name;
}

/** The same for the same curve of another training, so that ticks stay. */
function key({ curve }: CurveSeries): string {
  return `${curve.name} ${curve.split} ${curve.tag}`;
}

/** Steps on the epoch axis only: some writers count batches. */
function within(series: CurveSeries, [low, high]: Domain): CurveSeries {
  const kept = series.steps.map((step) => step >= low && step <= high);
  return {
    ...series,
    steps: series.steps.filter((_, index) => kept[index]),
    values: series.values.filter((_, index) => kept[index]),
  };
}
