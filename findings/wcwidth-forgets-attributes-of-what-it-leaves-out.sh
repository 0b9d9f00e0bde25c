#!/usr/bin/env bash
# wcwidth 0.9.4: clip() and wrap() lose attributes that are set in a part of the text which they leave out: in a
# hyperlink before the clip, or before spaces at the start.
#
# A hyperlink (OSC 8) and the attributes (SGR) are independent of each other: what is set inside of a link stays set
# behind it. clip(text, start, end) gives the columns from start to end "while preserving all terminal sequences";
# wrap() continues on each line the style that is active there. So each letter is to look as it does in the whole text.
#
# * A link that lies wholly before start is dropped with the attributes in it. Red that begins in the link is missing
#   behind it. Red that ends in the link goes on, over text that was plain. If one column of the link is kept, it is
#   right. So a line that is scrolled to the right changes its colours when a link leaves it.
# * wrap() drops the spaces of a first line that has room for nothing else, and a sequence before them with them: all
#   lines are plain. With room for the first word all of them are bold.
#
# pyte 0.8.2 shows each result: the letters, then "r" for each red and "b" for each bold one.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check wcwidth==0.9.4 pyte==0.8.2

cat > cut.py <<'PY'
import pyte
from wcwidth import clip, wrap

LINK, END = "\x1b]8;;http://localhost/\x1b\\", "\x1b]8;;\x1b\\"


def marks(text):
    screen = pyte.Screen(20, 1)
    pyte.Stream(screen).feed(text)
    cells = [screen.buffer[0][column] for column in range(20)]
    letters = "".join(cell.data for cell in cells).rstrip()
    below = ("r" if cell.fg == "red" else "b" if cell.bold else "." for cell in cells[: len(letters)])
    return f"{letters}|{''.join(below)}"


for text in (f"{LINK}\x1b[31mlink{END}red", f"\x1b[31m{LINK}li\x1b[0mnk{END}plain"):
    print(f"{marks(text)}: from 4 {marks(clip(text, 4, 10))}, from 3 {marks(clip(text, 3, 10))}")
for text in ("\x1b[1m  ab cd", "\x1b[1m  a bc"):
    print(f"{marks(text)}: {[marks(line) for line in wrap(text, 3)]}")
PY

seen=$(venv/bin/python cut.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
linkred|rrrrrrr: from 4 red|..., from 3 kred|rrrr
linkplain|rr.......: from 4 plain|rrrrr, from 3 kplain|......
  ab cd|bbbbbbb: ['ab|..', 'cd|..']
  a bc|bbbbbb: ['  a|bbb', 'bc|bb']
TEXT
echo "as seen: attributes are lost"
