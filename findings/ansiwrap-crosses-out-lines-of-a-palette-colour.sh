#!/usr/bin/env bash
# ansiwrap 0.8.4 (PyPI): of wrapped text in a colour of the palette all lines but the first have no colour, and are
# styled by the digits of its number: those of colour 196 are bold and crossed out. Bold text stays bold where it had
# ended.
#
# The package is "textwrap, but savvy to ANSI colors and styles": each line ends with a reset, and the next one begins
# with the styles that are in force. A colour of the palette is the sequence 38;5;N, one of 24 bits 38;2;R;G;B. In
# ECMA-48 1 alone is bold and 9 "crossed out", and a parameter that is left out is 0, a reset. 22 ends bold.
#
# * The parameters of a colour are kept as one text, and joined again character by character: 38;5;196 becomes
#   3;8;;;5;;;1;9;6.
# * Only 0 removes a style. 22, 23 and 24 are written, and the styles come back with the next line.
#
# The screen of pyavt 0.1.2 shows what the lines look like.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ansiwrap==0.8.4 pyavt==0.1.2

cat > wrap.py <<'PY'
import ansiwrap
import avt

TEXTS = {
    "red": "\x1b[31mone two\x1b[0m end",
    "palette": "\x1b[38;5;196mone two\x1b[0m end",
    "24 bits": "\x1b[38;2;10;20;30mone two\x1b[0m end",
    "bold": "\x1b[1mone two\x1b[22m end",
}


NAMES = ("bold", "faint", "italic", "underline", "blink", "strikethrough", "inverse", "foreground")


def look(line):
    screen = avt.Vt(20, 1)
    screen.feed_str(line)
    pen = screen[0][0].pen
    return " ".join(name for name in NAMES if getattr(pen, name) not in (False, None)) or "plain"


for name, text in TEXTS.items():
    for line in ansiwrap.wrap(text, 4):
        print(f"{name}: {line!r} is {look(line)}")
PY

seen=$(venv/bin/python wrap.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
red: '\x1b[31mone\x1b[0m' is foreground
red: '\x1b[31mtwo\x1b[0m' is foreground
red: 'end' is plain
palette: '\x1b[38;5;196mone\x1b[0m' is foreground
palette: '\x1b[3;8;;;5;;;1;9;6mtwo\x1b[0m' is bold strikethrough
palette: 'end' is plain
24 bits: '\x1b[38;2;10;20;30mone\x1b[0m' is foreground
24 bits: '\x1b[3;8;;;2;;;1;0;;;2;0;;;3;0mtwo\x1b[0m' is plain
24 bits: 'end' is plain
bold: '\x1b[1mone\x1b[0m' is bold
bold: '\x1b[1mtwo\x1b[22m\x1b[0m' is bold
bold: '\x1b[1mend\x1b[0m' is bold
TEXT
echo "as seen: lines have other styles"
