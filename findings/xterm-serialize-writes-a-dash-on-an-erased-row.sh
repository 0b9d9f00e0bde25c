#!/usr/bin/env bash
# @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0: the text that serialize() returns puts a "-" on a row
# that was empty on the screen.
#
# The addon promises a string that restores the terminal's contents when it is written to a terminal of the same
# size. A long line that wraps into the next row keeps its mark "continues the row above" when an editor inserts a
# line between the two rows (CSI L), or when a program erases the first of them (CSI 2 K, CSI K). To restore that
# mark, serialize() fills the empty row with columns + 1 dashes, so that the terminal wraps. It then erases all
# dashes but one: the erasing starts in the second column (CSI A, then CSI 0 C, which moves by one column, since
# ECMA-48 reads a parameter of 0 as the default, 1).
#
# Sessions that are restored from serialize() show a character that no program wrote. A row of spaces, or a wrapped
# row with text, is restored as it was.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0 > /dev/null

cat > dash.cjs <<'JS'
const { Terminal } = require("@xterm/headless");
const { SerializeAddon } = require("@xterm/addon-serialize");

const open = () => new Terminal({ cols: 10, rows: 4, allowProposedApi: true });
const write = (terminal, data) => new Promise((done) => terminal.write(data, done));
const rows = (terminal) =>
  [0, 1, 2].map((y) => JSON.stringify(terminal.buffer.active.getLine(y).translateToString(true))).join(" ");

async function show(name, data) {
  const before = open();
  const addon = new SerializeAddon();
  before.loadAddon(addon);
  await write(before, data);
  const after = open();
  await write(after, addon.serialize());
  console.log(`${name}: ${rows(before)} -> ${rows(after)}`);
}

(async () => {
  const line = "abcdefghijkl"; // wraps after "j"
  await show("wrapped", line);
  await show("a line inserted", `${line}\x1b[2;1H\x1b[L`);
  await show("first row erased", `${line}\x1b[1;1H\x1b[2K`);
  await show("first row made of spaces", `${line}\x1b[1;1H          `);
  await show("first row deleted", `${line}\x1b[1;1H\x1b[M`);
})();
JS

seen=$(node dash.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
wrapped: "abcdefghij" "kl" "" -> "abcdefghij" "kl" ""
a line inserted: "abcdefghij" "" "kl" -> "abcdefghij" "-" "kl"
first row erased: "" "kl" "" -> "-" "kl" ""
first row made of spaces: "          " "kl" "" -> "          " "kl" ""
first row deleted: "kl" "" "" -> "kl" "" ""
TEXT
echo "as seen: an empty row whose continuation is kept comes back with a dash"
