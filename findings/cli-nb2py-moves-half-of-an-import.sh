#!/usr/bin/env bash
# cli-nb2py 0.7.5 (PyPI): of an import over several lines the first one is moved to the top alone, lines that only look
# like imports leave their strings, and variables of the environment are set in another order.
#
# The package is a "Reliable Notebook to Python converter". The source of a cell is Python; a script that is made of it
# is to do what the notebook does. In the notebook format the parts of a source are joined as they are.
#
# * Each line that starts with "import" or "from" goes to the top, also the first one of "from a import (", and one
#   inside of a string.
# * Lines that start with os.environ are sorted by their text, and set before all of the code.
# * Lines of text cells are joined with a space at the start of each.
# * A string of three quotes over several lines is put together from lines in single ones. A backslash that ends a line
#   keeps its meaning no longer, and "f" anywhere before a quote makes it an f-string.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check cli-nb2py==0.7.5

cat > convert.py <<'PY'
import json
import subprocess
import sys

CELLS = {
    "import": "from math import (\n    floor,\n    pi,\n)\nprint(floor(pi))",
    "string": 'text = """\nfrom here\nto there"""\nprint(text)',
    "environment": (
        "import os\nos.environ['ROOT'] = '/data'\nos.environ['CACHE'] = os.environ['ROOT'] + '/cache'\n"
        "print(os.environ['CACHE'])"
    ),
    "braces": 'text = dict(of="""{}\n""")["of"]\nprint(text)',
}


def last(text):
    return text.strip().splitlines()[-1] if text.strip() else ""


for name, source in CELLS.items():
    cell = {"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True)}
    with open("notebook.ipynb", "w") as file:
        json.dump({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}, file)
    command = ["venv/bin/nb2py", "notebook.ipynb", "script.py"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for kind, arguments in (("notebook", ["-c", source]), ("script", ["script.py"])):
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
        print(f"{name}, {kind}: {done.stdout!r} {last(done.stderr)}")
PY

seen=$(venv/bin/python convert.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
import, notebook: '3\n' 
import, script: '' SyntaxError: invalid syntax
string, notebook: '\nfrom here\nto there\n' 
string, script: '' SyntaxError: invalid syntax
environment, notebook: '/data/cache\n' 
environment, script: '' KeyError: 'ROOT'
braces, notebook: '{}\n\n' 
braces, script: '' SyntaxError: unexpected character after line continuation character
TEXT
echo "as seen: the script does something else"
