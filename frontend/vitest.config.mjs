import { readFile } from "node:fs/promises";
import { defineConfig } from "vitest/config";
import { define } from "./version.mjs";

// A style sheet is its text here too, as in build.mjs; Vite would make it an empty module.
const cssAsText = {
  name: "css-as-text",
  enforce: "pre",
  async resolveId(source, importer) {
    if (!source.endsWith(".css")) return null;
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    return resolved && `${resolved.id}.text`;
  },
  async load(id) {
    if (!id.endsWith(".css.text")) return null;
    const text = await readFile(id.slice(0, -".text".length), "utf8");
    return `export default ${JSON.stringify(text)};`;
  },
};

export default defineConfig({
  plugins: [cssAsText],
  define,
  test: { include: ["tests/**/*.test.{ts,js}"] },
});
