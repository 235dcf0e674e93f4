// The export menu of a run: its numbers from the server, and a report that needs no server.

import { download, fileName, h } from "../../base/dom";
import { menu } from "../../charts/menus";
import { toReport } from "../../report/report";
import { toUrl } from "../../server/request";
import type { Frames, Paint } from "../../state/frames";
import type { State } from "../../state/state";
import { type ReportPanels, reportContent } from "./report_content";

const EXPORTS = [
  ["scores", "csv"],
  ["curves", "csv"],
  ["histograms", "csv"],
  ["findings", "csv"],
  ["scores", "json"],
  ["histograms", "json"],
] as const;

export function exportRunMenu(state: State, frames: Frames, paint: Paint, panels: () => ReportPanels): HTMLElement {
  const { element, refresh } = menu(h("summary", {}, "Export"), () => {
    const { detail } = state;
    if (!detail) return [];
    const { run, stream, quantity } = detail;
    const report = (): void => {
      const content = reportContent(state, frames, panels());
      if (content) download(fileName(`${run.name} mean pixel report`, "html"), toReport(content), "text/html");
    };
    return [
      h("button", { data: { key: "report" }, onclick: report }, "Report: one HTML file"),
      ...EXPORTS.map(([what, format]) =>
        h(
          "a",
          {
            href: toUrl("export", {
              run: run.name,
              stream: stream.name,
              what,
              format,
              quantity: what === "histograms" ? quantity : null,
            }),
            download: "",
            data: { key: `${what} ${format}` },
          },
          `All ${what}: ${format.toUpperCase()}`,
        ),
      ),
    ];
  });
  paint(() => {
    void state.detail;
    refresh();
  });
  return element;
}
