#!/usr/bin/env bash
# nbconvert 7.17.2: --coalesce-streams removes output that every terminal and JupyterLab show.
#
# The option is to "coalesce consecutive stdout and stderr outputs into one stream (within each cell)". With --inplace
# it is used to make executed notebooks comparable. One expects the text to stay as it is; or, since it also treats
# carriage returns, which its help does not say, what a terminal would show. There a carriage return moves the cursor to
# the start of the line. It erases nothing: only what is written afterwards replaces text, character by character.
#
# The option removes all of a line before a carriage return that is not followed by a line feed, whatever comes then:
#
# * A line that ends in CR CR LF is lost. Output of a container with a terminal ends so where it has passed through a
#   second one (ssh -t, script).
# * So is a line after whose carriage return only colours are reset, or the cursor is shown again, as progress bars end.
# * Of a line that a shorter one overwrites, the rest is lost.
#
# pyte 0.8.2 shows what a terminal shows.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbconvert==7.17.2 pyte==0.8.2

cat > coalesce.py <<'PY'
import subprocess
import sys
from pathlib import Path

import nbformat
import pyte
from nbformat.v4 import new_code_cell, new_notebook, new_output

TEXTS = ("one\r\ntwo\r\n", "one\r\r\ntwo\r\r\n", "50%\r100%\r\x1b[0m\ndone\n", "12 files\rread\n")


def shown(text):
    screen = pyte.Screen(40, 4)
    screen.set_mode(pyte.modes.LNM)  # a line feed begins a line, as in a notebook
    pyte.Stream(screen).feed(text)
    return [line.rstrip() for line in screen.display if line.strip()]


cells = [new_code_cell(outputs=[new_output("stream", name="stdout", text=text)]) for text in TEXTS]
Path("run.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
convert = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--coalesce-streams", "--inplace", "run.ipynb"]
subprocess.run(convert, check=True, stderr=subprocess.DEVNULL)
for text, cell in zip(TEXTS, nbformat.read("run.ipynb", 4).cells):
    after = cell.outputs[0].text
    print(f"{text!r} -> {after!r}: shown as {shown(text)}, then as {shown(after)}")
PY

seen=$(venv/bin/python coalesce.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
'one\r\ntwo\r\n' -> 'one\r\ntwo\r\n': shown as ['one', 'two'], then as ['one', 'two']
'one\r\r\ntwo\r\r\n' -> '\r\n\r\n': shown as ['one', 'two'], then as []
'50%\r100%\r\x1b[0m\ndone\n' -> '\x1b[0m\ndone\n': shown as ['100%', 'done'], then as ['done']
'12 files\rread\n' -> 'read\n': shown as ['readiles'], then as ['read']
TEXT
echo "as seen: lines are removed"
