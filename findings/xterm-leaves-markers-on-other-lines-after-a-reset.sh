#!/usr/bin/env bash
# @xterm/headless 6.0.0: a marker stays alive when its line goes with a full reset, and then says that it is on a line
# that was written later.
#
# A marker follows a line of the buffer: it moves as the scrollback drops lines, and it is disposed (its line is -1) once
# its line is gone. What belongs to a line, such as a decoration or the address of a link, is found
# by it.
#
# A full reset, by ESC c or by reset(), throws all lines away and makes new buffers. It disposes no marker and calls no
# onDispose. So what belonged to a line before the reset now belongs to whatever is written in the same row.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 > /dev/null

cat > mark.cjs <<'JS'
const { Terminal } = require("@xterm/headless");

async function run(title, empty) {
  const terminal = new Terminal({ cols: 20, rows: 5, scrollback: 10, allowProposedApi: true });
  const write = (data) => new Promise((done) => terminal.write(data, done));
  await write("one\r\ntwo");
  const marker = terminal.registerMarker(0);
  let told = false;
  marker.onDispose(() => { told = true; });
  await empty(terminal, write);
  await write("three\r\nfour\r\nfive");
  const text = terminal.buffer.active.getLine(marker.line)?.translateToString(true);
  console.log(`${title}: disposed ${marker.isDisposed}, told ${told}, on ${JSON.stringify(text)}`);
}

(async () => {
  await run("nothing", async () => {});
  await run("scrolled away", (_, write) => write("\r\n".repeat(20)));
  await run("ESC c", (_, write) => write("\x1bc"));
  await run("reset()", async (terminal) => { terminal.reset(); });
})();
JS

seen=$(node mark.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
nothing: disposed false, told false, on "twothree"
scrolled away: disposed true, told true, on "five"
ESC c: disposed false, told false, on "four"
reset(): disposed false, told false, on "four"
TEXT
echo "as seen: after a reset a marker is on a line that it never marked"
