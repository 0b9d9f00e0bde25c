#!/usr/bin/env bash
# args-tokenizer 0.3.0 (npm): empty arguments are lost, and backslashes in quotes too.
#
# The package splits a shell command into a list of arguments, so that a program can be started without a shell. It says
# that it "handles quoted strings and escapes correctly". POSIX (Shell Command Language, Quoting) has: single quotes
# "preserve the literal value of each character", and in double quotes a backslash is an escape only before $, `, ",
# \ and a line end. '' and "" are an empty argument.
#
# * An empty argument disappears, and those after it move up: grep '' notes.txt becomes grep notes.txt, which looks for
#   "notes.txt" in what is typed. docker exec -e 'A=' works, since the word is not empty.
# * A backslash in any quotes is taken away: of grep '\.js' remains ".js", with "." for any character, and printf gets
#   "an" instead of "a\n". Windows paths lose their separators.
#
# Python's shlex, which splits as POSIX has it, and sh itself are shown beside it.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save args-tokenizer@0.3.0 > /dev/null

cat > commands.txt <<'COMMANDS'
grep '' notes.txt
docker run --entrypoint "" busybox ls
printf 'a\tb\n'
grep "\.js$" "C:\new"
grep \.js "say \"hi\""
COMMANDS
cat > tokenize.mjs <<'JS'
import { readFileSync } from "node:fs";
import { tokenizeArgs } from "args-tokenizer";

for (const command of readFileSync("commands.txt", "utf-8").trimEnd().split("\n"))
  console.log(`${command} | args-tokenizer: ${JSON.stringify(tokenizeArgs(command))}`);
JS
cat > split.py <<'PY'
import json
import shlex
import subprocess

SHOW = 'for each; do printf "%s\\0" "$each"; done'
for command in open("commands.txt").read().splitlines():
    print(f"{command} | shlex: {json.dumps(shlex.split(command), separators=(',', ':'))}")
    words = subprocess.run(["sh", "-c", f"set -- {command}; {SHOW}"], stdout=subprocess.PIPE, text=True).stdout
    print(f"{command} | sh: {json.dumps(words.split(chr(0))[:-1], separators=(',', ':'))}")
PY

seen=$( (node tokenize.mjs; python3 split.py) | LC_ALL=C sort -s -t'|' -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
docker run --entrypoint "" busybox ls | args-tokenizer: ["docker","run","--entrypoint","busybox","ls"]
docker run --entrypoint "" busybox ls | shlex: ["docker","run","--entrypoint","","busybox","ls"]
docker run --entrypoint "" busybox ls | sh: ["docker","run","--entrypoint","","busybox","ls"]
grep "\.js$" "C:\new" | args-tokenizer: ["grep",".js$","C:new"]
grep "\.js$" "C:\new" | shlex: ["grep","\\.js$","C:\\new"]
grep "\.js$" "C:\new" | sh: ["grep","\\.js$","C:\\new"]
grep '' notes.txt | args-tokenizer: ["grep","notes.txt"]
grep '' notes.txt | shlex: ["grep","","notes.txt"]
grep '' notes.txt | sh: ["grep","","notes.txt"]
grep \.js "say \"hi\"" | args-tokenizer: ["grep",".js","say \"hi\""]
grep \.js "say \"hi\"" | shlex: ["grep",".js","say \"hi\""]
grep \.js "say \"hi\"" | sh: ["grep",".js","say \"hi\""]
printf 'a\tb\n' | args-tokenizer: ["printf","atbn"]
printf 'a\tb\n' | shlex: ["printf","a\\tb\\n"]
printf 'a\tb\n' | sh: ["printf","a\\tb\\n"]
TEXT
echo "as seen: empty arguments and backslashes are lost"
