// Finds places in files that a line of text names, as compilers and stack traces do: app.py:12,
// File "app.py", line 12, a.ts(3,5), in x.php on line 7. Text in, places out: no DOM.
//
// A host and its port look the same, so a file is known by what its name ends with.

/** A place in a file, and where in the text it is named. */
export interface Place {
  from: number;
  to: number;
  path: string;
  line: number;
  /** From 1; 0 if it is not named. */
  column: number;
}

/** Characters of a line that are looked at. */
const NEAR = 4096;
const ENDINGS =
  "py|pyi|pyx|ipynb|js|mjs|cjs|jsx|ts|mts|cts|tsx|vue|svelte|java|kt|kts|scala|groovy|gradle|clj|go|rs|c|h|cc|cpp|cxx|hpp|hh|cu|cs|fs|vb|m|mm|swift|rb|erb|rake|php|pl|pm|lua|sh|bash|zsh|ps1|sql|ex|exs|erl|hs|ml|mli|r|R|jl|dart|zig|nim|f90|asm|s|S|html|css|scss|less|ya?ml|json|toml|ini|cfg|conf|xml|proto|tf|md|rst|txt";
const PATH = `(?:file:\\/\\/)?((?:[A-Za-z]:[\\\\/])?[\\w.@~+\\\\/-]{0,400}[\\w-]\\.(?:${ENDINGS})|(?:[\\w.@~+/-]{0,400}/)?(?:Dockerfile|Makefile))`;
const BEFORE = "(^|[\\s(\"'`[<=,@])";
const PATTERNS = [
  /()File "([^"<\n]{1,400})", line (\d{1,7})()/g,
  new RegExp(`${BEFORE}${PATH}:(\\d{1,7})(?::(\\d{1,5}))?(?![\\w/.]*\\w)`, "g"),
  new RegExp(`${BEFORE}${PATH}\\((\\d{1,7})(?:,(\\d{1,5}))?\\)`, "g"),
  new RegExp(`${BEFORE}${PATH} on line (\\d{1,7})()`, "g"),
];

/** Return the places that a line names, from left to right. */
export function findPlaces(text: string): Place[] {
  const near = text.slice(0, NEAR);
  const places: Place[] = [];
  for (const pattern of PATTERNS) {
    for (const found of near.matchAll(pattern)) {
      const [all, before = "", path = "", line, column] = found;
      const from = found.index + before.length;
      const to = found.index + all.length;
      if (places.some((each) => each.from < to && from < each.to)) continue;
      places.push({ from, to, path, line: Number(line), column: Number(column) || 0 });
    }
  }
  return places.sort((left, right) => left.from - right.from);
}

/** How a place is written by most programs. */
export function placeText({ path, line, column }: Place): string {
  return column ? `${path}:${line}:${column}` : `${path}:${line}`;
}

/** Leading folders of a container's path that may be missing on the server, and paths to try. */
const DROPPED = 4;

/**
 * Return where the server may have a file that a container names, the likeliest first, relative to the
 * server's root. A folder that is mounted has other folders above it in the container. `folder`: that of
 * the notebook.
 */
export function candidates(path: string, folder: string): string[] {
  const parts = path.split("/").filter((part) => part && part !== ".");
  if (parts.includes("..") || path.includes("\\") || path.startsWith("~")) return [];
  const paths: string[] = [];
  for (let from = 0; from <= Math.min(DROPPED, parts.length - 1); from += 1) {
    const rest = parts.slice(from).join("/");
    if (folder) paths.push(`${folder}/${rest}`);
    paths.push(rest);
  }
  return paths;
}
