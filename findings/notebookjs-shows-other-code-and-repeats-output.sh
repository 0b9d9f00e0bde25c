#!/usr/bin/env bash
# notebookjs 0.8.3 (npm): code with "&" is shown as other code, output is repeated each time a notebook is parsed, and
# colours of output are shown as sequences.
#
# HTML: "&" begins a character reference, so a text has it as "&amp;"; some references need no ";" at their end.
# nbformat: the text of an output is a string, or a list of strings that are joined. The README: "On Node.js,
# notebook.js uses marked for Markdown rendering, and ansi_up for ANSI-coloring."
#
# * "<" and ">" of code and output are replaced, "&" is not: a program that prints &lt; seems to print <.
# * Outputs of one stream that follow each other are joined in the object that was given. When it is parsed again, the
#   joined text gets the second part once more. A string and a list are joined with a comma.
# * ansi_up 6, which it depends on, has no ansi_to_html(). The raw text is used, without a word.
# * LaTeX is set with innerText, which jsdom does not have: nothing is shown. JavaScript raises an error.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save notebookjs@0.8.3 > /dev/null

cat > show.cjs <<'JS'
const nb = require("notebookjs");

function notebook(source, outputs) {
  const cell = { cell_type: "code", execution_count: 1, id: "one", metadata: {}, source, outputs };
  return { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

function shown(input) {
  try {
    const outputs = [...nb.parse(input).render().querySelectorAll(".nb-input pre, .nb-output")];
    return outputs.map((each) => JSON.stringify(each.textContent)).join(" then ");
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const stream = (text) => ({ output_type: "stream", name: "stdout", text });
const data = (bundle) => ({ output_type: "display_data", metadata: {}, data: bundle });
for (const [source, outputs] of [
  ['print("&lt;b&gt;")', [stream("&lt;b&gt;\n")]],
  ['get("/?a=1&copy=2")', []],
  ["colours", [stream("\x1b[31mred\x1b[0m\n")]],
  ["string and list", [stream("one\n"), stream(["two\n", "three\n"])]],
  ["latex", [data({ "text/latex": "$x$", "text/plain": "x" })]],
  ["javascript", [data({ "application/javascript": "1", "text/plain": "x" })]],
])
  console.log(`${JSON.stringify(source)}: ${shown(notebook(source, outputs))}`);

const input = notebook("twice", [stream(["one\n"]), stream(["two\n"])]);
for (const time of ["first", "second", "third"]) console.log(`${time} time: ${shown(input)}`);
JS

seen=$(node --no-warnings show.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"print(\"&lt;b&gt;\")": "print(\"<b>\")" then "<b>\n"
"get(\"/?a=1&copy=2\")": "get(\"/?a=1©=2\")"
"colours": "colours" then "\u001b[31mred\u001b[0m\n"
"string and list": "string and list" then "one\ntwo\n,three\n"
"latex": "latex" then ""
"javascript": ReferenceError: document is not defined
first time: "twice" then "one\ntwo\n"
second time: "twice" then "one\ntwo\ntwo\n"
third time: "twice" then "one\ntwo\ntwo\ntwo\n"
TEXT
echo "as seen: code and output are others"
