#!/usr/bin/env bash
# ansi-output 0.0.9 (npm): text that overwrites a line of several colours leaves the old colours' text behind its end,
# and erasing to the start of a line (CSI 1 K) erases another part.
#
# A carriage return moves to the first column, and what follows replaces one character after the other; ECMA-48 (8.3.41,
# EL) erases from the start of the line up to and including the cursor. Progress bars do both, mostly in colour. The
# package processes "text containing ANSI escape sequences into output that can be rendered" and keeps a line as a list
# of runs, one for each change of style.
#
# * A text that reaches the end of the line or goes beyond it replaces only the run in which it begins. The others stay
#   behind it: a finished bar shows its last words twice, in part. In one colour the same text is right.
# * For CSI 1 K the runs are counted from the right end as if it were column 0. What is erased depends on how many runs
#   there are.
#
# @xterm/headless 6.0.0 is shown beside it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save ansi-output@0.0.9 @xterm/headless@6.0.0 > /dev/null

cat > lines.mjs <<'JS'
import xterm from "@xterm/headless";

// The package is a module for AMD loaders.
const exported = {};
globalThis.define = Object.assign((_names, factory) => factory(undefined, exported), { amd: true });
await import("ansi-output");

async function screen(text) {
  const terminal = new xterm.Terminal({ cols: 40, rows: 2, allowProposedApi: true });
  await new Promise((done) => terminal.write(text, done));
  return terminal.buffer.active.getLine(0).translateToString().trimEnd();
}
function output(text) {
  const [line] = exported.ANSIOutput.processOutput(text);
  return line.outputRuns.map((run) => run.text).join("").trimEnd();
}

for (const [name, text] of [
  ["one colour", "###..... 3 of 8\r######## 8 of 8"],
  ["two colours", "\x1b[32m###\x1b[0m..... 3 of 8\r######## 8 of 8"],
  ["two colours, longer", "\x1b[33mloading\x1b[0m 7 of 8\rloaded in 3 seconds"],
  ["erase to the start, one colour", "abcdef\x1b[4D\x1b[1K"],
  ["erase to the start, two colours", "\x1b[31mab\x1b[0mcdef\x1b[4D\x1b[1K"],
  ["erase to the start, three colours", "\x1b[31mab\x1b[32mcd\x1b[0mef\x1b[4D\x1b[1K"],
  ["erase to the end, three colours", "\x1b[31mab\x1b[32mcd\x1b[0mef\x1b[4D\x1b[K"],
]) {
  console.log(`${name}, ansi-output: "${output(text)}"`);
  console.log(`${name}, xterm.js: "${await screen(text)}"`);
}
JS

seen=$(node lines.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
one colour, ansi-output: "######## 8 of 8"
one colour, xterm.js: "######## 8 of 8"
two colours, ansi-output: "######## 8 of 8..... 3 of 8"
two colours, xterm.js: "######## 8 of 8"
two colours, longer, ansi-output: "loaded in 3 seconds 7 of 8"
two colours, longer, xterm.js: "loaded in 3 seconds"
erase to the start, one colour, ansi-output: "  cdef"
erase to the start, one colour, xterm.js: "   def"
erase to the start, two colours, ansi-output: "  efcdef"
erase to the start, two colours, xterm.js: "   def"
erase to the start, three colours, ansi-output: "  cdef"
erase to the start, three colours, xterm.js: "   def"
erase to the end, three colours, ansi-output: "ab"
erase to the end, three colours, xterm.js: "ab"
TEXT
echo "as seen: lines with several styles are overwritten and erased in part"
