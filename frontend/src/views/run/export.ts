// Files of a whole run: its numbers from the server, and a report that needs no server.

import { h } from "../../base/dom";
import { download, fileName } from "../../base/dom";
import { menu } from "../../charts/menus";
import { toReport } from "../../report/report";
import { toUrl } from "../../server/request";
import type { Store } from "../../state/store";
import { reportContent, type ReportPanels } from "./report_content";

const EXPORTS = [
  ["scores", "csv"],
  ["curves", "csv"],
  ["histograms", "csv"],
  ["findings", "csv"],
  ["scores", "json"],
  ["histograms", "json"],
] as const;

export function takeAwayMenu(store: Store, panels: () => ReportPanels): HTMLElement {
  const { element, refresh } = menu(h("summary", {}, "Take away"), () => {
    const { detail } = store.state;
    if (!detail) return [];
    const { run, stream, quantity } = detail;
    const report = (): void => {
      const content = reportContent(store, panels());
      if (content) download(fileName(`${run.name} mean pixel report`, "html"), toReport(content), "text/html");
    };
    return [
      h("button", { data: { key: "report" }, onclick: report }, "Report: one HTML file"),
      ...EXPORTS.map(([what, format]) =>
        h("a", { href: toUrl("export", { run: run.name, stream: stream.name, what, format, quantity: what === "histograms" ? quantity : null }), download: "", data: { key: `${what} ${format}` } }, `All ${what}: ${format.toUpperCase()}`),
      ),
    ];
  });
  store.watch(({ detail }) => [detail], refresh);
  return element;
}
