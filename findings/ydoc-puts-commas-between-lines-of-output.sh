#!/usr/bin/env bash
# @jupyter/ydoc 4.2.0 (npm): the output of a cell gets a comma at the start of each line but the first, if the notebook
# has the output as a list of lines.
#
# The notebook format has multi-line text as a string or as a list of strings that are joined by nothing
# (multiline_string); files on disk have lists. The package holds the notebook that several people edit together, and
# its types allow both: the text of a stream output is a MultilineString.
#
# Its fromJSON() joins a list for the source of a cell. The text of a stream output is made a string as it is, and
# JavaScript puts a comma between the parts of a list. "one", "two" are then "one", ",two" for everybody who has the
# notebook open, and in the file once it is saved. Other outputs of the same cell keep their lists.
#
# jupyter_ydoc 4.2.1, the package's other half in Python, joins the text by nothing.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @jupyter/ydoc@4.2.0 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jupyter_ydoc==4.2.1

cat > run.ipynb <<'JSON'
{
 "nbformat": 4,
 "nbformat_minor": 5,
 "metadata": {},
 "cells": [
  {
   "cell_type": "code",
   "id": "first",
   "metadata": {},
   "execution_count": 1,
   "source": ["print('one')\n", "print('two')"],
   "outputs": [
    {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
    {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["three\n", "four"]}}
   ]
  }
 ]
}
JSON
cat > open.mjs <<'JS'
import { readFileSync } from "node:fs";
import { YNotebook } from "@jupyter/ydoc";

const notebook = new YNotebook();
notebook.fromJSON(JSON.parse(readFileSync("run.ipynb", "utf8")));
const [cell] = notebook.toJSON().cells;
console.log(`@jupyter/ydoc: source ${JSON.stringify(cell.source)}`);
console.log(`@jupyter/ydoc: stream ${JSON.stringify(cell.outputs[0].text)}`);
console.log(`@jupyter/ydoc: display ${JSON.stringify(cell.outputs[1].data["text/plain"])}`);
notebook.dispose();
process.exit();
JS
cat > open.py <<'PY'
import json
from pathlib import Path

from jupyter_ydoc import YNotebook

notebook = YNotebook()
notebook.set(json.loads(Path("run.ipynb").read_text()))
text = notebook.get()["cells"][0]["outputs"][0]["text"]
print("jupyter_ydoc: stream", json.dumps("".join(text)))
PY

seen=$(node open.mjs 2> log && venv/bin/python open.py) || { cat log >&2; exit 1; }
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
@jupyter/ydoc: source "print('one')\nprint('two')"
@jupyter/ydoc: stream "one\n,two\n"
@jupyter/ydoc: display ["three\n","four"]
jupyter_ydoc: stream "one\ntwo\n"
TEXT
echo "as seen: a comma is between the lines"
