// Builds the core and the second modules, which a page loads when it first needs them.
//
// A second module is not bundled with what the core has already: those modules are external to it, and
// the core hands them over (src/model/second-modules.ts says why). So the core is built twice: first to
// see which modules it has, then with a list of the names that the second modules need.
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "src");

/** The second modules: their entries in src/, and their style sheets in src/styles/. */
export const SECOND = {
  doctor: { entry: "parts/doctor.ts", styles: ["doctor.css"] },
  lines: { entry: "views/lines/lines.ts", styles: ["lines.css"] },
  place: { entry: "parts/place.ts", styles: ["place.css"] },
  player: { entry: "parts/player.ts", styles: ["player.css"] },
  reader: { entry: "views/pane/reader-view.ts", styles: ["reader.css"] },
  reading: { entry: "views/reading/reading.ts", styles: [] },
  search: { entry: "terminal/terminal-search.ts", styles: [] },
  watches: { entry: "parts/watches.ts", styles: ["watch.css", "frames.css"] },
};

/** What stands for the mark of the build until everything is built. */
const MARK = "@build-mark@";
const VIRTUAL = "hyper-jupyter:core";
/** What the names of the core's modules begin with, where a second module asks for them. */
const CORE = "core:";
const LICENCES = "/* Licences: THIRD-PARTY-LICENSES.txt */\n";

/**
 * Build all of it. `options`: for esbuild; `sheets`: the style sheet of the core (`core`) and of each
 * second module. Returns the texts, and the packages' files that went into them.
 */
export async function buildPage(options, sheets) {
  const found = await buildCore(options, sheets.core, new Map());
  const has = new Set(Object.keys(found.metafile.inputs).map((input) => path.resolve(input)));
  const needed = new Map();
  const texts = {};
  const inputs = new Set(Object.keys(found.metafile.inputs));
  for (const [name, { entry }] of Object.entries(SECOND)) {
    const chosen = {
      ...options,
      ...entryOf(entry),
      define: { ...options.define, ...own(sheets[name]) },
      plugins: [besideCore(has)],
    };
    const imports = await build({ ...chosen, format: "esm", minify: false });
    noteNames(imports.outputFiles[0].text, needed);
    // With this format, what is external is got by calling `require`, which `make` has for that.
    const result = await build({ ...chosen, format: "cjs" });
    const body = result.outputFiles[0].text.trim();
    texts[name] =
      `${LICENCES}export default{build:"${MARK}",make(require){const module={exports:{}};\n` +
      `${body}\nreturn module.exports}};\n`;
    for (const input of Object.keys(result.metafile.inputs)) inputs.add(input);
  }
  texts.core = (await buildCore(options, sheets.core, needed)).outputFiles[0].text;
  const mark = createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16);
  for (const name of Object.keys(texts)) texts[name] = texts[name].replaceAll(MARK, mark);
  const { core, ...second } = texts;
  return { core, second, inputs: [...inputs] };
}

function buildCore(options, sheet, needed) {
  return build({
    ...options,
    ...entryOf("index.ts"),
    format: "esm",
    define: { ...options.define, ...own(sheet) },
    plugins: [listOf(needed)],
  });
}

function entryOf(name) {
  return { entryPoints: [path.join(source, name)] };
}

function own(sheet) {
  return { STYLE_SHEET: JSON.stringify(sheet), BUILD: JSON.stringify(MARK) };
}

/** The name of a module of the core, among those that the core hands over. */
function nameOf(file) {
  return path.relative(source, file).replaceAll(path.sep, "/").replace(/\.ts$/, "");
}

/** A plugin that takes no module of the core into a second module. */
function besideCore(has) {
  return {
    name: "beside-core",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /.*/ }, async ({ path: wanted, kind, pluginData, ...where }) => {
        if (kind === "entry-point" || pluginData === MARK) return undefined;
        const { importer, resolveDir } = where;
        const found = await resolve(wanted, { importer, resolveDir, kind, pluginData: MARK });
        if (found.errors.length || !has.has(found.path)) return found;
        return { path: CORE + nameOf(found.path), external: true };
      });
    },
  };
}

/**
 * Note which names of which modules of the core a second module has, from its imports as esbuild writes
 * them. A module handed over with all its names would be in the core with all that they need.
 */
function noteNames(text, needed) {
  const count = text.split(`from "${CORE}`).length - 1;
  const found = [...text.matchAll(new RegExp(`import \\{([^}]*)\\} from "${CORE}([^"]+)"`, "g"))];
  if (found.length !== count)
    throw new Error("second modules import names of the core, no modules");
  for (const [, list, name] of found) {
    const names = needed.get(name) ?? new Set();
    for (const each of list.split(",")) names.add(each.trim().split(" ")[0]);
    needed.set(name, names);
  }
}

/** A plugin that makes the module which has what the second modules need of the core. */
function listOf(needed) {
  let count = 0;
  const imports = [];
  const entries = [...needed].sort().map(([name, names]) => {
    const own = [...names].sort().map((each) => [each, `c${count++}`]);
    const list = own.map((pair) => pair.join(" as ")).join(", ");
    imports.push(`import { ${list} } from ${JSON.stringify(`./${name}`)};`);
    return `${JSON.stringify(CORE + name)}: { ${own.map((pair) => pair.join(": ")).join(", ")} }`;
  });
  return {
    name: "core-modules",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${VIRTUAL}$`) }, () => ({
        path: VIRTUAL,
        namespace: VIRTUAL,
      }));
      onLoad({ filter: /.*/, namespace: VIRTUAL }, () => ({
        contents: `${imports.join("\n")}\nexport const CORE = { ${entries.join(", ")} };`,
        resolveDir: source,
      }));
    },
  };
}
