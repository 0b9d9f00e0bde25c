#!/usr/bin/env bash
# jupyter-switch 0.1.3 (PyPI): after a notebook was Markdown and is a notebook again its texts are on one line, code
# ends at a fence in a string, text cells are one, and raw cells are gone.
#
# The package converts both ways, recommends it for editing a notebook, and says "Preserves structure: Maintains code
# blocks, markdown content, and cell structure". In the notebook format source is a string, or a list of strings that
# are joined as they are, so that each one but the last needs its line end.
#
# * Text is split at line ends, and the parts have none. Headings, lists and paragraphs run together.
# * Three backquotes in code end the cell. What follows is text up to the next ones.
# * Between text cells there is nothing that says where one ends.
# * The kernel is Python 3 afterwards, and a block in another language is text.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jupyter-switch==0.1.3 nbformat==5.11.1

cat > switch.py <<'PY'
import subprocess

import nbformat
from nbformat import v4

CELLS = [
    v4.new_markdown_cell("# Title\n\n- one\n- two"),
    v4.new_code_cell('TEMPLATE = """\n```sh\nls\n```\n"""\nprint(TEMPLATE)'),
    v4.new_markdown_cell("First text"),
    v4.new_markdown_cell("Second text"),
    v4.new_raw_cell("raw"),
]
metadata = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
nbformat.write(v4.new_notebook(cells=CELLS, metadata=metadata), "notebook.ipynb")
for path in ("notebook.ipynb", "notebook.md"):
    subprocess.run(["venv/bin/jupyter-switch", path], check=True, stdout=subprocess.DEVNULL)
notebook = nbformat.read("notebook.ipynb", 4)
print(f"kernel: {notebook.metadata.kernelspec.name}")
for cell in notebook.cells:
    print(f"{cell.cell_type}: {cell.source!r}")
PY

seen=$(venv/bin/python switch.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
kernel: python3
markdown: '# Title- one- two'
code: 'TEMPLATE = """'
markdown: 'shls```"""print(TEMPLATE)```First textSecond text'
TEXT
echo "as seen: texts are on one line, and code is cut"
