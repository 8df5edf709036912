// Builds static/js and static/css into static/dist under names that carry their content's hash, and writes
// static/dist/manifest.json ({"map.js": "map-3FZQ….js"}), by which the server finds them.
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "dist");
const ENTRIES = [
  "js/site.js",
  "js/map.js",
  "js/pin.js",
  "js/passkey.js",
  "js/shortcuts.js",
  "css/site.css",
  "css/map.css",
  "css/workspace.css",
  "css/charts.css",
];

// Leaflet's style sheet names pictures for its default marker and layer switch, which this product does not use.
const withoutPictures = {
  name: "without-pictures",
  setup: (build) => build.onLoad({ filter: /\.png$/ }, () => ({ contents: "", loader: "dataurl" })),
};

const options = {
  absWorkingDir: here,
  entryPoints: ENTRIES,
  outdir: out,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "safari15.4"],
  legalComments: "none", // licenses.txt has them whole
  metafile: true,
  plugins: [withoutPictures],
  logLevel: "warning",
};

/** Entry name to built name, from what esbuild says it wrote. */
function manifestOf(outputs) {
  const names = Object.entries(outputs)
    .filter(([, output]) => output.entryPoint && ENTRIES.includes(output.entryPoint))
    .map(([file, output]) => [path.basename(output.entryPoint), path.basename(file)]);
  return Object.fromEntries(names.sort());
}

/** The licences of the packages whose code is in the bundles: they ask to be shipped with it. */
async function licencesOf(inputs) {
  const packages = Object.keys(inputs)
    .map((file) => file.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0])
    .filter(Boolean);
  const texts = [...new Set(packages)].sort().map(async (folder) => {
    const at = path.join(here, folder);
    const { name, version, license } = JSON.parse(await readFile(path.join(at, "package.json"), "utf8"));
    const file = (await readdir(at)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(path.join(at, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/** Writes each file once more as small as it gets, in both ways that browsers read: the server has no time for it. */
async function compress(outputs) {
  const kilo = (bytes) => `${(bytes.length / 1000).toFixed(1)} kB`;
  for (const file of Object.keys(outputs).sort()) {
    if (!/\.(js|css)$/.test(file)) continue;
    const whole = await readFile(path.join(here, file));
    const [gz, br] = [gzipSync(whole, { level: 9 }), brotliCompressSync(whole)];
    await writeFile(path.join(here, `${file}.gz`), gz);
    await writeFile(path.join(here, `${file}.br`), br);
    process.stdout.write(`${path.basename(file).padEnd(32)} ${kilo(whole)}, ${kilo(gz)} gzip, ${kilo(br)} brotli\n`);
  }
}

async function build() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { metafile } = await esbuild.build(options);
  const manifest = manifestOf(metafile.outputs);
  await writeFile(path.join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(path.join(out, "licenses.txt"), await licencesOf(metafile.inputs));
  await compress(metafile.outputs);
}

for (const entry of ENTRIES) {
  await stat(path.join(here, entry)); // a missing source stops the build here, with its name
}
await build();
