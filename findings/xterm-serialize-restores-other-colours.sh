#!/usr/bin/env bash
# @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0: a restored screen has other colours than the one that was
# saved. Plain text of the alternate screen takes those that are set last, and coloured rows below all text are lost.
#
# serialize() "serializes terminal rows into a string that can be written back to the terminal to restore the state". It
# writes the rows of the normal buffer, then those of the alternate one, and the attributes that are set.
#
# * The attributes that are set come before the switch to the alternate screen as well. Its text is written as if none
#   were, so everything plain is inverse, red or bold until the first change. An editor that has just drawn its inverse
#   status line is restored inverse. With a background, the switch paints the empty cells too.
# * Rows behind the last row with text are left out, although a program has painted them: "CSI 44 m, CSI 2 J" is how
#   one makes a blue screen. Painted rows above text come back.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0 > /dev/null

cat > restore.cjs <<'JS'
const { Terminal } = require("@xterm/headless");
const { SerializeAddon } = require("@xterm/addon-serialize");

async function write(data) {
  const terminal = new Terminal({ cols: 8, rows: 3, allowProposedApi: true });
  const addon = new SerializeAddon();
  terminal.loadAddon(addon);
  await new Promise((done) => terminal.write(data, done));
  return { terminal, text: addon.serialize() };
}

// Each row as its cells: a letter, "." for an empty one, "#" for an empty one with a background; inverse text in [].
function rows({ buffer, cols, rows: count }) {
  return Array.from({ length: count }, (_, y) => {
    const line = buffer.active.getLine(buffer.active.baseY + y);
    return Array.from({ length: cols }, (_, x) => {
      const cell = line.getCell(x);
      const text = cell.getChars() || (cell.isBgDefault() ? "." : "#");
      return cell.isInverse() ? `[${text}]` : text;
    }).join("");
  });
}

(async () => {
  for (const data of [
    "\x1b[?1049hfile\r\n\x1b[7mbar\x1b[0m",
    "\x1b[?1049hfile\r\n\x1b[7mbar",
    "\x1b[?1049hfile\x1b[44m",
    "\x1b[44m\x1b[2J\x1b[3;1Hmenu",
    "\x1b[44m\x1b[2J\x1b[1;1Hmenu",
  ]) {
    const saved = await write(data);
    const restored = await write(saved.text);
    console.log(JSON.stringify(data));
    console.log(`  saved    ${rows(saved.terminal).join(" ")}`);
    console.log(`  restored ${rows(restored.terminal).join(" ")}`);
  }
})();
JS

seen=$(node restore.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[?1049hfile\r\n\u001b[7mbar\u001b[0m"
  saved    file.... [b][a][r]..... ........
  restored file.... [b][a][r]..... ........
"\u001b[?1049hfile\r\n\u001b[7mbar"
  saved    file.... [b][a][r]..... ........
  restored [f][i][l][e].... [b][a][r]..... ........
"\u001b[?1049hfile\u001b[44m"
  saved    file.... ........ ........
  restored file#### ######## ########
"\u001b[44m\u001b[2J\u001b[3;1Hmenu"
  saved    ######## ######## menu####
  restored ######## ######## menu####
"\u001b[44m\u001b[2J\u001b[1;1Hmenu"
  saved    menu#### ######## ########
  restored menu#### ........ ........
TEXT
echo "as seen: colours differ after restoring"
