// Bundles src/ into the one file that TensorBoard serves, which is committed: users need no Node.
//   node build.mjs           write it, unless it is too large
//   node build.mjs --check   fail unless the committed file is what src/ gives
//   node build.mjs --watch   write it again on every change

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { define } from "./version.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const bundle = fileURLToPath(new URL("../tb_meanpixel/static/index.js", import.meta.url));

/** The page is sent gzipped, and is to be there before one looks for it. */
const MAX_KB = 96;

// A style sheet is its text, without the white space.
const cssAsText = {
  name: "css-as-text",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        charset: "utf8",
      });
      return { contents: code, loader: "text" };
    }),
};

const options = {
  absWorkingDir: here, // the same bytes from whatever folder this is run
  entryPoints: ["src/index.ts"],
  outfile: bundle,
  write: false,
  metafile: true,
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

/** Licences of the bundled packages: they ask to be in all copies. */
async function licences({ inputs }) {
  const packages = Object.keys(inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  const texts = [...new Set(packages)]
    .sort()
    .map(async (name) => `${name}: ${(await readFile(`${here}node_modules/${name}/LICENSE`, "utf8")).trim()}`);
  return `/*! ${(await Promise.all(texts)).join("\n\n")} */\n`;
}

async function make() {
  const { outputFiles, metafile } = await esbuild.build({ ...options, logLevel: "warning" });
  const contents = Buffer.concat([outputFiles[0].contents, Buffer.from(await licences(metafile))]);
  const size = gzipSync(contents, { level: 9 }).length / 1000;
  console.log(`tb_meanpixel/static/index.js: ${size.toFixed(1)} of at most ${MAX_KB} kB gzipped`);
  if (size > MAX_KB) throw new Error(`the bundle is ${(size - MAX_KB).toFixed(1)} kB too large`);
  return contents;
}

async function check() {
  const contents = await make();
  const committed = await readFile(bundle).catch(() => null);
  if (!committed?.equals(contents))
    throw new Error("tb_meanpixel/static/index.js is not what frontend/ gives: run `make bundle`");
}

async function watch() {
  const context = await esbuild.context({ ...options, write: true });
  await context.watch();
}

const commands = { "--check": check, "--watch": watch };
const run = commands[process.argv[2]] ?? (async () => writeFile(bundle, await make()));
await run().catch((error) => {
  // esbuild has already said on the terminal what is wrong with the sources.
  if (!error.errors) console.error(error.message);
  process.exitCode = 1;
});
