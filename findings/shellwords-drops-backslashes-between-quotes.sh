#!/usr/bin/env bash
# shellwords 1.1.1 and shell-parser 1.0.0 (npm): a backslash between double quotes is dropped before any character, so
# patterns, paths and formats are other ones.
#
# POSIX (Shell Command Language, 2.2.3, Double-Quotes): the backslash is special there only before $, `, ", \ and a
# line feed, and stays else. In single quotes (2.2.2) nothing is special, a backslash before the closing quote neither.
# shellwords splits "in the same way the UNIX Bourne shell does" and is "based on the Ruby module of the same name",
# which keeps the backslash. shell-parser is for "how POSIX shells parse command lines".
#
# * "\.txt$" becomes the pattern ".txt$", which matches "atxt" too. "\d+" matches letters. "%s\n" ends no line.
# * shellwords raises an error for '\', and leaves the backslash of a continued line in the words.
#
# sh says what the words are; shellwords-ts 3.0.1, a successor, has the same for all but the last line.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save shellwords@1.1.1 shell-parser@1.0.0 shellwords-ts@3.0.1 > /dev/null

cat > split.cjs <<'JS'
const { spawnSync } = require("node:child_process");

const splitters = {
  "shellwords-ts": require("shellwords-ts").split,
  shellwords: require("shellwords").split,
  "shell-parser": require("shell-parser"),
};

function sh(line) {
  const show = 'for each; do printf "%s\\0" "$each"; done';
  return spawnSync("sh", ["-c", `set -- ${line}\n${show}`], { encoding: "utf-8" }).stdout.split("\0").slice(0, -1);
}

for (const line of [
  'grep "two words" file',
  'grep "\\.txt$" files',
  'docker exec web sh -c "grep -E \'^\\d+\' log"',
  'docker ps --format "{{.ID}}\\t{{.Names}}"',
  "cut -d '\\' -f 1",
  "docker run \\\n  nginx",
]) {
  console.log(JSON.stringify(line));
  const right = JSON.stringify(sh(line));
  console.log(`  sh: ${right}`);
  for (const [name, split] of Object.entries(splitters)) {
    let answer;
    try {
      answer = JSON.stringify(split(line));
    } catch (error) {
      answer = error.message;
    }
    console.log(`  ${name}: ${answer === right ? "the same" : answer}`);
  }
}
JS

seen=$(node split.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"grep \"two words\" file"
  sh: ["grep","two words","file"]
  shellwords-ts: the same
  shellwords: the same
  shell-parser: the same
"grep \"\\.txt$\" files"
  sh: ["grep","\\.txt$","files"]
  shellwords-ts: the same
  shellwords: ["grep",".txt$","files"]
  shell-parser: ["grep",".txt$","files"]
"docker exec web sh -c \"grep -E '^\\d+' log\""
  sh: ["docker","exec","web","sh","-c","grep -E '^\\d+' log"]
  shellwords-ts: the same
  shellwords: ["docker","exec","web","sh","-c","grep -E '^d+' log"]
  shell-parser: ["docker","exec","web","sh","-c","grep -E '^d+' log"]
"docker ps --format \"{{.ID}}\\t{{.Names}}\""
  sh: ["docker","ps","--format","{{.ID}}\\t{{.Names}}"]
  shellwords-ts: the same
  shellwords: ["docker","ps","--format","{{.ID}}t{{.Names}}"]
  shell-parser: ["docker","ps","--format","{{.ID}}t{{.Names}}"]
"cut -d '\\' -f 1"
  sh: ["cut","-d","\\","-f","1"]
  shellwords-ts: the same
  shellwords: Unmatched quote: cut -d '\' -f 1
  shell-parser: the same
"docker run \\\n  nginx"
  sh: ["docker","run","nginx"]
  shellwords-ts: ["docker","run","\\","nginx"]
  shellwords: ["docker","run","\\","nginx"]
  shell-parser: ["docker","run","\n","nginx"]
TEXT
echo "as seen: backslashes are lost"
