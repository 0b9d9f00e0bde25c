#!/usr/bin/env bash
# slice-ansi 8.0.0 and wrap-ansi 10.0.2: escape sequences that do not begin with ESC [ or ESC ] are cut in two. The one
# that ends colours in scripts, "tput sgr0", begins with ESC (.
#
# ECMA-35 builds escape sequences without parameters from ESC, intermediate bytes (2/0 to 2/15) and a final byte.
# ESC ( B selects ASCII. terminfo's sgr0 of xterm-256color is "ESC ( B ESC [ m", so the output of scripts that use tput
# has it. ESC 7 is such a sequence without intermediate bytes. None of them takes a column.
#
# * slice-ansi counts the bytes of the sequence as columns. Of "ab", sgr0, "cd" the slice 0 to 4 has no "c" and no
#   "d", and ends in "ESC (": a terminal waits for the final byte, takes the next character of the output for it, and
#   may switch to a line drawing set. The slice 0 to 3 ends in a bare ESC.
# * wrap-ansi with { hard: true } puts the line break inside the sequence, before "B", which is then text.
#
# strip-ansi 7.2.0 (by the same authors) removes the whole sequence, so it is known there.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save slice-ansi@8.0.0 wrap-ansi@10.0.2 strip-ansi@7.2.0 > /dev/null

cat > cut.mjs <<'JS'
import sliceAnsi from "slice-ansi";
import stripAnsi from "strip-ansi";
import wrapAnsi from "wrap-ansi";

const SGR0 = "\x1b(B\x1b[m"; // tput -T xterm-256color sgr0
const show = (name, text) => console.log(`${name}: ${JSON.stringify(text)}`);

show("strip", stripAnsi(`ab${SGR0}cd`));
show("slice 0 to 4 with ESC [ m alone", sliceAnsi("ab\x1b[mcd", 0, 4));
show("slice 0 to 4", sliceAnsi(`ab${SGR0}cd`, 0, 4));
show("slice 0 to 3", sliceAnsi(`ab${SGR0}cd`, 0, 3));
show("slice 0 to 3 with ESC 7", sliceAnsi("ab\x1b7cd", 0, 3));
show("wrap at 5 with ESC [ m alone", wrapAnsi("abcd\x1b[mefghij", 5, { hard: true }));
show("wrap at 5", wrapAnsi(`abcd${SGR0}efghij`, 5, { hard: true }));
JS

seen=$(node cut.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
strip: "abcd"
slice 0 to 4 with ESC [ m alone: "ab\u001b[mcd"
slice 0 to 4: "ab\u001b("
slice 0 to 3: "ab\u001b"
slice 0 to 3 with ESC 7: "ab\u001b"
wrap at 5 with ESC [ m alone: "abcd\u001b[me\nfghij"
wrap at 5: "abcd\u001b(\nB\u001b[mefgh\nij"
TEXT
echo "as seen: the sequence is cut, and visible text is lost"
