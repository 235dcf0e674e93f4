// Mean images side by side: on the page, and as one picture in a file.

import { h, replaceChildren } from "../../base/dom";
import { Panel } from "../../charts/panel";
import { pageColors } from "../../drawing/page_colors";
import { edgeOf, SvgPen } from "../../drawing/pen";
import { toCanvas } from "../../drawing/raster";
import type { Paint } from "../../state/frames";
import type { State } from "../../state/state";
import { type MeanPicture, type MeanPictures, meanImageTable, meanPictures } from "./mean_pictures";

/** Longest side of an enlarged picture in a file, in CSS pixels. */
const SIDE = 192;
const GAP = 12;

export function imagesView(state: State, paint: Paint): Panel {
  const row = h("div.images");
  const hint = h("p.hint");
  const panel = new Panel("Mean images", {
    body: h("div", {}, row, hint),
    picture: { svg: (title) => sideBySide(meanPictures(state), title) },
    table: () => meanImageTable(state),
  });
  paint(() => {
    const shown = meanPictures(state);
    panel.element.hidden = !shown;
    if (!shown) return;
    replaceChildren(row, ...shown.pictures.map((picture) => figure(picture, shown)));
    hint.textContent = shown.sentence;
    panel.refreshTable();
  });
  return panel;
}

function figure(picture: MeanPicture, size: MeanPictures): HTMLElement {
  const canvas = pictureCanvas(picture, size);
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = `Mean image: ${picture.caption}`;
  return h("figure", {}, canvas, h("figcaption", {}, picture.caption));
}

export function pictureCanvas({ pixels }: MeanPicture, { width, height }: MeanPictures): HTMLCanvasElement {
  return toCanvas(new ImageData(pixels, width, height));
}

/** A picture's size in a file; by a whole number, or its pixels would not be of one size. */
export function enlarged({ width, height }: Pick<MeanPictures, "width" | "height">): { width: number; height: number } {
  const times = Math.max(1, Math.floor(SIDE / Math.max(width, height)));
  return { width: width * times, height: height * times };
}

/** All of them as one SVG, with their captions. */
function sideBySide(shown: MeanPictures | null, title: string): string | null {
  if (!shown) return null;
  const pen = new SvgPen();
  const { ink, line, panel } = pageColors();
  const { width, height } = enlarged(shown);
  shown.pictures.forEach((picture, index) => {
    const box = { left: GAP + index * (width + GAP), top: 4, width, height };
    const { left, top } = box;
    pen.raster(box, (context) => {
      context.imageSmoothingEnabled = false;
      context.drawImage(pictureCanvas(picture, shown), left, top, width, height);
    });
    // Without an edge a white image would not be seen.
    pen.path(edgeOf(box), { stroke: line });
    pen.text(picture.caption, [left + width / 2, top + height + 15], ink, "middle");
  });
  pen.text(shown.sentence, [GAP, height + 40], ink, "start");
  const size = { width: GAP + 3 * (width + GAP), height: height + 50 };
  return pen.document(title, size, panel, ink);
}
