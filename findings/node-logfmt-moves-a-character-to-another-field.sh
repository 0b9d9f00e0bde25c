#!/usr/bin/env bash
# logfmt 1.4.0 (npm): after a backslash in a key or a bare word, parse() puts the next character into the value of
# another field.
#
# A logfmt line is a list of key=value pairs; a word without "=" is a key of its own, with the value true. Escapes
# exist only inside quotes. The package says "round trips for free". One expects parse(stringify(x)) to be x, and the
# words of a line not to change each other.
#
# The parser takes a backslash anywhere for an escape and appends the next character to the value, even while it reads
# a key. After a bare word that value is not cleared, so the character begins the value of the next field that has one.
# In 'cwd C:\new status=200' the status becomes "n200". A log that counts errors by status no longer finds it. With a
# key that has "=", the character begins that key's own value.
#
# logfmtkv 0.2.1 for Python, in its strict mode that follows go-logfmt, reads the words as they are.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save logfmt@1.4.0 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check logfmtkv==0.2.1

cat > lines.txt <<'LINES'
cwd C:/new status=200
cwd C:\new status=200
user=DOM\adm status=200
disk\free=12 status=200
LINES

cat > parse.cjs <<'JS'
const logfmt = require("logfmt");
const lines = require("fs").readFileSync("lines.txt", "utf-8").trim().split("\n");
for (const line of lines) console.log("logfmt:", JSON.stringify(logfmt.parse(line)));
const text = logfmt.stringify({ "disk\\free": "12" });
console.log(`round trip: ${text} -> ${JSON.stringify(logfmt.parse(text))}`);
JS
cat > parse.py <<'PY'
import json

import logfmtkv

for line in open("lines.txt"):
    print("logfmtkv:", json.dumps(logfmtkv.parse(line, strict=True), separators=(",", ":")))
PY

seen=$(node parse.cjs; venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
logfmt: {"cwd":true,"C:/new":true,"status":"200"}
logfmt: {"cwd":true,"C:ew":true,"status":"n200"}
logfmt: {"user":"DOMadm","status":"200"}
logfmt: {"diskree":"f12","status":"200"}
round trip: disk\free=12 -> {"diskree":"f12"}
logfmtkv: {"cwd":true,"C:/new":true,"status":"200"}
logfmtkv: {"cwd":true,"C:\\new":true,"status":"200"}
logfmtkv: {"user":"DOM\\adm","status":"200"}
logfmtkv: {"disk\\free":"12","status":"200"}
TEXT
echo "as seen: a character after a backslash appears in another field"
