#!/usr/bin/env bash
# pyte 0.8.2: a line feed or a cursor movement outside the scroll region moves the cursor into the region, if need be in
# the opposite direction.
#
# DECSTBM (CSI r) makes some rows of the screen a region that scrolls; the rows above and below it stay. Programs keep
# a status line there: apt's progress bar, editors, pagers. The margins stop a cursor that comes from inside the region.
# A cursor outside of it moves up to the edge of the screen, as the VT510's manual says of CUU and CUD: if the cursor is
# already below the bottom margin, it stops at the bottom line. avt, the emulator of asciinema's tools, does that (shown
# through pyavt 0.1.2).
#
# pyte limits each movement with min(row, bottom margin) and max(row, top margin), wherever the cursor is. Below the
# region a line feed, CUD, CNL or a wrap moves the cursor up to the bottom margin. Above it, CUU, CPL and reverse index
# move it down to the top margin. What follows overwrites the region, and the status line loses its second row.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyte==0.8.2 pyavt==0.1.2

cat > region.py <<'PY'
import avt
import pyte

TOP, BOTTOM = "\x1b[1;3r", "\x1b[3;5r"  # the region: rows 1 to 3, rows 3 to 5
CASES = (
    ("inside, line feed", f"{TOP}\x1b[2;1Hlog\r\nlog"),
    ("below, line feed", f"{TOP}\x1b[4;1Hone\r\ntwo"),
    ("below, wrap", f"{TOP}\x1b[4;1H1234567890x"),
    ("below, cursor down", f"{TOP}\x1b[4;1H\x1b[Bx"),
    ("above, cursor up", f"{BOTTOM}\x1b[2;1H\x1b[Ax"),
    ("above, reverse index", f"{BOTTOM}\x1b[2;1H\x1bMx"),
)


def with_pyte(data):
    screen = pyte.Screen(10, 5)
    pyte.Stream(screen).feed(data)
    return screen.display


def with_avt(data):
    terminal = avt.Vt(10, 5)
    terminal.feed_str(data)
    return [line.text for line in terminal.view()]


for name, data in CASES:
    for library, rows in (("avt ", with_avt(data)), ("pyte", with_pyte(data))):
        print(f"{name}: {library}", " ".join(f"{row}:{text.strip()}" for row, text in enumerate(rows, 1)))
PY

seen=$(venv/bin/python region.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
inside, line feed: avt  1: 2:log 3:log 4: 5:
inside, line feed: pyte 1: 2:log 3:log 4: 5:
below, line feed: avt  1: 2: 3: 4:one 5:two
below, line feed: pyte 1: 2: 3:two 4:one 5:
below, wrap: avt  1: 2: 3: 4:1234567890 5:x
below, wrap: pyte 1: 2: 3:x 4:1234567890 5:
below, cursor down: avt  1: 2: 3: 4: 5:x
below, cursor down: pyte 1: 2: 3:x 4: 5:
above, cursor up: avt  1:x 2: 3: 4: 5:
above, cursor up: pyte 1: 2: 3:x 4: 5:
above, reverse index: avt  1:x 2: 3: 4: 5:
above, reverse index: pyte 1: 2: 3:x 4: 5:
TEXT
echo "as seen: the cursor jumps into the region"
