#!/usr/bin/env bash
# argv-split 3.2.1 (npm): split() gives the same array each time, so the words of one command become those of the next;
# what join() writes is not read back.
#
# The README: split() "Returns Array<string>", and join() joins "into a valid argument string". Nothing says that an
# array holds only until the next call.
#
# * The result is a variable of the module, which split() empties and fills again. Commands that are split first and run
#   later are all the last one. A call that raises an error leaves its own words in the others.
# * An empty argument is not quoted, and split() would leave it out if it were. A line feed within quotes ends the
#   command. A "\" before the closing quote escapes it.
#
# POSIX (Shell Command Language, 2.2) has an empty word for "" and keeps a line feed between quotes. sh shows it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save argv-split@3.2.1 > /dev/null

cat > split.cjs <<'JS'
const { spawnSync } = require("node:child_process");
const split = require("argv-split");

const commands = ["docker stop web", "docker rm web", "docker volume prune"].map((line) => split(line));
for (const words of commands) console.log(`to run: ${words.join(" ")}`);

const before = split("docker ps --all");
try {
  split("echo 'not closed");
} catch (error) {
  console.log(`after ${error.code}: ${JSON.stringify(before)}`);
}

function sh(line) {
  const show = 'for each; do printf "%s\\0" "$each"; done';
  return spawnSync("sh", ["-c", `set -- ${line}\n${show}`], { encoding: "utf-8" }).stdout.split("\0").slice(0, -1);
}

function words(line) {
  try {
    return JSON.stringify(split(line));
  } catch (error) {
    return error.code;
  }
}

for (const line of ['grep "" file', "echo 'one\ntwo'"])
  console.log(`${JSON.stringify(line)}: sh ${JSON.stringify(sh(line))}, argv-split ${words(line)}`);
for (const list of [["echo", "two words"], ["grep", "", "file"], ["echo", "one\ntwo"], ["cd", "My files\\"]])
  console.log(`${JSON.stringify(list)}, joined and split: ${words(split.join(list))}`);
JS

seen=$(node split.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
to run: docker volume prune
to run: docker volume prune
to run: docker volume prune
after UNMATCHED_SINGLE: ["echo"]
"grep \"\" file": sh ["grep","","file"], argv-split ["grep","file"]
"echo 'one\ntwo'": sh ["echo","one\ntwo"], argv-split UNMATCHED_SINGLE
["echo","two words"], joined and split: ["echo","two words"]
["grep","","file"], joined and split: ["grep","file"]
["echo","one\ntwo"], joined and split: UNMATCHED_DOUBLE
["cd","My files\\"], joined and split: UNMATCHED_DOUBLE
TEXT
echo "as seen: all commands are the last one"
