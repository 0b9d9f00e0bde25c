#!/usr/bin/env bash
# dockerfile-utils 0.16.3 (npm): formatting a Dockerfile changes strings that go over two lines, and the files and
# scripts that follow ADD and ONBUILD, which then have no end.
#
# Docker's reference says of a line continuation that the lines are joined; in quotes all spaces at the start of the
# second line belong to the string. A here-document goes up to a line that is its name and nothing else, and its lines
# are used as they are. A formatter may change the layout, not what is built. The package formats Dockerfiles for
# editors, through the Dockerfile language server.
#
# * Each line after a continuation is indented, also inside quotes: the value of an ENV gets four spaces more. A path
#   that a continuation cuts in two becomes two words.
# * The lines after COPY <<EOF and RUN <<EOF are left alone, as they have to be. Those after ADD <<EOF and after ONBUILD
#   COPY <<EOF are indented, with the line that ends the document: the rest of the Dockerfile then belongs to it.
#
# The PyPI package dockerfile 3.4.0, which has BuildKit's own parser, reads what was before and after.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save dockerfile-utils@0.16.3 \
  vscode-languageserver-textdocument@1.0.12 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile==3.4.0

cat > format.js <<'JS'
const { mkdirSync, writeFileSync } = require("node:fs");
const { format } = require("dockerfile-utils");
const { TextDocument } = require("vscode-languageserver-textdocument");

const files = {
  "1 env": 'FROM scratch\nENV NOTE="one \\\ntwo"\n',
  "2 path": "FROM scratch\nRUN ls /usr/lo\\\ncal\n",
  "3 copy": "FROM scratch\nCOPY <<EOF /file\n  text\nEOF\nUSER me\n",
  "4 add": "FROM scratch\nADD <<EOF /file\n  text\nEOF\nUSER me\n",
  "5 onbuild": "FROM scratch\nONBUILD COPY <<EOF /file\n  text\nEOF\nUSER me\n",
};
mkdirSync("before");
mkdirSync("after");
for (const [name, text] of Object.entries(files)) {
  const document = TextDocument.create("file:///Dockerfile", "dockerfile", 1, text);
  const edits = format(text, { insertSpaces: true, tabSize: 4 });
  writeFileSync(`before/${name}`, text);
  writeFileSync(`after/${name}`, TextDocument.applyEdits(document, edits));
}
JS
cat > read.py <<'PY'
from pathlib import Path

import dockerfile

for path in sorted(Path("before").iterdir()):
    for each in (path, Path("after", path.name)):
        try:
            commands = [command.original for command in dockerfile.parse_file(str(each))[1:]]
        except dockerfile.GoParseError as error:
            commands = str(error)
        print(f"{each.name}, {each.parent}: {commands}")
PY

seen=$(node format.js && venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
1 env, before: ['ENV NOTE="one two"']
1 env, after: ['ENV NOTE="one     two"']
2 path, before: ['RUN ls /usr/local']
2 path, after: ['RUN ls /usr/lo    cal']
3 copy, before: ['COPY <<EOF /file\n  text\nEOF\n', 'USER me']
3 copy, after: ['COPY <<EOF /file\n  text\nEOF\n', 'USER me']
4 add, before: ['ADD <<EOF /file\n  text\nEOF\n', 'USER me']
4 add, after: unterminated heredoc
5 onbuild, before: ['ONBUILD COPY <<EOF /file', 'USER me']
5 onbuild, after: unterminated heredoc
TEXT
echo "as seen: the formatted files are others"
