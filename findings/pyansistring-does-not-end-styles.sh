#!/usr/bin/env bash
# pyansistring 0.6.0 (PyPI): from_ansi() takes ESC [ m for nothing, so a colour goes on to the end of the text; inverse
# and blinking text does as well, and a curly underline is italic.
#
# In ECMA-48 a parameter that is left out is 0: ESC [ m ends all styles, and is what git and tput write. 27 and 25 end
# inverse and blinking. 4:3, a sub-parameter, is a curly underline. The package converts "raw ANSI-encoded strings back
# into ANSIString instances with styles intact".
#
# * Without a digit the sequence is not a style.
# * What ends a style is kept as a style of its own, and written in front of the one that it was to end.
# * Of 4:3 the 3 is read.
#
# The screen of pyavt 0.1.2 shows what the texts look like, before and after.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyansistring==0.6.0 pyavt==0.1.2

cat > styles.py <<'PY'
import avt
from pyansistring import ANSIString

TEXTS = {
    "red": "\x1b[31ma\x1b[0mb",
    "red, short reset": "\x1b[31ma\x1b[mb",
    "bold": "\x1b[1ma\x1b[22mb",
    "inverse": "\x1b[7ma\x1b[27mb",
    "blink": "\x1b[5ma\x1b[25mb",
    "curly": "\x1b[4:3ma\x1b[0mb",
}
NAMES = ("bold", "italic", "underline", "inverse", "blink", "foreground")


def look(text):
    screen = avt.Vt(10, 1)
    screen.feed_str(text)
    for cell in screen[0]:
        if cell.char in "ab":
            names = [name for name in NAMES if getattr(cell.pen, name) not in (False, None)]
            yield f"{cell.char} {' '.join(names) or 'plain'}"


for name, text in TEXTS.items():
    read = ANSIString.from_ansi(text).styled_text
    print(f"{name}: {', '.join(look(text))}, read and written: {', '.join(look(read))}")
PY

seen=$(venv/bin/python styles.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
red: a foreground, b plain, read and written: a foreground, b plain
red, short reset: a foreground, b plain, read and written: a foreground, b foreground
bold: a bold, b plain, read and written: a bold, b plain
inverse: a inverse, b plain, read and written: a inverse, b inverse
blink: a blink, b plain, read and written: a blink, b blink
curly: a plain, b plain, read and written: a italic, b plain
TEXT
echo "as seen: styles go on"
