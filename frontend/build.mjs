// Bundles src/ into the one file that TensorBoard serves, which is committed: users need no Node.
//   node build.mjs           write it
//   node build.mjs --check   fail unless the committed file is what src/ gives
//   node build.mjs --watch   write it again on every change

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { define } from "./version.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const bundle = fileURLToPath(new URL("../tb_meanpixel/static/index.js", import.meta.url));

// A style sheet is its text, without the white space.
const cssAsText = {
  name: "css-as-text",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true, charset: "utf8" });
      return { contents: code, loader: "text" };
    }),
};

const options = {
  absWorkingDir: here, // the same bytes from whatever folder this is run
  entryPoints: ["src/index.ts"],
  outfile: bundle,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "inline",
  sourcemap: false,
  define,
  plugins: [cssAsText],
  logLevel: "info",
};

async function check() {
  const { outputFiles } = await esbuild.build({ ...options, logLevel: "warning", write: false });
  const committed = await readFile(bundle).catch(() => null);
  if (committed?.equals(outputFiles[0].contents)) return;
  console.error("tb_meanpixel/static/index.js is not what frontend/ gives: run `make bundle`");
  process.exitCode = 1;
}

async function watch() {
  const context = await esbuild.context(options);
  await context.watch();
}

const run = { "--check": check, "--watch": watch }[process.argv[2]] ?? (() => esbuild.build(options));
// esbuild has already said on the terminal what is wrong with the sources.
await run().catch(() => (process.exitCode = 1));
