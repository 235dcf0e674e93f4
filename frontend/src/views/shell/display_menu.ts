// How things are drawn: the horizontal axis, colours, and the scale of counts.

import type { AxisKind } from "../../model/axis";
import type { MapChoice } from "../../drawing/colors";
import { h, select } from "../../base/dom";
import { menu } from "../../charts/menus";
import type { CountScale } from "../../drawing/raster";
import type { Store } from "../../state/store";

const AXES: readonly (readonly [AxisKind, string])[] = [["step", "epochs"], ["relative", "time since the start"], ["wall", "time of day"]];
const MAPS: readonly (readonly [MapChoice, string])[] = [["auto", "by the theme"], ["blue", "blue"], ["cividis", "cividis"], ["viridis", "viridis"], ["magma", "magma"]];
const SCALES: readonly (readonly [CountScale, string])[] = [["root", "square root"], ["log", "logarithmic"], ["linear", "linear"]];

export function displayMenu(store: Store): HTMLElement {
  const { element, refresh } = menu(h("summary", {}, "Display"), () => {
    const { axis, colorMap, countScale, logCounts } = store.state;
    return [
      select("Horizontal axis", AXES, axis, (value) => store.update({ axis: value as AxisKind })),
      select("Colours", MAPS, colorMap, (value) => store.update({ colorMap: value as MapChoice })),
      select("Colour goes with the share", SCALES, countScale, (value) => store.update({ countScale: value as CountScale })),
      h(
        "label.tick",
        {},
        h("input", { type: "checkbox", checked: logCounts, data: { key: "log counts" }, onchange: () => store.update({ logCounts: !store.state.logCounts }) }),
        "Histograms on a logarithmic scale",
      ),
    ];
  });
  store.watch(({ axis, colorMap, countScale, logCounts }) => [axis, colorMap, countScale, logCounts], refresh);
  return element;
}
