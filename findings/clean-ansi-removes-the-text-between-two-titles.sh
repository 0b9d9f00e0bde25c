#!/usr/bin/env bash
# clean-ansi 0.2.0 (npm): what lies between a title that ends with ESC \ and the next one that ends with BEL is removed,
# lines of output and all.
#
# ECMA-48 (8.3.89) ends an operating system command (OSC) with the string terminator ST, which is ESC \ in 7 bits.
# xterm's documentation of control sequences takes BEL as well. Programs use either, so the output of several has both.
# clean-ansi is to remove "all ANSI escape codes from the input string", and "handles: OSC sequences", to give "clean,
# plain text".
#
# * It first removes all from ESC ] to the next BEL, however far away, and does not stop at ESC \.
# * Other strings (DCS, APC) keep their contents, and CSI sequences with ":" or ">" are kept.
#
# strip-ansi 7.2.0 and xterm.js (@xterm/headless 6.0.0) show what is text.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save clean-ansi@0.2.0 strip-ansi@7.2.0 @xterm/headless@6.0.0 > /dev/null

cat > clean.mjs <<'JS'
import xterm from "@xterm/headless";
import stripAnsi from "strip-ansi";
import cleanAnsi from "clean-ansi";

async function text(output) {
  const terminal = new xterm.Terminal({ cols: 60, rows: 5, convertEol: true, allowProposedApi: true });
  await new Promise((done) => terminal.write(output, done));
  const lines = Array.from({ length: 5 }, (_, y) => terminal.buffer.active.getLine(y).translateToString(true));
  return lines.join("\n").trimEnd();
}

const link = (address, words) => `\x1b]8;;${address}\x1b\\${words}\x1b]8;;\x1b\\`;
for (const output of [
  "\x1b[31mred\x1b[0m \x1b]0;title\x07text",
  "\x1b]0;title\x1b\\text",
  `main.c:1: ${link("https://example.com/w", "-Wall")}\nmain.c:9: error\n\x1b]0;~/src\x07$ make`,
  "\x1b]0;make\x1b\\one\ntwo\nthree\n\x1b]0;done\x07$ ls",
  "\x1b]133;A\x1b\\$ ls\nfile\n\x1b]133;A\x07$ exit",
  "\x1b[4:3mwave\x1b[0m",
  "\x1b[>4;1mkeys",
]) {
  console.log(JSON.stringify(output));
  for (const [name, answer] of [
    ["xterm", await text(output)],
    ["strip-ansi", stripAnsi(output)],
    ["clean-ansi", cleanAnsi.cleanAnsi(output)],
  ])
    console.log(`  ${name}: ${JSON.stringify(answer)}`);
}
JS

seen=$(node clean.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[31mred\u001b[0m \u001b]0;title\u0007text"
  xterm: "red text"
  strip-ansi: "red text"
  clean-ansi: "red text"
"\u001b]0;title\u001b\\text"
  xterm: "text"
  strip-ansi: "text"
  clean-ansi: "text"
"main.c:1: \u001b]8;;https://example.com/w\u001b\\-Wall\u001b]8;;\u001b\\\nmain.c:9: error\n\u001b]0;~/src\u0007$ make"
  xterm: "main.c:1: -Wall\nmain.c:9: error\n$ make"
  strip-ansi: "main.c:1: -Wall\nmain.c:9: error\n$ make"
  clean-ansi: "main.c:1: $ make"
"\u001b]0;make\u001b\\one\ntwo\nthree\n\u001b]0;done\u0007$ ls"
  xterm: "one\ntwo\nthree\n$ ls"
  strip-ansi: "one\ntwo\nthree\n$ ls"
  clean-ansi: "$ ls"
"\u001b]133;A\u001b\\$ ls\nfile\n\u001b]133;A\u0007$ exit"
  xterm: "$ ls\nfile\n$ exit"
  strip-ansi: "$ ls\nfile\n$ exit"
  clean-ansi: "$ exit"
"\u001b[4:3mwave\u001b[0m"
  xterm: "wave"
  strip-ansi: "wave"
  clean-ansi: "\u001b[4:3mwave"
"\u001b[>4;1mkeys"
  xterm: "keys"
  strip-ansi: "keys"
  clean-ansi: "\u001b[>4;1mkeys"
TEXT
echo "as seen: lines of output are removed"
