#!/usr/bin/env bash
# ansi-diff 1.2.0 and ansi-diff-stream 1.2.1 (npm): in a line with wide characters a change is not shown, or is written
# in the wrong columns.
#
# ansi-diff: "If you write out the diff to the terminal it will update the previous output with minimal changes." It
# takes the width of lines from wcwidth, so it knows of wide characters (Unicode Standard Annex 11: two columns each).
#
# * It counts characters that are the same from the left, and moves the cursor by as many columns.
# * From the right it begins at the width of the line, not at its last character. What lies beyond the string is equal
#   in both lines, so each wide character hides one character of the change.
# * ansi-diff-stream has the first of these.
#
# Frames of a progress display are written to xterm.js (@xterm/headless 6.0.0). A terminal that gets the last frame
# alone shows what is meant.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save ansi-diff@1.2.0 ansi-diff-stream@1.2.1 @xterm/headless@6.0.0 \
  > /dev/null

cat > show.cjs <<'JS'
const { Terminal } = require("@xterm/headless");
const ansiDiff = require("ansi-diff");
const ansiDiffStream = require("ansi-diff-stream");

async function screen(parts) {
  const terminal = new Terminal({ cols: 40, rows: 6, convertEol: true, allowProposedApi: true });
  for (const part of parts) await new Promise((done) => terminal.write(part, done));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: 6 }, (_, y) => active.getLine(y).translateToString(true).trimEnd());
  return JSON.stringify(lines.join("\n").trimEnd());
}

function withDiff(frames) {
  const diff = ansiDiff({ width: 40 });
  return frames.map((frame) => diff.update(frame));
}

async function withStream(frames) {
  const stream = ansiDiffStream();
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  for (const frame of frames) await new Promise((done) => stream.write(frame, done));
  return parts;
}

(async () => {
  for (const frames of [
    ["pull: 10%\nlayer 1\n", "pull: 20%\nlayer 1\n"],
    ["下載 10% 完成\nlayer 1\n", "下載 20% 完成\nlayer 1\n"],
    ["下載 web 10%\nlayer 1\n", "下載 web 20%\nlayer 1\n"],
    ["web 取得中 1/9\nlayer 1\n", "web 取得中 2/9\nlayer 1\n"],
  ]) {
    console.log(JSON.stringify(frames));
    const meant = await screen(frames.slice(-1));
    for (const [name, parts] of [["ansi-diff", withDiff(frames)], ["ansi-diff-stream", await withStream(frames)]]) {
      const shown = await screen(parts);
      console.log(`  ${name}: ${shown === meant ? "as meant" : shown}`);
    }
  }
})();
JS

seen=$(node show.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
["pull: 10%\nlayer 1\n","pull: 20%\nlayer 1\n"]
  ansi-diff: as meant
  ansi-diff-stream: as meant
["下載 10% 完成\nlayer 1\n","下載 20% 完成\nlayer 1\n"]
  ansi-diff: "下載 10% 完成\nlayer 1"
  ansi-diff-stream: "下 20% 完成\nlayer 1"
["下載 web 10%\nlayer 1\n","下載 web 20%\nlayer 1\n"]
  ansi-diff: "下載 web 10%\nlayer 1"
  ansi-diff-stream: "下載 we20%\nlayer 1"
["web 取得中 1/9\nlayer 1\n","web 取得中 2/9\nlayer 1\n"]
  ansi-diff: "web 取得中 1/9\nlayer 1"
  ansi-diff-stream: "web 取得2/9\nlayer 1"
TEXT
echo "as seen: changes are missed"
