#!/usr/bin/env bash
# wcwidth 0.9.4: clip() removes curly underlines, and wrap() underlines lines whose underline has ended.
#
# A colon separates a parameter's parts (ECMA-48, 5.4.2). CSI 4:3 m is a curly underline, and CSI 4:0 m ends
# underlining, as CSI 24 m does. kitty, VTE, Windows Terminal and xterm.js draw it; editors mark errors with it.
# wcwidth says that clip() preserves all terminal sequences, and that wrap() restores the active style on each line.
# Both know the form with colons for colours (38:2::R:G:B).
#
# * clip() takes a curly underline away, even if it cuts off nothing of the text. It does so in a sequence with other
#   attributes too, which it keeps. wrap() does not continue the underline in the next line.
# * After CSI 4:0 m, text still counts as underlined: clip() puts CSI 4 m before text that had no underline, and so
#   does wrap() in each line that follows.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check wcwidth==0.9.4

cat > underlines.py <<'PY'
from wcwidth import clip, wrap

for name, text in (
    ("plain", "\x1b[4mtwo words\x1b[24m then text"),
    ("curly", "\x1b[4:3mtwo words\x1b[24m then text"),
    ("curly, red", "\x1b[4:3;31mtwo words\x1b[0m then text"),
    ("ended by 4:0", "\x1b[4mtwo words\x1b[4:0m then text"),
):
    print(f"{name}: clip {clip(text, 0, 20)!r}, clip from 10 {clip(text, 10, 20)!r}")
    print(f"{name}: wrap {wrap(text, 5)!r}")
PY

seen=$(venv/bin/python underlines.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
plain: clip '\x1b[4mtwo words\x1b[24m then text', clip from 10 'then text'
plain: wrap ['\x1b[4mtwo\x1b[0m', '\x1b[4mwords\x1b[0m', '\x1b[4m\x1b[24mthen', 'text']
curly: clip 'two words\x1b[24m then text', clip from 10 'then text'
curly: wrap ['\x1b[4:3mtwo', 'words', '\x1b[24mthen', 'text']
curly, red: clip '\x1b[31mtwo words\x1b[0m then text', clip from 10 'then text'
curly, red: wrap ['\x1b[4:3;31mtwo\x1b[0m', '\x1b[31mwords\x1b[0m', '\x1b[31m\x1b[0mthen', 'text']
ended by 4:0: clip '\x1b[4mtwo words\x1b[4:0m then text\x1b[0m', clip from 10 '\x1b[4mthen text\x1b[0m'
ended by 4:0: wrap ['\x1b[4mtwo\x1b[0m', '\x1b[4mwords\x1b[0m', '\x1b[4m\x1b[4:0mthen\x1b[0m', '\x1b[4mtext\x1b[0m']
TEXT
echo "as seen: curly underlines are lost, ended ones come back"
