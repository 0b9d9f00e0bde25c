#!/usr/bin/env bash
# nbbuilder 0.1.0 (PyPI): of a page that nbconvert has exported the outputs become code, and text is missing. Of an
# exported script all that stands before the first code cell is missing.
#
# The package "reconstructs Jupyter Notebook files from exported Python, Markdown, and HTML files", and knows the
# classes of nbconvert's pages and the lines "# In[1]:" of its scripts. In a page an output is a <pre> inside of its
# cell, and text is in paragraphs. In a script text cells are comments. In Markdown outputs are indented.
#
# * Each <pre> of a cell is a part of its code; text that is in none is left out, without a message.
# * In a script a text is a part of the code cell before it, and nothing if there is none.
# * In Markdown each fence is a code cell, also one that is a part of a text, and an output is text.
#
# nbconvert 7.17.2 writes the exports.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbbuilder==0.1.0 nbconvert==7.17.2

cat > rebuild.py <<'PY'
import subprocess

import nbconvert
import nbformat
from nbformat import v4

STREAM = v4.new_output("stream", name="stdout", text="1\n2\n")
CELLS = [
    v4.new_markdown_cell("# Numbers\n\nThey are small."),
    v4.new_code_cell("import sys", execution_count=1),
    v4.new_markdown_cell("Print *two* of them. In a shell:\n\n```sh\nseq 2\n```"),
    v4.new_code_cell("print(1)\nprint(2)", execution_count=2, outputs=[STREAM]),
    v4.new_markdown_cell("![A picture](a.png)"),
    v4.new_code_cell("sys.exit()", execution_count=3),
]
metadata = {"language_info": {"name": "python", "file_extension": ".py"}}
notebook = v4.new_notebook(cells=CELLS, metadata=metadata)
EXPORTERS = {"html": nbconvert.HTMLExporter, "py": nbconvert.PythonExporter, "md": nbconvert.MarkdownExporter}

for name, exporter in EXPORTERS.items():
    text, _ = exporter().from_notebook_node(notebook)
    with open(f"export.{name}", "w") as file:
        file.write(text)
    command = ["venv/bin/python", "-m", "nbbuilder", f"export.{name}", "-o", "built.ipynb", "--overwrite"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for cell in nbformat.read("built.ipynb", 4).cells:
        print(f"{name}, {cell.cell_type}: {cell.source.strip()!r}")
PY

seen=$(venv/bin/python rebuild.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
html, markdown: ''
html, code: 'import sys'
html, markdown: 'seq 2'
html, code: 'print(1)\nprint(2)\n1\n2'
html, markdown: ''
html, code: 'sys.exit()'
py, code: 'import sys\n\n# Print *two* of them. In a shell:\n# \n# ```sh\n# seq 2\n# ```'
py, code: 'print(1)\nprint(2)\n\n# ![A picture](a.png)'
py, code: 'sys.exit()'
md, markdown: '# Numbers\n\nThey are small.'
md, code: 'import sys'
md, markdown: 'Print *two* of them. In a shell:'
md, code: 'seq 2'
md, code: 'print(1)\nprint(2)'
md, markdown: '1\n    2\n\n\n![A picture](a.png)'
md, code: 'sys.exit()'
TEXT
echo "as seen: another notebook is built"
