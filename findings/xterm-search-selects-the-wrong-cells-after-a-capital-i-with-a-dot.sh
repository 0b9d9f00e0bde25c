#!/usr/bin/env bash
# @xterm/addon-search 0.16.0 with @xterm/headless 6.0.0: a search that ignores case selects the wrong cells on a line
# with U+0130, the capital letter of the Turkish i.
#
# A result is a place on the screen. Its place cannot depend on whether the search looks at case.
#
# The addon compares the lower case of the line, and uses the place in that string as one in the line. Unicode's
# mapping to lower case makes two code points of U+0130 ("i" and a dot above), so each one moves the results after it
# by one cell to the right; the last result of a line may have no text at all. The case sensitive search is right.
# U+0130 is the first letter of "İstanbul", and of any word in a Turkish heading that begins with i.
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
  const line = "İstanbul İzmir foo";
  await find(line, "foo", { caseSensitive: true }, 1);
  await find(line, "foo", { caseSensitive: false }, 1);
  await find(line, "zmir", { caseSensitive: false }, 1);
  await find("Istanbul Izmir foo", "foo", { caseSensitive: false }, 1);
})();
JS

seen=$(node find.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"İstanbul İzmir foo", foo: line 0 column 15 "foo"
"İstanbul İzmir foo", foo: line 0 column 17 "o  "
"İstanbul İzmir foo", zmir: line 0 column 12 "ir f"
"Istanbul Izmir foo", foo: line 0 column 15 "foo"
TEXT
echo "as seen: each U+0130 moves the results by a cell"
