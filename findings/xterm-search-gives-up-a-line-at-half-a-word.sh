#!/usr/bin/env bash
# @xterm/addon-search 0.16.0 with @xterm/headless 6.0.0: a search for whole words does not find a word that has the
# same text inside a longer word before it on the line.
#
# The option wholeWord is to find the term only where no letters are around it. "foo" is a whole word in the line
# "foobar foo". Editors and grep -w find it.
#
# The addon looks for the first occurrence after the last result, and then checks what is around it. If that one is
# part of a longer word, the rest of the line is not searched.
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
  const options = { wholeWord: true };
  await find("foo foobar", "foo", options, 1);
  await find("foobar foo", "foo", options, 1);
  await find("foobar foo foo", "foo", options, 1);
  await find("foobar\r\nfoo", "foo", options, 1);
})();
JS

seen=$(node find.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"foo foobar", foo: line 0 column 0 "foo"
"foobar foo", foo: nothing
"foobar foo foo", foo: nothing
"foobar\r\nfoo", foo: line 1 column 0 "foo"
TEXT
echo "as seen: a longer word hides the whole words after it"
