#!/usr/bin/env bash
# pyte 0.8.2: CSI M (delete line) leaves the line on the screen if no program has written in the line below it.
#
# ECMA-48 (8.3.32, DL) removes the line of the cursor and moves the lines below it up; blank lines come in at the
# bottom. What was written below does not matter.
#
# pyte's screen has entries only for lines that were written or drawn. delete_lines() moves an entry up into the
# place of a deleted line; if there is no entry to move, it does not remove the old one. So the last line of a text
# cannot be deleted, and an empty line in the text makes the line above it stay while the rest moves. With a space in
# the lower line, the same bytes work.
#
# @xterm/headless 6.0.0 deletes the line in each case.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyte==0.8.2
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 > /dev/null

cat > cases.json <<'JSON'
[["only line", "one\u001b[M"],
 ["a space below", "one\r\n \u001b[1;1H\u001b[M"],
 ["empty line below", "one\r\n\r\nthree\u001b[1;1H\u001b[M"],
 ["full line below", "one\r\ntwo\r\nthree\u001b[1;1H\u001b[M"],
 ["two lines of three", "one\r\ntwo\r\nthree\u001b[1;1H\u001b[2M"],
 ["last line", "one\r\ntwo\r\nthree\u001b[3;1H\u001b[M"]]
JSON
cat > lines.py <<'PY'
import json

import pyte

for name, data in json.load(open("cases.json")):
    screen = pyte.Screen(10, 4)
    pyte.Stream(screen).feed(data)
    print(f"{name}, pyte: {'|'.join(line.rstrip() for line in screen.display)}")
PY
cat > lines.cjs <<'JS'
const { Terminal } = require("@xterm/headless");

(async () => {
  for (const [name, data] of require("./cases.json")) {
    const terminal = new Terminal({ cols: 10, rows: 4, allowProposedApi: true });
    await new Promise((done) => terminal.write(data, done));
    const rows = [0, 1, 2, 3].map((y) => terminal.buffer.active.getLine(y).translateToString().trimEnd());
    console.log(`${name}, xterm.js: ${rows.join("|")}`);
  }
})();
JS

seen=$( (venv/bin/python lines.py && node lines.cjs) | sort -s -t, -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
a space below, pyte: |||
a space below, xterm.js: |||
empty line below, pyte: one|three||
empty line below, xterm.js: |three||
full line below, pyte: two|three||
full line below, xterm.js: two|three||
last line, pyte: one|two|three|
last line, xterm.js: one|two||
only line, pyte: one|||
only line, xterm.js: |||
two lines of three, pyte: three|two||
two lines of three, xterm.js: three|||
TEXT
echo "as seen: a line above one that was never written cannot be deleted"
