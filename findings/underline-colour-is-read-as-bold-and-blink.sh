#!/usr/bin/env bash
# rich 15.0.0, ansi2html 1.9.5, wcwidth 0.9.4, ansi_up 6.0.6, anser 2.3.5 and slice-ansi 8.0.0: a colour for the
# underline (SGR 58) turns on bold, blink and other attributes.
#
# SGR 58 has the grammar of SGR 38 and 48: "58;5;N" takes a palette entry, "58;2;R;G;B" a colour. kitty, VTE and
# xterm.js know it; editors colour the line under a misspelled word with it. A program that does not draw the colour
# must still know how many parameters belong to it, as it does for 38 and 48.
#
# These six know 38 and 48, but take each parameter after 58 for an attribute of its own: palette entry 1 (red) is
# "5" (blink) and "1" (bold). slice-ansi and wcwidth's clip() even write these sequences, so that terminals obey them.
#
# @xterm/headless 6.0.0 (xterm.js), and wrap-ansi 10.0.2, by slice-ansi's authors, keep the sequence whole.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check rich==15.0.0 ansi2html==1.9.5 wcwidth==0.9.4
npm install --silent --no-audit --no-fund --no-save ansi_up@6.0.6 anser@2.3.5 slice-ansi@8.0.0 wrap-ansi@10.0.2 \
  @xterm/headless@6.0.0 > /dev/null

cat > colours.py <<'PY'
from ansi2html import Ansi2HTMLConverter
from rich.text import Text
from wcwidth import clip

WORDS = "\x1b[58;5;1mone two\x1b[59m"

print("rich:", [str(span.style) for span in Text.from_ansi(WORDS).spans])
print("ansi2html:", Ansi2HTMLConverter(inline=True).convert(WORDS, full=False))
print("wcwidth:", repr(clip(WORDS, 4, 7)))
PY
cat > colours.mjs <<'JS'
import headless from "@xterm/headless";
import Anser from "anser";
import { AnsiUp } from "ansi_up";
import sliceAnsi from "slice-ansi";
import wrapAnsi from "wrap-ansi";

const WORDS = "\x1b[58;5;1mone two\x1b[59m";

console.log(`ansi_up: ${new AnsiUp().ansi_to_html(WORDS)}`);
console.log(`anser: ${Anser.ansiToHtml(WORDS)}`);
console.log(`slice-ansi: ${JSON.stringify(sliceAnsi(WORDS, 4, 7))}`);
console.log(`wrap-ansi: ${JSON.stringify(wrapAnsi(WORDS, 4))}`);

const terminal = new headless.Terminal({ cols: 10, rows: 1, allowProposedApi: true });
terminal.write(WORDS, () => {
  const cell = terminal.buffer.active.getLine(0).getCell(0);
  console.log(`xterm.js: bold ${cell.isBold()}, blink ${cell.isBlink()}`);
});
JS

seen=$(venv/bin/python colours.py && node colours.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
rich: ['bold blink']
ansi2html: <span style="font-weight: bold; text-decoration: blink">one two</span><span style="font-weight: bold; text-decoration: blink"></span>
wcwidth: '\x1b[1;5mtwo\x1b[0m'
ansi_up: <span style="font-weight:bold">one two</span>
anser: <span style="font-weight:bold;text-decoration:blink">one two</span>
slice-ansi: "\u001b[5m\u001b[1mtwo\u001b[22m\u001b[0m"
wrap-ansi: "\u001b[58;5;1mone\u001b[59m\n\u001b[58;5;1mtwo\u001b[59m"
xterm.js: bold 0, blink 0
TEXT
echo "as seen: the palette entry of an underline becomes bold and blink"
