#!/usr/bin/env bash
# @xterm/addon-search 0.16.0 with @xterm/headless 6.0.0: in a search with a regular expression, "^", "\b" and
# lookbehind see the end of the last result as the start of a line.
#
# In "foofoo", /^foo/ has one match, and /\bfoo/ too. With JavaScript's own global search (matchAll) the second "foo"
# is none, since "^" and "\b" look at the whole string.
#
# To go on after a result, the addon searches the rest of the line as a string of its own. What comes before is gone,
# so the second "foo" is at the start of a line, has a word's edge, and has no "foo" before it. From the start of the
# terminal the results are right, so that they depend on where the last search ended.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 @xterm/addon-search@0.16.0 > /dev/null

cat > find.cjs <<'JS'
globalThis.window = globalThis; // the addon's timers are a window's
const { Terminal } = require("@xterm/headless");
const { SearchAddon } = require("@xterm/addon-search");

// Search for `term` as often as there are results to see. The headless terminal has no selection: keep the cells that
// the addon asks to select, as column, line and text.
async function find(data, term, options, times) {
  const terminal = new Terminal({ cols: 20, rows: 5, allowProposedApi: true });
  await new Promise((done) => terminal.write(data, done));
  const seen = [];
  let selected;
  const selection = {
    clearSelection: () => { selected = undefined; },
    getSelectionPosition: () => selected,
    scrollLines: () => {},
    select: (column, line, length) => {
      selected = { start: { x: column, y: line }, end: { x: column + length, y: line } };
      const text = terminal.buffer.active.getLine(line).translateToString(false, column, column + length);
      seen.push(`line ${line} column ${column} ${JSON.stringify(text)}`);
    },
  };
  const addon = new SearchAddon();
  addon.activate(new Proxy(terminal, { get: (target, key) => selection[key] ?? Reflect.get(target, key) }));
  while (seen.length < times && addon.findNext(term, options));
  addon.dispose(); // it has a timer
  console.log(`${JSON.stringify(data)}, ${term}: ${seen.join(", ") || "nothing"}`);
}

(async () => {
  const options = { regex: true };
  await find("foofoo", "^foo", options, 2);
  await find("foofoo", "\\bfoo", options, 2);
  await find("foofoo", "(?<!foo)foo", options, 2);
  await find("foo foo", "^foo", options, 2);
  const all = [..."foofoo".matchAll(/^foo/g)].map((match) => match.index);
  console.log(`matchAll: ${all}`);
})();
JS

seen=$(node find.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"foofoo", ^foo: line 0 column 0 "foo", line 0 column 3 "foo"
"foofoo", \bfoo: line 0 column 0 "foo", line 0 column 3 "foo"
"foofoo", (?<!foo)foo: line 0 column 0 "foo", line 0 column 3 "foo"
"foo foo", ^foo: line 0 column 0 "foo", line 0 column 0 "foo"
matchAll: 0
TEXT
echo "as seen: the rest of a line counts as a line"
