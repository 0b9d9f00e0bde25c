#!/usr/bin/env bash
# ansi-wordwrap 1.0.2 (npm): a word that fills a line exactly gets an empty line before it, and letters up to an "m"
# have no width if a sequence other than a colour comes before them.
#
# The README: "word wrap text that had ANSI color codes in it"; width is "the width to wrap each line to". A word of 20
# letters fits a width of 20. ECMA-48 (5.4): a control sequence ends with its final byte, which is K for "erase in line"
# and m for a colour.
#
# * One column is counted for the space before a word, also for the first word of a line, where there is none. The line
#   that is finished then is empty.
# * The pattern for sequences is "ESC, anything, m". In "CSI K, images" the first two letters are taken for a part of
#   the sequence, and the line is longer than the width.
#
# wrap-ansi 10.0.2 wraps the same texts.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save ansi-wordwrap@1.0.2 wrap-ansi@10.0.2 > /dev/null

cat > wrap.mjs <<'JS'
import wordwrap from "ansi-wordwrap";
import wrapAnsi from "wrap-ansi";

for (const [width, text] of [
  [10, "one two three four"],
  [5, "hello"],
  [5, "hello world"],
  [12, "\x1b[32mregistry.local\x1b[39m is up"],
  [14, "\x1b[32mregistry.local\x1b[39m is up"],
  [8, "\x1b[Kimages all"],
]) {
  console.log(`${JSON.stringify(text)}, ${width} columns`);
  console.log(`  wrap-ansi: ${JSON.stringify(wrapAnsi(text, width))}`);
  console.log(`  ansi-wordwrap: ${JSON.stringify(wordwrap(text, { width }))}`);
}
JS

seen=$(node wrap.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"one two three four", 10 columns
  wrap-ansi: "one two\nthree four"
  ansi-wordwrap: "one two\nthree four"
"hello", 5 columns
  wrap-ansi: "hello"
  ansi-wordwrap: "\nhello"
"hello world", 5 columns
  wrap-ansi: "hello\nworld"
  ansi-wordwrap: "\nhello\nworld"
"\u001b[32mregistry.local\u001b[39m is up", 12 columns
  wrap-ansi: "\u001b[32mregistry.local\u001b[39m\nis up"
  ansi-wordwrap: "\n\u001b[32mregistry.local\u001b[39m\nis up"
"\u001b[32mregistry.local\u001b[39m is up", 14 columns
  wrap-ansi: "\u001b[32mregistry.local\u001b[39m\nis up"
  ansi-wordwrap: "\n\u001b[32mregistry.local\u001b[39m\nis up"
"\u001b[Kimages all", 8 columns
  wrap-ansi: "\u001b[Kimages\nall"
  ansi-wordwrap: "\u001b[Kimages all"
TEXT
echo "as seen: lines are empty, or too long"
