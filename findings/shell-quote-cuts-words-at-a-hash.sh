#!/usr/bin/env bash
# shell-quote 1.12.0 (npm): parse() takes "#" in the middle of a word for the start of a comment, and the rest of the
# command with it.
#
# POSIX (Shell Command Language, Token Recognition) has a comment only where a new word could begin: if "#" is not at
# the start of a word, it is a character of that word. So a URL with a fragment, a colour after "=", or C#, need no
# quotes in a shell.
#
# shell-quote ends the word there. curl http://localhost/page#top -o page.html gets neither its fragment nor -o: what
# follows is one { comment }, and a program that keeps the strings alone does not see that anything is missing.
#
# sh keeps the word. "ls # all" has a comment for both.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save shell-quote@1.12.0 > /dev/null

cat > commands.txt <<'COMMANDS'
curl http://localhost/page#top -o page.html
convert in.png -fill color=#ff0000 out.png
docker run -e LANGUAGE=C# busybox env
git show "a#b" c\#d
ls # all
COMMANDS
cat > parse.cjs <<'JS'
const { parse } = require("shell-quote");

for (const command of require("fs").readFileSync("commands.txt", "utf-8").trimEnd().split("\n"))
  console.log(`${command} | shell-quote: ${JSON.stringify(parse(command))}`);
JS
cat > split.py <<'PY'
import json
import subprocess

SHOW = 'for each; do printf "%s\\0" "$each"; done'
for command in open("commands.txt").read().splitlines():
    words = subprocess.run(["sh", "-c", f"set -- {command}\n{SHOW}"], stdout=subprocess.PIPE, text=True).stdout
    print(f"{command} | sh: {json.dumps(words.split(chr(0))[:-1], separators=(',', ':'))}")
PY

seen=$( (node parse.cjs; python3 split.py) | LC_ALL=C sort -s -t'|' -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
convert in.png -fill color=#ff0000 out.png | shell-quote: ["convert","in.png","-fill","color=",{"comment":"ff0000 out.png"}]
convert in.png -fill color=#ff0000 out.png | sh: ["convert","in.png","-fill","color=#ff0000","out.png"]
curl http://localhost/page#top -o page.html | shell-quote: ["curl","http://localhost/page",{"comment":"top -o page.html"}]
curl http://localhost/page#top -o page.html | sh: ["curl","http://localhost/page#top","-o","page.html"]
docker run -e LANGUAGE=C# busybox env | shell-quote: ["docker","run","-e","LANGUAGE=C",{"comment":" busybox env"}]
docker run -e LANGUAGE=C# busybox env | sh: ["docker","run","-e","LANGUAGE=C#","busybox","env"]
git show "a#b" c\#d | shell-quote: ["git","show","a#b","c#d"]
git show "a#b" c\#d | sh: ["git","show","a#b","c#d"]
ls # all | shell-quote: ["ls",{"comment":" all"}]
ls # all | sh: ["ls"]
TEXT
echo "as seen: words are cut at a hash"
