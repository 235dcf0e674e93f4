// Files of a whole training: its numbers from the server, and a report that needs no server.

import { toUrl } from "../api";
import { h, replaceChildren } from "../dom";
import { download, fileName } from "../download";
import { toReport } from "../report";
import type { Store } from "../store";
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
  const menu = h("div.menu");
  store.watch(
    ({ detail }) => [detail],
    ({ detail }) => {
      if (!detail) return;
      const { training, stream, quantity } = detail;
      replaceChildren(
        menu,
        h("button", {
          type: "button",
          data: { key: "report" },
          onclick: () => {
            const content = reportContent(store, panels());
            if (content) download(fileName(`${training.name} mean pixel report`, "html"), toReport(content), "text/html");
          },
        }, "Report: one HTML file"),
        ...EXPORTS.map(([what, format]) =>
          h("a", { href: toUrl("export", { training: training.name, stream: stream.name, what, format, quantity: what === "histograms" ? quantity : null }), download: "", data: { key: `${what} ${format}` } }, `All ${what}: ${format.toUpperCase()}`),
        ),
      );
    },
  );
  return h("details.picker", {}, h("summary", {}, "Take away"), menu);
}
