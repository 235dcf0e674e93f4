// The version of the package, said once: in Python.

import { readFile } from "node:fs/promises";

const source = await readFile(new URL("../tb_meanpixel/__init__.py", import.meta.url), "utf8");

/** For esbuild and Vitest alike. */
export const define = { PRODUCT_VERSION: JSON.stringify(/^__version__ = "(.+)"$/m.exec(source)[1]) };
