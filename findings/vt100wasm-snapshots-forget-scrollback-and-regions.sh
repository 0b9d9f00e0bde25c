#!/usr/bin/env bash
# vt100wasm 0.3.0 (PyPI): a screen that is restored from its snapshot has no scrollback, no scroll region, no origin
# mode and no saved cursor, and prints the rest of a sequence that was cut.
#
# The package is for "terminal state processing". Screen.snapshot() returns bytes, of which Screen.restore() makes a
# screen that shows the same. Both screens get the same bytes afterwards here, as if the output of a program went on.
# The other screen, where the alternate one is shown, is kept; so a snapshot is more than what is visible.
#
# * Rows that have scrolled out are dropped, though set_scrollback() goes back to them in the screen itself.
# * The region that scrolls is the whole screen again, and positions count from its first row.
# * ESC 8 goes to the first row and has no colour.
# * A sequence or character that is complete with the next bytes is forgotten. Output comes in pieces that end anywhere.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check vt100wasm==0.3.0 wasmtime==50.0.1

cat > snapshot.py <<'PY'
from vt100wasm import Screen

TEXTS = {
    "colours": (b"\x1b[31;1ma", b"b"),
    "alternate screen": (b"main\x1b[?1049hother", b"\x1b[?1049l!"),
    "saved cursor": (b"\x1b[2;3H\x1b7\x1b[H", b"\x1b8a"),
    "saved colour": (b"\x1b[31m\x1b7\x1b[m", b"\x1b8a"),
    "region": (b"title\x1b[2;3r\x1b[2Hone\r\ntwo", b"\r\nthree\r\nfour"),
    "origin mode": (b"\x1b[2;3r\x1b[?6h", b"\x1b[Ha"),
    "half of a sequence": (b"a\x1b[3", b"1mb"),
    "half of a character": ("é".encode()[:1], "é".encode()[1:]),
}


def show(screen):
    return f"{screen.contents()!r}, {screen.contents_formatted()!r}"


for name, (before, after) in TEXTS.items():
    screen = Screen(4, 12, 100)
    screen.process(before)
    restored = Screen.restore(screen.snapshot())
    for each in (screen, restored):
        each.process(after)
    if show(screen) == show(restored):
        print(f"{name}: the same")
    else:
        print(f"{name}: {screen.contents()!r}, restored: {restored.contents()!r}")
        if screen.contents() == restored.contents():
            print(f"  {screen.contents_formatted()}, restored: {restored.contents_formatted()}")

screen = Screen(4, 12, 100)
screen.process("\r\n".join(f"row {number}" for number in range(8)).encode())
restored = Screen.restore(screen.snapshot())
for each in (screen, restored):
    each.set_scrollback(4)
print(f"scrollback: {screen.contents()!r}, restored: {restored.contents()!r}")
PY

seen=$(venv/bin/python snapshot.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
colours: the same
alternate screen: the same
saved cursor: '\n  a', restored: 'a'
saved colour: 'a', restored: 'a'
  b'\x1b[?25h\x1b[m\x1b[H\x1b[J\x1b[31ma', restored: b'\x1b[?25h\x1b[m\x1b[H\x1b[Ja'
region: 'title\nthree\nfour', restored: 'one\ntwo\nthree\nfour'
origin mode: '\na', restored: 'a'
half of a sequence: 'ab', restored: 'a1mb'
half of a character: 'é', restored: ''
scrollback: 'row 0\nrow 1\nrow 2\nrow 3', restored: 'row 4\nrow 5\nrow 6\nrow 7'
TEXT
echo "as seen: the screen is another one"
