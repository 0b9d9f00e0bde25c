#!/usr/bin/env bash
# term-to-html 1.2.0 (npm): a colour ends where a chunk of the input ends, and a sequence that lies across two chunks is
# shown as text.
#
# The package is to "stream terminal output with ansi codes into nicely formatted HTML", from a pipe. Node reads a file
# or a pipe in chunks of up to 65536 bytes; programs that write line by line give smaller ones. ECMA-48 (8.3.117): a
# colour stays until another sequence changes it.
#
# * Each chunk is converted by itself. ansi-to-html, which does the work, has an option for this, "stream: Save style
#   state across invocations of toHtml()", which is not set.
# * So the rest of a red text is black, and a cut sequence leaves its digits on the page.
#
# A file of red lines is converted. It is red to its end in a terminal, and with strings(), which gets it at once.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save term-to-html@1.2.0 > /dev/null

cat > write.py <<'PY'
RED, END = "\x1b[31m", "\x1b[0m"
open("red.txt", "w").write(RED + ("x" * 79 + "\n") * 1000 + END + "\n")
open("cut.txt", "w").write("x" * 65534 + RED + "red" + END + "\n")
PY
python3 write.py
cat > strings.cjs <<'JS'
const { readFileSync } = require("node:fs");
const { strings } = require("term-to-html");

process.stdout.write(strings(readFileSync(process.argv[2], "utf-8"), "light"));
JS
cat > count.py <<'PY'
import re
import sys

page = sys.stdin.read()
body = page[page.index("<pre>") : page.index("</pre>")]
coloured = "".join("".join(re.findall(r"<span[^>]*>([^<]*)</span>", body)).split())
text = "".join(re.sub("<[^>]*>", "", body).split())
print(f"{len(coloured)} of {len(text)} letters in colour, the last {text[-8:]!r}")
PY

seen=$(
  for name in red cut; do
    echo "$name, at once: $(node strings.cjs $name.txt | python3 count.py)"
    echo "$name, streamed: $(node node_modules/.bin/term-to-html < $name.txt | python3 count.py)"
  done
)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
red, at once: 79000 of 79000 letters in colour, the last 'xxxxxxxx'
red, streamed: 64712 of 79000 letters in colour, the last 'xxxxxxxx'
cut, at once: 3 of 65537 letters in colour, the last 'xxxxxred'
cut, streamed: 0 of 65540 letters in colour, the last 'xx31mred'
TEXT
echo "as seen: colours end in the middle"
