#!/usr/bin/env bash
# rich 15.0.0 and pyte 0.8.2: XTMODKEYS (CSI > Ps ; Ps m), a setting of the keyboard, makes text bold, dim or
# underlined.
#
# ECMA-48 (5.4.1) reserves the bytes < = > ? at the start of a control sequence's parameters for private use: the whole
# sequence then has a private meaning, whatever its last byte. "CSI > 4 ; 2 m" is xterm's modifyOtherKeys. Vim and the
# fish shell write such sequences when they start or show a prompt, so recorded sessions have them. They have nothing
# to do with SGR, "CSI 4 ; 2 m", and draw nothing.
#
# rich's AnsiDecoder (Text.from_ansi) drops the first parameter, because ">4" is no number, and takes the others for
# SGR: 1 is bold, 2 is dim. pyte ignores the ">" and takes both: 4 is underlined. All text after the sequence has these
# attributes, until something resets them.
#
# @xterm/headless 6.0.0 shows plain text, as xterm does.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check rich==15.0.0 pyte==0.8.2
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 > /dev/null

cat > modes.py <<'PY'
import pyte
from rich.text import Text

for sequence in ("\x1b[>4;1m", "\x1b[>4;2m", "\x1b[>4;0m"):
    text = Text.from_ansi(f"{sequence}prompt")
    screen = pyte.Screen(10, 1)
    pyte.Stream(screen).feed(f"{sequence}prompt")
    cell = screen.buffer[0][0]
    names = [name for name in ("bold", "underscore", "italics", "reverse") if getattr(cell, name)]
    print(f"{sequence[2:]} rich: {[str(span.style) for span in text.spans]}, pyte: {names}")
PY
cat > modes.cjs <<'JS'
const { Terminal } = require("@xterm/headless");

(async () => {
  for (const sequence of ["\x1b[>4;1m", "\x1b[>4;2m"]) {
    const terminal = new Terminal({ cols: 10, rows: 1, allowProposedApi: true });
    await new Promise((done) => terminal.write(`${sequence}prompt`, done));
    const cell = terminal.buffer.active.getLine(0).getCell(0);
    console.log(`${sequence.slice(2)} xterm.js: default attributes: ${cell.isAttributeDefault()}`);
  }
})();
JS

seen=$(venv/bin/python modes.py && node modes.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
>4;1m rich: ['bold'], pyte: ['bold', 'underscore']
>4;2m rich: ['dim'], pyte: ['underscore']
>4;0m rich: [], pyte: []
>4;1m xterm.js: default attributes: true
>4;2m xterm.js: default attributes: true
TEXT
echo "as seen: a keyboard mode makes text bold, dim or underlined"
