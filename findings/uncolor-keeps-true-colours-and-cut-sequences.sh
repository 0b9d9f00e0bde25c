#!/usr/bin/env bash
# uncolor 0.4.0 (npm): colours with more than three numbers are kept, a reset without a number too, and a stream keeps
# what lies across two chunks and breaks letters there.
#
# ECMA-48 (8.3.117, SGR): a sequence has any number of parameters, and none means 0. ISO 8613-6 has five for a colour of
# 24 bits. The package is to "remove ANSI escape codes from strings, buffers and streams"; for a stream, "from all
# data". Where the chunks of a stream end depends on the pipe.
#
# * Its pattern wants one to three numbers. "ESC [ m", which tput and ls write, and "1;38;5;208" are kept.
# * Each chunk is a text of its own: a cut sequence is kept in both halves, a cut letter becomes two replacement
#   characters.
#
# strip-ansi 7.2.0 removes all of them.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save uncolor@0.4.0 strip-ansi@7.2.0 > /dev/null

cat > strip.mjs <<'JS'
import { once } from "node:events";
import stripAnsi from "strip-ansi";
import uncolor from "uncolor";

async function stream(chunks) {
  const transform = uncolor();
  const parts = [];
  transform.on("data", (part) => parts.push(part));
  const end = once(transform, "end");
  for (const chunk of chunks) transform.write(chunk);
  transform.end();
  await end;
  return Buffer.concat(parts).toString();
}

for (const text of [
  "\x1b[31mred\x1b[0m",
  "\x1b[01;34mfolder\x1b[m",
  "\x1b[38;2;255;135;0morange\x1b[39m",
  "\x1b[1;38;5;208morange\x1b[0m",
])
  console.log(`${JSON.stringify(text)}: strip-ansi "${stripAnsi(text)}", uncolor ${JSON.stringify(uncolor(text))}`);

const bytes = Buffer.from("\x1b[31mgrün\x1b[0m");
for (const cut of [bytes.length, 3, 8]) {
  const shown = JSON.stringify(await stream([bytes.subarray(0, cut), bytes.subarray(cut)]));
  console.log(`in chunks of ${cut} and ${bytes.length - cut} bytes: ${shown}`);
}
JS

seen=$(node strip.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[31mred\u001b[0m": strip-ansi "red", uncolor "red"
"\u001b[01;34mfolder\u001b[m": strip-ansi "folder", uncolor "folder\u001b[m"
"\u001b[38;2;255;135;0morange\u001b[39m": strip-ansi "orange", uncolor "\u001b[38;2;255;135;0morange"
"\u001b[1;38;5;208morange\u001b[0m": strip-ansi "orange", uncolor "\u001b[1;38;5;208morange"
in chunks of 14 and 0 bytes: "grün"
in chunks of 3 and 11 bytes: "\u001b[31mgrün"
in chunks of 8 and 6 bytes: "gr��n"
TEXT
echo "as seen: colours are kept"
