#!/usr/bin/env bash
# terminal-overwrite 2.0.1 (npm): for each empty line of a text, a line of that text stays on the screen when the next
# text is written over it.
#
# The package is to "log by overwriting the previous output in the terminal". It counts the lines of a text to know how
# many to erase: a line of N columns takes N divided by the width of the terminal, rounded up. An empty line takes one
# line of the screen, too, but 0 divided by the width is 0.
#
# * Each update of a display with a blank line in it leaves one more line of old text on the screen. The example of the
#   README begins with a blank line.
# * create(stream) writes to that stream, but takes the width from process.stdout.
#
# xterm.js (@xterm/headless 6.0.0) shows what stays. "done" is what a user sees at the end.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save terminal-overwrite@2.0.1 @xterm/headless@6.0.0 > /dev/null

cat > show.cjs <<'JS'
const { Writable } = require("node:stream");
const { Terminal } = require("@xterm/headless");

async function show(texts, columns) {
  const terminal = new Terminal({ cols: 40, rows: 12, convertEol: true, allowProposedApi: true });
  const stream = new Writable({ write: (chunk, encoding, done) => terminal.write(chunk, done) });
  stream.columns = 40;
  process.stdout.columns = columns;
  const overwrite = require("terminal-overwrite").create(stream);
  for (const text of texts) overwrite(text);
  await new Promise((done) => stream.end(done));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: 12 }, (_, y) => active.getLine(y).translateToString(true));
  return JSON.stringify(lines.join("\n").trimEnd());
}

(async () => {
  for (const texts of [
    ["pull 10%\nlayer 1", "pull 50%\nlayer 2", "done"],
    ["pull 10%\n\nlayer 1", "pull 50%\n\nlayer 2", "done"],
    ["\n - unicorns -\n", "\n | unicorns |\n", "done"],
    ["pull 10%\n\nlayer 1\n\nlayer 2", "pull 50%\n\nlayer 3\n\nlayer 4", "done"],
  ])
    console.log(`${JSON.stringify(texts)}: ${await show(texts, 40)}`);
  const long = ["x".repeat(30), "y".repeat(30), "done"];
  for (const columns of [40, undefined])
    console.log(`30 columns of 40, process.stdout has ${columns}: ${await show(long, columns)}`);
})();
JS

seen=$(node show.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
["pull 10%\nlayer 1","pull 50%\nlayer 2","done"]: "done"
["pull 10%\n\nlayer 1","pull 50%\n\nlayer 2","done"]: "pull 10%\npull 50%\ndone"
["\n - unicorns -\n","\n | unicorns |\n","done"]: "\n - unicorns -\n\n | unicorns |\ndone"
["pull 10%\n\nlayer 1\n\nlayer 2","pull 50%\n\nlayer 3\n\nlayer 4","done"]: "pull 10%\n\npull 50%\n\ndone"
30 columns of 40, process.stdout has 40: "done"
30 columns of 40, process.stdout has undefined: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\ndone"
TEXT
echo "as seen: old lines stay"
