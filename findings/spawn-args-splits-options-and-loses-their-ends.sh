#!/usr/bin/env bash
# spawn-args 0.2.0 and split-cmd 1.1.0 (npm): an option with a quoted value becomes two arguments, and after an escaped
# quote or backslash the rest of the command is gone.
#
# POSIX (Shell Command Language, 2.2, Quoting): quotes may stand anywhere within a word, which goes on after them; \" is
# a quote that begins nothing; between double quotes \\ is one backslash. spawn-args is to "turn a string of command
# line options into an array for child_process.spawn", split-cmd is to split "a command to use with NodeJS' child
# process methods". Neither says that parts of the line may be left out.
#
# * --title="two words" is --title= and two words. A program reads an empty title and a file name.
# * spawn-args takes \" for the start of a text that never ends, and drops it; and "\\" for one without an end.
# * split-cmd knows no single quotes.
#
# sh says what the words are. spawn-args runs with removequotes: "always".
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save spawn-args@0.2.0 split-cmd@1.1.0 > /dev/null

cat > split.cjs <<'JS'
const { spawnSync } = require("node:child_process");
const spawnArgs = require("spawn-args");
const { split } = require("split-cmd");

const splitters = { "spawn-args": (line) => spawnArgs(line, { removequotes: "always" }), "split-cmd": split };

function sh(line) {
  const show = 'for each; do printf "%s\\0" "$each"; done';
  return spawnSync("sh", ["-c", `set -- ${line}\n${show}`], { encoding: "utf-8" }).stdout.split("\0").slice(0, -1);
}

for (const line of [
  'docker run -e "NAME=two words" app',
  'docker run --env="NAME=two words" app',
  'docker run --env NAME="two words" app',
  'echo \\"yes\\" to all',
  'cut -d "\\\\" -f 1 file',
  "sh -c 'one two'",
]) {
  console.log(line);
  const right = JSON.stringify(sh(line));
  console.log(`  sh: ${right}`);
  for (const [name, splitter] of Object.entries(splitters)) {
    const answer = JSON.stringify(splitter(line));
    console.log(`  ${name}: ${answer === right ? "the same" : answer}`);
  }
}
JS

seen=$(node split.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
docker run -e "NAME=two words" app
  sh: ["docker","run","-e","NAME=two words","app"]
  spawn-args: the same
  split-cmd: the same
docker run --env="NAME=two words" app
  sh: ["docker","run","--env=NAME=two words","app"]
  spawn-args: ["docker","run","--env=","NAME=two words","app"]
  split-cmd: ["docker","run","--env=","NAME=two words","app"]
docker run --env NAME="two words" app
  sh: ["docker","run","--env","NAME=two words","app"]
  spawn-args: ["docker","run","--env","NAME=","two words","app"]
  split-cmd: ["docker","run","--env","NAME=","two words","app"]
echo \"yes\" to all
  sh: ["echo","\"yes\"","to","all"]
  spawn-args: ["echo","\\"]
  split-cmd: ["echo","\\","yes\\","to","all"]
cut -d "\\" -f 1 file
  sh: ["cut","-d","\\","-f","1","file"]
  spawn-args: ["cut","-d"]
  split-cmd: ["cut","-d","\\\\","-f","1","file"]
sh -c 'one two'
  sh: ["sh","-c","one two"]
  spawn-args: the same
  split-cmd: ["sh","-c","'one","two'"]
TEXT
echo "as seen: the arguments are others"
