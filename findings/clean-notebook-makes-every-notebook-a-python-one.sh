#!/usr/bin/env bash
# clean-notebook 0.2.1 (PyPI): a notebook in R or Julia is one in Python after it has been cleaned, and is then shown,
# run and exported as such. Raw cells lose for which format they are.
#
# The package is to "clean Jupyter Notebooks output and metadata". In the notebook format the kernelspec says which
# kernel runs a notebook and language_info what language it is in; a raw cell may name the format that it is for.
#
# * The metadata of the notebook are replaced by those of Python, whatever they were. The option --ignore names keys of
#   cells only.
# * The metadata of each cell are removed, also raw_mimetype, without which nbconvert writes the cell to all formats.
#
# nbconvert 7.17.2 exports the notebook before and after. nbstripout 0.9.1, which removes outputs too, keeps both.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check clean-notebook==0.2.1 nbstripout==0.9.1 nbconvert==7.17.2

cat > show.py <<'PY'
import json
import pathlib
import subprocess

import nbconvert
import nbformat

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {
        "kernelspec": {"name": "ir", "display_name": "R", "language": "R"},
        "language_info": {"name": "R", "file_extension": ".r", "mimetype": "text/x-r-source"},
    },
    "cells": [
        {
            "cell_type": "raw",
            "id": "a",
            "metadata": {"raw_mimetype": "text/latex"},
            "source": "\\newpage",
        },
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": "x <- c(1, 2)",
            "execution_count": None,
            "outputs": [],
        },
    ],
}


def show(name):
    notebook = nbformat.read("notebook.ipynb", 4)
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    print(f"{name}: kernel {kernel}, language {notebook.metadata.language_info.name}")
    text, resources = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    print(f"{name}, Markdown: {' '.join(text.split())}")
    text, resources = nbconvert.ScriptExporter().from_notebook_node(notebook)
    print(f"{name}, script: {resources['output_extension']}")


path = pathlib.Path("notebook.ipynb")
for tool in ([], ["nbstripout"], ["clean-notebook", "--ignore", "kernelspec"]):
    path.write_text(json.dumps(NOTEBOOK, indent=1) + "\n")
    if tool:
        command = [f"venv/bin/{tool[0]}", *tool[1:], str(path)]
        if tool[1:]:
            command = [command[0], str(path), *tool[1:]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    show(tool[0] if tool else "before")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
before: kernel ir, language R
before, Markdown: ```R x <- c(1, 2) ```
before, script: .r
nbstripout: kernel ir, language R
nbstripout, Markdown: ```R x <- c(1, 2) ```
nbstripout, script: .r
clean-notebook: kernel None, language python
clean-notebook, Markdown: \newpage ```python x <- c(1, 2) ```
clean-notebook, script: .txt
TEXT
echo "as seen: the language is another one"
