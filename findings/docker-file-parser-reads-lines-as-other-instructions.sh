#!/usr/bin/env bash
# docker-file-parser 1.0.7 (npm): parse() takes the text of a here-document for instructions, joins instructions where
# "# escape" is the second directive, and breaks JSON lists that follow a flag.
#
# Docker's reference of the Dockerfile: a here-document's lines belong to its RUN or COPY. Directives stand at the top,
# their names in any case and order; "# escape=`" is for Windows, whose paths end with "\". Comment lines are removed
# before a continued line is run. COPY and ADD have a JSON list "[...]" for names with spaces, after their flags.
#
# The package is "written from a translation of the docker parser.go", "properly handles character escaping and quoting"
# and sets an error "if there was an error parsing command". None is set here.
#
# * Each line of a here-document is an instruction. FROM in it looks like a stage of the build.
# * "# escape" counts in the first line only. Below "# syntax=..." a path C:\ takes the next instruction in.
# * With a backtick, a comment between continued lines ends the instruction, and becomes a part of it.
# * An empty line ends a continued instruction. (Docker still skips it, with a warning.)
# * "ENV NAME text" loses spaces within its text.
#
# The parser of BuildKit in dockerfile 3.4.0 (PyPI) says what the lines mean.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save docker-file-parser@1.0.7 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile==3.4.0

cat > files.json <<'JSON'
{
  "1 here-document": "FROM app\nRUN python3 <<END\nfrom sys import argv\nEND\nCMD serve\n",
  "2 directives": "# syntax=docker/dockerfile:1\n# escape=`\nFROM app\nCOPY a C:\\\nRUN build\n",
  "3 comment": "# escape=`\nFROM app\nRUN build `\n# why\n  all `\n  now\n",
  "4 empty line": "FROM app\nRUN build \\\n\n  all\n",
  "5 list": "FROM app\nCOPY [\"a b\", \"c\"]\nCOPY --from=app [\"a b\", \"c\"]\n",
  "6 text": "FROM app\nENV TITLE two  words\n"
}
JSON
cat > parse.cjs <<'JS'
const { parse } = require("docker-file-parser");

for (const [name, text] of Object.entries(require("./files.json"))) {
  const lines = parse(text).filter((each) => !(each.name === "FROM" && each.args === "app"));
  const errors = lines.filter((each) => each.error).length;
  const shown = lines.map((each) => `${each.name} ${JSON.stringify(each.args)}`).join(", ");
  console.log(`${name}, docker-file-parser: ${shown}, errors: ${errors}`);
}
JS
cat > parse.py <<'PY'
import json

import dockerfile

for name, text in json.load(open("files.json")).items():
    shown = []
    for each in dockerfile.parse_string(text)[1:]:
        shown.append(f"{each.cmd} {json.dumps(list(each.flags + each.value), separators=(',', ':'))}")
    print(f"{name}, BuildKit: {', '.join(shown)}")
PY

seen=$( (node parse.cjs; venv/bin/python parse.py) | LC_ALL=C sort -s -t, -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
1 here-document, docker-file-parser: RUN "python3 <<END", FROM "sys import argv", END "", CMD "serve", errors: 0
1 here-document, BuildKit: RUN ["python3 <<END"], CMD ["serve"]
2 directives, docker-file-parser: COPY ["a","C:RUN","build"], errors: 0
2 directives, BuildKit: COPY ["a","C:\\"], RUN ["build"]
3 comment, docker-file-parser: RUN "build # why", ALL "now", errors: 0
3 comment, BuildKit: RUN ["build   all   now"]
4 empty line, docker-file-parser: RUN "build", ALL "", errors: 0
4 empty line, BuildKit: RUN ["build   all"]
5 list, docker-file-parser: COPY ["a b","c"], COPY ["--from=app","[\"a","b\",","\"c\"]"], errors: 0
5 list, BuildKit: COPY ["a b","c"], COPY ["--from=app","a b","c"]
6 text, docker-file-parser: ENV {"TITLE":"two words"}, errors: 0
6 text, BuildKit: ENV ["TITLE","two  words"]
TEXT
echo "as seen: the instructions are others"
