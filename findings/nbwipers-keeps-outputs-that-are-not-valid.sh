#!/usr/bin/env bash
# nbwipers 0.7.2 (PyPI): "clean --keep-output" adds an execution count to streams, pictures and errors, which makes the
# notebook invalid, and rounds large numbers inside outputs.
#
# In the schema of nbformat 4 only execute_result has an execution_count; display_data, stream and error allow no other
# keys than their own. Numbers of JSON have no limit, and Python writes its integers in full.
#
# * Removing the counts sets execution_count to null in every output.
# * Integers that do not fit into 64 bits are read as floating point numbers.
#
# nbformat 5.11.1 checks the notebooks. nbstripout 0.9.1, which nbwipers is "more-or-less equivalent to", keeps the same
# outputs valid.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbwipers==0.7.2 nbstripout==0.9.1 nbformat==5.11.1

cat > clean.py <<'PY'
import json
import pathlib
import subprocess

import nbformat

OUTPUTS = {
    "stream": {"output_type": "stream", "name": "stdout", "text": "text"},
    "display_data": {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "text"}},
    "error": {"output_type": "error", "ename": "E", "evalue": "", "traceback": []},
    "execute_result": {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"application/json": {"id": 2**64 + 1, "other": 2**64 - 1}, "text/plain": "text"},
    },
}


def valid(notebook):
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return str(error).splitlines()[0]
    return "valid"


path = pathlib.Path("notebook.ipynb")
for name, output in OUTPUTS.items():
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": 1}
    cell["outputs"] = [output]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    print(f"{name}: {valid(notebook)}")
    for tool in (["nbwipers", "clean"], ["nbstripout"]):
        path.write_text(json.dumps(notebook))
        subprocess.run([f"venv/bin/{tool[0]}", *tool[1:], "--keep-output", str(path)], check=True)
        cleaned = json.loads(path.read_text())
        print(f"{name}, {tool[0]}: {valid(cleaned)}")
        data = cleaned["cells"][0]["outputs"][0].get("data", {})
        if "application/json" in data:
            print(f"{name}, {tool[0]}: {data['application/json']}")
PY

seen=$(venv/bin/python clean.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
stream: valid
stream, nbwipers: Additional properties are not allowed ('execution_count' was unexpected)
stream, nbstripout: valid
display_data: valid
display_data, nbwipers: Additional properties are not allowed ('execution_count' was unexpected)
display_data, nbstripout: valid
error: valid
error, nbwipers: Additional properties are not allowed ('execution_count' was unexpected)
error, nbstripout: valid
execute_result: valid
execute_result, nbwipers: valid
execute_result, nbwipers: {'id': 1.8446744073709552e+19, 'other': 18446744073709551615}
execute_result, nbstripout: valid
execute_result, nbstripout: {'id': 18446744073709551617, 'other': 18446744073709551615}
TEXT
echo "as seen: kept outputs are not valid, or changed"
