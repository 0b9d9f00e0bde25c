#!/usr/bin/env bash
# colab-convert 2.0.5 (PyPI): "!pip install pandas" at the end of a cell becomes an installation of "panda", "%cd data"
# goes to "dat", and code that begins with a docstring becomes text.
#
# The package converts notebooks to Python and back, and turns shell commands into calls of subprocess. In a notebook
# the last line of a cell has no line end, the others have one; a command after "!" runs in a shell.
#
# * The last character of each command is cut off, as if it was a line end.
# * The words are split at spaces only, and no shell runs. Quotes, pipes and variables are arguments.
# * On the way back quotes are stripped from both ends of a text, not just the three that were added, and a cell of code
#   that begins with a docstring is taken for text.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check colab-convert==2.0.5 json5==0.17.3

cat > make.py <<'PY'
import json

CELLS = (
    ("code", "!pip install pandas"),
    ("code", "%cd data"),
    ("code", "!ls *.csv | wc -l\nfiles = 1"),
    ("code", '"""Say hello."""\nprint("hello")'),
    ("markdown", '"To be, or not to be"'),
)
cells = []
for kind, source in CELLS:
    cell = {"cell_type": kind, "metadata": {"id": str(len(cells))}, "source": source.splitlines(keepends=True)}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    cells.append(cell)
with open("notebook.ipynb", "w") as file:
    metadata = {"colab": {"name": "a"}}
    json.dump({"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": cells}, file)
PY
cat > show.py <<'PY'
import json

with open("back.ipynb") as file:
    for cell in json.load(file)["cells"]:
        print(f"back, {cell['cell_type']}: {''.join(cell['source']).strip()!r}")
PY
python3 make.py
venv/bin/colab-convert notebook.ipynb notebook.py > log 2>&1
venv/bin/colab-convert notebook.ipynb kept.py -rm -nc > log 2>&1
venv/bin/colab-convert kept.py back.ipynb > log 2>&1

seen=$(grep -E "subprocess.run|chdir" notebook.py; python3 show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
sub_p_res = subprocess.run(['pip', 'install', 'panda'], stdout=subprocess.PIPE).stdout.decode('utf-8') #<cc-cm>
os.chdir('dat') #<cc-cm>
sub_p_res = subprocess.run(['ls', '*.csv', '|', 'wc', '-l'], stdout=subprocess.PIPE).stdout.decode('utf-8') #<cc-cm>
back, code: '!pip install pandas'
back, code: '%cd data'
back, code: '!ls *.csv | wc -l\nfiles = 1'
back, markdown: 'Say hello."""\nprint("hello")'
back, markdown: 'To be, or not to be'
TEXT
echo "as seen: other commands run"
