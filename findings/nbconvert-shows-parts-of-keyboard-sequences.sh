#!/usr/bin/env bash
# nbconvert 7.17.2: a notebook's HTML export shows a part of each control sequence that has "<" or ">" in it.
#
# ECMA-48 allows < = > ? at the start of a control sequence's parameters. Programs write such sequences to set up the
# keyboard or to ask the terminal for its name: CSI > 4 ; 2 m (xterm's modifyOtherKeys), CSI > 1 u and CSI < u (kitty's
# keyboard protocol), CSI > c (secondary device attributes). They draw nothing. The filter ansi2html promises to
# remove all sequences but colours, and does so for "=" and "?".
#
# The filter escapes the text for HTML first, so that ">" is "&gt;" when it looks for sequences. "&" and "g" then end
# the sequence, and "t;4;2m" is in the page as text. Each prompt of a recorded shell that uses the sequence has it.
# ansi2latex and strip_ansi of the same package remove the sequences.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbconvert==7.17.2 nbformat==5.11.1

cat > export.py <<'PY'
import re

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters import ansi2latex, strip_ansi

new = nbformat.v4
for sequence in ("[?2004h", "[=1;1u", "[>4;2m", "[>1u", "[<u", "[>c"):
    text = f"\x1b{sequence}$ ls"
    output = new.new_output("stream", name="stdout", text=text)
    notebook = new.new_notebook(cells=[new.new_code_cell("!ls", outputs=[output])])
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    shown = re.findall(r"<pre>(.*\$ ls)", page)
    print(f"{sequence} page: {shown}, strip_ansi: {strip_ansi(text)!r}, ansi2latex: {ansi2latex(text)!r}")
PY

seen=$(venv/bin/python export.py 2> log || { cat log >&2; exit 1; })
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
[?2004h page: ['$ ls'], strip_ansi: '$ ls', ansi2latex: '$ ls'
[=1;1u page: ['$ ls'], strip_ansi: '$ ls', ansi2latex: '$ ls'
[>4;2m page: ['t;4;2m$ ls'], strip_ansi: '$ ls', ansi2latex: '$ ls'
[>1u page: ['t;1u$ ls'], strip_ansi: '$ ls', ansi2latex: '$ ls'
[<u page: ['t;u$ ls'], strip_ansi: '$ ls', ansi2latex: '$ ls'
[>c page: ['t;c$ ls'], strip_ansi: '$ ls', ansi2latex: '$ ls'
TEXT
echo "as seen: the rest of the sequence is text in the page"
