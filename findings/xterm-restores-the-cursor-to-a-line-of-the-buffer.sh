#!/usr/bin/env bash
# @xterm/headless 6.0.0 (the parser and buffer of xterm.js): DECRC (ESC 8) and SCORC (CSI u) do not
# return to the row of the screen that DECSC (ESC 7) or SCOSC (CSI s) has saved. The saved row is a
# line of the buffer, scrollback included:
#
# * After the screen has scrolled by two lines, the cursor comes back two rows higher than it was.
# * After CSI 3 J has erased a scrollback of eight lines, it comes back eight rows lower, or in the
#   last row.
#
# Terminals with these sequences (VT220, xterm) save the position on the screen, so that both give
# row 3, column 4 again. A status line that is drawn between the two sequences, while other output
# scrolls, is where users meet it.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 > /dev/null

cat > cursor.cjs <<'JS'
const { Terminal } = require("@xterm/headless");

const SAVE = "\x1b[3;4H\x1b7"; // row 3, column 4
const RESTORE = "\x1b8";
const SCROLL = "\x1b[5;1H\n\n"; // two lines, from the last row
const HISTORY = "a line\r\n".repeat(12); // eight of them leave a screen of five rows

async function row(data) {
  const terminal = new Terminal({ cols: 20, rows: 5, scrollback: 100, allowProposedApi: true });
  await new Promise((done) => terminal.write(data, done));
  return terminal.buffer.active.cursorY + 1;
}

(async () => {
  console.log(`at once: row ${await row(SAVE + RESTORE)}`);
  console.log(`after two lines of scrolling: row ${await row(SAVE + SCROLL + RESTORE)}`);
  console.log(`with CSI s and CSI u: row ${await row("\x1b[3;4H\x1b[s" + SCROLL + "\x1b[u")}`);
  console.log(`with a history: row ${await row(HISTORY + SAVE + RESTORE)}`);
  console.log(`after its erasure: row ${await row(HISTORY + SAVE + "\x1b[3J" + RESTORE)}`);
})();
JS

seen=$(node cursor.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
at once: row 3
after two lines of scrolling: row 1
with CSI s and CSI u: row 1
with a history: row 3
after its erasure: row 5
TEXT
echo "as seen: the saved row is a line of the buffer"
