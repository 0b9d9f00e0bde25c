#!/usr/bin/env bash
# pyqtermx 0.1.7 (PyPI): after the screen was scrolled down by three rows a text that is written to the first one is on
# all three.
#
# The package is a terminal emulator that targets "ECMA-48, VT102, and xterm", with xterm.js "as a behavioral
# reference", and lists "scroll (SU/SD, DECSTBM scroll regions)" and combining characters as complete. In ECMA-48 a
# control sequence with an intermediate byte is another one than that without it: CSI @ inserts characters, CSI SP @
# scrolls to the left.
#
# * SD puts one blank row in as often as it scrolls, so all of them are one row.
# * A sequence with an intermediate byte that is not known is done as the one without it.
# * An accent after the last column is lost.
# * ESC c, which resets a terminal, and VPR, which moves down, do nothing.
#
# The package is fed without its window. @xterm/headless 6.0.0 (npm) shows the same texts.
#
# Seen with Python 3.11, Node.js 20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check --no-deps pyqtermx==0.1.7 wcwidth==0.9.4
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 > /dev/null

cat > texts.json <<'JSON'
{
  "scroll down": "\u001b[3Tone\r\ntwo",
  "in a region": "a\r\nb\r\nc\r\nd\u001b[2;4r\u001b[2T\u001b[2;1Hone",
  "scroll left": "abcdef\u001b[1;2H\u001b[2 @",
  "accent": "abcde\u0301",
  "accent in the last column": "abcdefge\u0301",
  "reset": "before\u001bcafter",
  "down": "a\u001b[2eb"
}
JSON
cat > theirs.js <<'JS'
const {Terminal} = require("@xterm/headless");
const texts = require("./texts.json");

async function main() {
  const screens = {};
  for (const name in texts) {
    const terminal = new Terminal({cols: 8, rows: 4, allowProposedApi: true});
    await new Promise((done) => terminal.write(texts[name], done));
    screens[name] = [0, 1, 2, 3].map((row) => terminal.buffer.active.getLine(row).translateToString(true));
  }
  console.log(JSON.stringify(screens));
}
main();
JS
cat > compare.py <<'PY'
import json
import subprocess

from pyqtermx.emulator import Emulator
from pyqtermx.parser import Parser
from pyqtermx.screen import Screen

with open("texts.json") as file:
    texts = json.load(file)
theirs = json.loads(subprocess.run(["node", "theirs.js"], check=True, capture_output=True, text=True).stdout)
for name, text in texts.items():
    screen = Screen(lines=4, columns=8)
    parser = Parser(Emulator(screen))
    parser.feed(text)
    parser.flush()
    print(f"{name}, xterm.js: {[row.rstrip() for row in theirs[name]]}")
    print(f"{name}, pyqtermx: {[row.rstrip() for row in screen.render().splitlines()[:4]]}")
PY

seen=$(venv/bin/python compare.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
scroll down, xterm.js: ['one', 'two', '', '']
scroll down, pyqtermx: ['two', 'two', 'two', '']
in a region, xterm.js: ['a', 'one', '', 'b']
in a region, pyqtermx: ['a', 'one', 'one', 'b']
scroll left, xterm.js: ['cdef', '', '', '']
scroll left, pyqtermx: ['a  bcdef', '', '', '']
accent, xterm.js: ['abcdé', '', '', '']
accent, pyqtermx: ['abcdé', '', '', '']
accent in the last column, xterm.js: ['abcdefgé', '', '', '']
accent in the last column, pyqtermx: ['abcdefge', '', '', '']
reset, xterm.js: ['after', '', '', '']
reset, pyqtermx: ['beforeaf', 'ter', '', '']
down, xterm.js: ['a', '', ' b', '']
down, pyqtermx: ['ab', '', '', '']
TEXT
echo "as seen: rows that are one, and other sequences"
