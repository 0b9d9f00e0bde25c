#!/usr/bin/env bash
# @alcalzone/ansi-tokenize 0.3.2 (npm): a colour or attribute that is set again after the reset CSI m is lost. With CSI
# 0 m it is kept.
#
# ECMA-48 (5.4.2, 8.3.117) reads a missing parameter of SGR as 0, so CSI m and CSI 0 m are the same. git, grep, gcc and
# "tput sgr0" write the short form. The package takes text apart into characters with their styles, and writes them
# "with the same style" again; Ink draws all its output this way.
#
# Only CSI 0 m is known as a reset. CSI m becomes a style of its own, which stays in the list, with the colour before
# it. When the colour comes again, it moves behind the reset in the list. The styles of two neighbours are compared as
# sets, so nothing seems to have changed, and no colour is written. Bold is already in the list, and is not even moved.
# So of several red words in a line, or bold ones, only the first is.
#
# Both forms are shown in @xterm/headless 6.0.0: as they are, and after the package has written them again.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @alcalzone/ansi-tokenize@0.3.2 @xterm/headless@6.0.0 > /dev/null

cat > styles.mjs <<'JS'
import { styledCharsFromTokens, styledCharsToString, tokenize } from "@alcalzone/ansi-tokenize";
import xterm from "@xterm/headless";

async function styles(text) {
  const terminal = new xterm.Terminal({ cols: 20, rows: 2, allowProposedApi: true });
  await new Promise((done) => terminal.write(text, done));
  const line = terminal.buffer.active.getLine(0);
  const seen = [];
  for (let x = 0; line.getCell(x).getChars(); x++) {
    const cell = line.getCell(x);
    const style = [cell.isBold() && "bold", cell.isFgPalette() && `colour ${cell.getFgColor()}`].filter(Boolean);
    seen.push(`${cell.getChars()} ${style.join(" and ") || "plain"}`);
  }
  return seen.join(", ");
}

for (const [name, text] of [
  ["red, CSI 0 m", "\x1b[31mA\x1b[0mB\x1b[31mC\x1b[0m"],
  ["red, CSI m", "\x1b[31mA\x1b[mB\x1b[31mC\x1b[m"],
  ["bold, CSI m", "\x1b[1mA\x1b[mB\x1b[1mC\x1b[m"],
  ["grep, CSI m", "\x1b[01;31mA\x1b[mB\x1b[01;31mC\x1b[m"],
  ["red, green, CSI m", "\x1b[31mA\x1b[mB\x1b[32mC\x1b[m"],
]) {
  const again = styledCharsToString(styledCharsFromTokens(tokenize(text)));
  console.log(`${name}: ${await styles(text)}`);
  console.log(`${name}, again: ${await styles(again)}`);
}
JS

seen=$(node styles.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
red, CSI 0 m: A colour 1, B plain, C colour 1
red, CSI 0 m, again: A colour 1, B plain, C colour 1
red, CSI m: A colour 1, B plain, C colour 1
red, CSI m, again: A colour 1, B plain, C plain
bold, CSI m: A bold, B plain, C bold
bold, CSI m, again: A bold, B plain, C plain
grep, CSI m: A bold and colour 1, B plain, C bold and colour 1
grep, CSI m, again: A bold and colour 1, B plain, C plain
red, green, CSI m: A colour 1, B plain, C colour 2
red, green, CSI m, again: A colour 1, B plain, C colour 2
TEXT
echo "as seen: after CSI m the same colour cannot be set again"
