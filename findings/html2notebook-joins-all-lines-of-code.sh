#!/usr/bin/env bash
# html2notebook 1.2.1 (npm): the code of a cell has no line ends, so that all its lines are one.
#
# The notebook format has the source of a cell as a string, or as a list of strings that are joined by nothing
# (multiline_string); each line of a list but the last ends with a line feed. The package is to "convert static HTML
# files to notebooks".
#
# It splits the text at its line ends and takes the parts for the list, without a line feed. Any program that reads the
# notebook joins them: "x = 1" and "print(x)" are "x = 1print(x)", which is no Python any more, and after a comment
# the rest is a comment. The file looks right in an editor, one line below the other.
#
# nbformat 5.11.1 finds the notebook valid and reads one line.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save html2notebook@1.2.1 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nbformat==5.11.1

cat > convert.js <<'JS'
const { writeFileSync } = require("node:fs");
const { html2notebook } = require("html2notebook");

const page = "<html><body><p>text</p><pre><code># a number\nx = 1\nprint(x)</code></pre></body></html>";
const notebook = html2notebook(page);
console.log("written:", JSON.stringify(notebook.cells.at(-1).source));
writeFileSync("page.ipynb", JSON.stringify(notebook));
JS
cat > read.py <<'PY'
import nbformat

notebook = nbformat.read("page.ipynb", 4)
nbformat.validate(notebook)
print("read:", repr(notebook.cells[-1].source))
PY

seen=$(node convert.js && venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
written: ["# a number","x = 1","print(x)"]
read: '# a numberx = 1print(x)'
TEXT
echo "as seen: the lines are one"
