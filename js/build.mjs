// Builds the page into hyper_jupyter/static: the core, the second modules (second.mjs), the style
// sheet, and the licences of what is bundled. Each module has its style sheet in itself, and puts it
// into the document. Then the front ends' extensions into extension/: small scripts that load the bundle.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { buildPage, SECOND } from "./second.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "hyper_jupyter", "static");
const target = ["es2022", "chrome111", "firefox115", "safari16.4"];

// Everything lies below .hyper-jupyter, so that xterm's rules do not meet those of the front
// end's own terminals; esbuild writes the nesting out.
const xterm = await readFile(path.join(here, "node_modules/@xterm/xterm/css/xterm.css"), "utf8");
const licence = xterm.match(/\/\*\*[\s\S]*?\*\//)?.[0] ?? "";

/** Bundle and shrink style sheets; `before` is put in front. */
async function sheet(files, before = "") {
  let text = before;
  for (const file of files) {
    const parts = { entryPoints: [path.join(here, "src", file)], bundle: true, write: false };
    text += (await build({ ...parts, target })).outputFiles[0].text;
  }
  return (await transform(text, { loader: "css", minify: true, target })).code;
}

const rules = `.hyper-jupyter {\n${xterm.replace(licence, "")}\n}\n`;
const sheets = { core: await sheet(["style.css"], rules) };
for (const [name, { styles }] of Object.entries(SECOND)) {
  sheets[name] = await sheet(styles.map((file) => `styles/${file}`));
}
const css = Object.values(sheets).join("");

const { version } = JSON.parse(await readFile(path.join(here, "package.json"), "utf8"));
const options = {
  bundle: true,
  minify: true,
  legalComments: "none",
  target,
  write: false,
  metafile: true,
  // The names are the clearer ones to read, and 20 bytes longer, each time.
  define: { VERSION: JSON.stringify(version), "Number.POSITIVE_INFINITY": "Infinity" },
};

const page = await buildPage(options, sheets);
// The player of a page of its own, which is whole. It stands in a script element, which ends at
// "</script".
const player = await build({
  ...options,
  entryPoints: [path.join(here, "src/replay-page.ts")],
  format: "iife",
  define: {
    ...options.define,
    BUILD: '""',
    STYLE_SHEET: JSON.stringify(sheets.core + sheets.player),
  },
});

const packages = new Set();
for (const input of [...page.inputs, ...Object.keys(player.metafile.inputs)]) {
  const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}
packages.add("@xterm/xterm"); // its style sheet, at least
const licences = [];
for (const name of [...packages].sort()) {
  const folder = path.join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json")));
  const text = await readFile(path.join(folder, "LICENSE"), "utf8");
  licences.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
}

await rm(path.join(out, "second"), { recursive: true, force: true });
await mkdir(path.join(out, "second"), { recursive: true });
const notice = "/* Licences of the bundled packages: THIRD-PARTY-LICENSES.txt */\n";
const code = notice + page.core;
await writeFile(path.join(out, "index.js"), code);
for (const [name, text] of Object.entries(page.second)) {
  await writeFile(path.join(out, "second", `${name}.js`), text);
}
await writeFile(path.join(out, "replay.js"), inScript(player.outputFiles[0].text));
await writeFile(path.join(out, "style.css"), notice + css);
await writeFile(
  path.join(out, "THIRD-PARTY-LICENSES.txt"),
  `The page of hyper_jupyter (index.js, second/*.js, replay.js, style.css) contains these packages.\n\n${licences.join(`\n${"-".repeat(72)}\n\n`)}`,
);

const hash = hashOf(code);
const extension = path.join(here, "..", "extension");

/** Return a script so that it can stand in a script element. */
function inScript(text) {
  if (/<!--|<script/i.test(text)) throw new Error("replay.js cannot stand in a script element");
  return text.replaceAll("</script", "<\\/script");
}

function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function script(name) {
  const built = await build({
    entryPoints: [path.join(here, "src/extension", name)],
    bundle: true,
    format: "iife",
    minify: true,
    target,
    write: false,
    define: { VERSION: JSON.stringify(version), HASH: JSON.stringify(hash) },
  });
  return built.outputFiles[0].text;
}

async function put(name, text) {
  const file = path.join(extension, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

// Each has a copy of the page's code: servers give out these folders only.
await rm(extension, { recursive: true, force: true });
for (const folder of ["classic", "lab/static"]) {
  await put(`${folder}/bundle.js`, code);
  for (const [name, text] of Object.entries(page.second)) {
    await put(`${folder}/second/${name}.js`, text);
  }
}
await put("classic/index.js", await script("classic.ts"));
await put("classic/extension.js", await script("classic-extension.js"));
// Browsers keep what JupyterLab's server gives out: a script of another text needs another name.
const container = await script("lab.ts");
const load = `static/remoteEntry.${hashOf(container)}.js`;
await put(`lab/${load}`, container);
const description = "Panes of containers in notebooks";
const about = { name: "hyper_jupyter", version, description, license: "BSD-3-Clause" };
const jupyterlab = { extension: true, _build: { load, extension: "./extension" } };
const manifest = { ...about, jupyterlab };
const install = {
  packageManager: "python",
  packageName: "hyper_jupyter",
  uninstallInstructions:
    "Run pip uninstall hyper_jupyter in the environment of the Jupyter server.",
};
for (const [name, data] of Object.entries({ package: manifest, install })) {
  await put(`lab/${name}.json`, `${JSON.stringify(data, null, 2)}\n`);
}
const sizes = {
  "index.js": code,
  ...Object.fromEntries(
    Object.entries(page.second).map(([name, text]) => [`second/${name}.js`, text]),
  ),
  "replay.js": player.outputFiles[0].text,
  "style.css": css,
};
for (const [name, text] of Object.entries(sizes)) {
  console.log(`${name.padEnd(20)} ${String(Buffer.byteLength(text)).padStart(7)} bytes`);
}
