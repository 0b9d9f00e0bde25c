#!/usr/bin/env bash
# ansi-sequence-parser 1.1.3 (npm): of a text with a control sequence that is not for colours, everything up to the next
# letter "m" is dropped; and CSI m resets nothing.
#
# ECMA-48 (5.4) ends a control sequence at its first byte from 4/0 to 7/14, the final byte; "K", "l" and "G" are such
# bytes as "m" is. Without a parameter SGR is a reset (8.3.117). GCC and grep write CSI K behind each colour, and CSI m
# to end it. The package is "a parser for ANSI escape sequences", for showing the output of programs on a page.
#
# * From any "ESC [" the parser looks for an "m". What is between, here the words that the compiler has coloured, is
#   read as parameters and dropped. Digits in it are taken for colours and attributes.
# * An empty parameter is left out instead of read as 0, so what comes after CSI m keeps the colour.
#
# @xterm/headless 6.0.0 is shown beside it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save ansi-sequence-parser@1.1.3 @xterm/headless@6.0.0 > /dev/null

cat > parse.mjs <<'JS'
import xterm from "@xterm/headless";
import { parseAnsiSequences } from "ansi-sequence-parser";

const NAMES = ["black", "red", "green"];

async function screen(text) {
  const terminal = new xterm.Terminal({ cols: 60, rows: 2, allowProposedApi: true });
  await new Promise((done) => terminal.write(text, done));
  const line = terminal.buffer.active.getLine(0);
  const runs = [];
  for (let x = 0; line.getCell(x).getChars(); x++) {
    const cell = line.getCell(x);
    const style = [cell.isFgPalette() && NAMES[cell.getFgColor()], cell.isBold() && "bold"].filter(Boolean).join(" ");
    if (runs.at(-1)?.style === style) runs.at(-1).text += cell.getChars();
    else runs.push({ text: cell.getChars(), style });
  }
  return runs.map(({ text, style }) => `${JSON.stringify(text)} ${style || "plain"}`).join(", ");
}
function parsed(text) {
  return parseAnsiSequences(text)
    .map(({ value, foreground, decorations }) => {
      const style = [foreground?.name, ...decorations].filter(Boolean).join(" ");
      return `${JSON.stringify(value)} ${style || "plain"}`;
    })
    .join(", ");
}

for (const [name, text] of [
  ["CSI 0 m", "\x1b[31mfailed\x1b[0m: 3"],
  ["CSI m", "\x1b[31mfailed\x1b[m: 3"],
  ["gcc", "\x1b[01m\x1b[Kmain.c:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kexpected expression"],
  ["a line that is erased first", "\x1b[2Kcloned 1 commit"],
  ["a cursor that is hidden", "\x1b[?25lmerge"],
]) {
  console.log(`${name}, ansi-sequence-parser: ${parsed(text)}`);
  console.log(`${name}, xterm.js: ${await screen(text)}`);
}
JS

seen=$(node parse.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
CSI 0 m, ansi-sequence-parser: "failed" red, ": 3" plain
CSI 0 m, xterm.js: "failed" red, ": 3" plain
CSI m, ansi-sequence-parser: "failed" red, ": 3" red
CSI m, xterm.js: "failed" red, ": 3" plain
gcc, ansi-sequence-parser: "ain.c:" bold, "\u001b[Kexpected expression" red bold
gcc, xterm.js: "main.c:" bold, " " plain, "error: " red bold, "expected expression" plain
a line that is erased first, ansi-sequence-parser: "mit" dim
a line that is erased first, xterm.js: "cloned 1 commit" plain
a cursor that is hidden, ansi-sequence-parser: "erge" plain
a cursor that is hidden, xterm.js: "merge" plain
TEXT
echo "as seen: text is dropped up to an m, and a short reset is none"
