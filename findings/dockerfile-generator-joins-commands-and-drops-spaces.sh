#!/usr/bin/env bash
# dockerfile-generator 5.0.3 (npm): convertToJSON() makes one command of all RUN lines and removes spaces, commas and
# brackets within arguments; generate() writes values without the quotes that they need.
#
# The README has convertToJSON() give "a generated JSON from Dockerfile", and generate() the Dockerfile of such a JSON.
# Docker's reference: each RUN is a command of its own, run in order with the user and the folder set by then. In a JSON
# list an argument is a JSON string. The value of ENV may have "=" in it, and needs quotes for a space.
#
# * The lists of all RUN lines are joined at the first one's place: "a" and "b" become the command "a" with an argument
#   "b", run before USER. In the same way only the last FROM stays.
# * All spaces and brackets of a list are removed, and it is split at each comma.
# * A value of ENV ends at its second "=".
# * generate() puts quotes around strings that have quotes, and none around the values of ENV.
#
# Files are converted and generated again. The parser of BuildKit in dockerfile 3.4.0 (PyPI) says what both mean.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save dockerfile-generator@5.0.3 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check dockerfile==3.4.0

cat > files.json <<'JSON'
[
  "FROM nginx:1.27\nRUN [\"adduser\", \"app\"]\nUSER app\nRUN [\"setup\"]\n",
  "FROM node:22 AS build\nRUN [\"npm\", \"ci\"]\nFROM nginx:1.27\nCOPY page /page\n",
  "FROM nginx:1.27\nCMD [\"echo\", \"hello world\"]\n",
  "FROM nginx:1.27\nCMD [\"sh\", \"-c\", \"[ -e /a ] || exit\"]\n",
  "FROM nginx:1.27\nCMD [\"log\", \"--format=%h,%s\"]\n",
  "FROM nginx:1.27\nENV OPTIONS=level=debug\n"
]
JSON
cat > objects.json <<'JSON'
[
  { "from": { "baseImage": "nginx:1.27" }, "cmd": ["echo", "say \"hello\""] },
  { "from": { "baseImage": "nginx:1.27" }, "env": { "TITLE": "two words" } }
]
JSON
cat > convert.cjs <<'JS'
const { Readable } = require("node:stream");
const { convertToJSON, generate } = require("dockerfile-generator");

(async () => {
  const files = [];
  for (const text of require("./files.json"))
    files.push([text, await generate(await convertToJSON(Readable.from([text])))]);
  for (const input of require("./objects.json")) files.push([JSON.stringify(input), await generate(input)]);
  console.log(JSON.stringify(files));
})();
JS
cat > show.py <<'PY'
import json
import sys

import dockerfile


def lines(text):
    if text.startswith("{"):
        return text
    try:
        return " | ".join(f"{each.cmd} {list(each.value)}" for each in dockerfile.parse_string(text))
    except dockerfile.GoParseError:
        return "an error"


for before, after in json.load(sys.stdin):
    print(f"before: {lines(before)}")
    print(f" after: {lines(after)}")
PY

seen=$(node convert.cjs | venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
before: FROM ['nginx:1.27'] | RUN ['adduser', 'app'] | USER ['app'] | RUN ['setup']
 after: FROM ['nginx:1.27'] | RUN ['adduser', 'app', 'setup'] | USER ['app']
before: FROM ['node:22', 'AS', 'build'] | RUN ['npm', 'ci'] | FROM ['nginx:1.27'] | COPY ['page', '/page']
 after: FROM ['nginx:1.27'] | RUN ['npm', 'ci'] | COPY ['page', '/page']
before: FROM ['nginx:1.27'] | CMD ['echo', 'hello world']
 after: FROM ['nginx:1.27'] | CMD ['echo', 'helloworld']
before: FROM ['nginx:1.27'] | CMD ['sh', '-c', '[ -e /a ] || exit']
 after: FROM ['nginx:1.27'] | CMD ['sh', '-c', '-e/a||exit']
before: FROM ['nginx:1.27'] | CMD ['log', '--format=%h,%s']
 after: FROM ['nginx:1.27'] | CMD ['log', '--format=%h', '%s']
before: FROM ['nginx:1.27'] | ENV ['OPTIONS', 'level=debug']
 after: FROM ['nginx:1.27'] | ENV ['OPTIONS', 'level']
before: {"from":{"baseImage":"nginx:1.27"},"cmd":["echo","say \"hello\""]}
 after: FROM ['nginx:1.27'] | CMD ['[ "echo", "say "hello"" ]']
before: {"from":{"baseImage":"nginx:1.27"},"env":{"TITLE":"two words"}}
 after: an error
TEXT
echo "as seen: the commands are others"
