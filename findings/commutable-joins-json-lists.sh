#!/usr/bin/env bash
# @nteract/commutable 7.5.1 (npm): a notebook whose output is a JSON list has a string instead after it was opened and
# saved.
#
# The notebook format has text as a string or as a list of lines that are joined. JSON is excepted: the schema allows
# any value for application/json, and nbformat neither splits nor joins it. IPython.display.JSON(["one", "two"]) makes
# such an output. The package has nteract's notebook document, and fromJS() and toJS() open and save a notebook.
#
# fromJS() leaves lists alone where the MIME type ends in "+json", and joins those of application/json: ["one", "two"]
# becomes "onetwo", and [10, 2] becomes "102". Where one entry ended cannot be found any more.
#
# nbformat 5.11.1 reads and writes the list as it is.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @nteract/commutable@7.5.1 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbformat==5.11.1

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
   "source": ["JSON(['one', 'two'])"],
   "outputs": [
    {"output_type": "display_data", "metadata": {}, "data": {"application/json": ["one", "two"]}},
    {"output_type": "display_data", "metadata": {}, "data": {"application/json": [10, 2]}},
    {"output_type": "display_data", "metadata": {}, "data": {"application/x+json": ["one", "two"]}},
    {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["one\n", "two"]}}
   ]
  }
 ]
}
JSON
cat > save.js <<'JS'
const { readFileSync } = require("node:fs");
const { fromJS, toJS } = require("@nteract/commutable");

const saved = toJS(fromJS(JSON.parse(readFileSync("run.ipynb", "utf8"))));
for (const { data } of saved.cells[0].outputs) console.log(`commutable: ${JSON.stringify(data)}`);
JS
cat > save.py <<'PY'
import json

import nbformat

notebook = nbformat.reads(nbformat.writes(nbformat.read("run.ipynb", 4)), 4)
for output in notebook.cells[0].outputs:
    print("nbformat:", json.dumps(output.data))
PY

seen=$(node save.js && venv/bin/python save.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
commutable: {"application/json":"onetwo"}
commutable: {"application/json":"102"}
commutable: {"application/x+json":["one","two"]}
commutable: {"text/plain":"one\ntwo"}
nbformat: {"application/json": ["one", "two"]}
nbformat: {"application/json": [10, 2]}
nbformat: {"application/x+json": ["one", "two"]}
nbformat: {"text/plain": "one\ntwo"}
TEXT
echo "as seen: the list is a string"
