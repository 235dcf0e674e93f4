// Pictures of charts, compared with the kept ones in tests/pictures.
//
// When a change is intended, `npm run pictures` writes them again: look at the pictures and at their
// difference before you commit them.

import { expect } from "vitest";

export async function expectPicture(name: string, svg: string | null): Promise<void> {
  const message = `tests/pictures/${name}.svg differs. If this is intended: "npm run pictures", and look at it`;
  await expect(svg === null ? "" : readable(svg), message).toMatchFileSnapshot(`../pictures/${name}.svg`);
}

/** One element a line, so that a difference can be read; pixels as their hash and as characters. */
function readable(svg: string): string {
  let depth = 0;
  const lines = svg.replaceAll("><", ">\n<").split(/\n(?=<)/);
  const indented = lines.map((line) => {
    if (line.startsWith("</")) depth--;
    const text = line.replace(/href="([0-9a-f]+)\n([^"]*)"\/>/, 'href="#$1"/>\n<!--\n$2\n-->');
    const start = "  ".repeat(Math.max(0, depth));
    if (line.startsWith("<svg")) depth++;
    return start + text;
  });
  return `${indented.join("\n")}\n`;
}
