#!/usr/bin/env bash
# @xterm/headless 6.0.0 and asciinema-player 3.18.0: DECRC (ESC 8) restores less than DECSC (ESC 7) has to save.
# xterm.js forgets the origin mode, the player the character sets.
#
# DEC's manual of the VT510 lists what DECSC saves: the position, the attributes, the character sets and which of them
# is in use, the wrap flag, and the state of origin mode (DECOM). A program can so draw anywhere and go back to what it
# did. Each of the two emulators saves the part that the other one forgets:
#
# * In origin mode, row 1 is the first row of the scroll region. A program that draws a status line in absolute mode,
#   between DECSC and DECRC, is in absolute mode ever after in xterm.js. It goes on in the wrong rows, outside of the
#   region.
# * Line drawing characters are a character set (ESC ( 0, or SO with G1). If it is in use when the cursor is saved, and
#   another one is chosen before DECRC, the player of recordings shows "qqq" and "x" where there were lines.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save asciinema-player@3.18.0 @xterm/headless@6.0.0 > /dev/null

# The class with the player's emulator is not exported, so a copy of the module exports it.
dist=node_modules/asciinema-player/dist
{ cat $dist/opts-*.js; echo "export { Vt };"; } > $dist/emulator.js

cat > restore.mjs <<'JS'
import xterm from "@xterm/headless";

const nothing = () => {};
globalThis.window = globalThis;
globalThis.document = { addEventListener: nothing, createElement: () => ({ content: {} }) };
const { Vt } = await import("./node_modules/asciinema-player/dist/emulator.js");

const rows = [0, 1, 2, 3];
async function player(data) {
  const emulator = await Vt.build(10, 4, false, { debug: nothing });
  emulator.feed(data);
  const line = (row) => emulator.getUint32Array(emulator.getLine(row, false).codepoints);
  return rows.map((row) => String.fromCodePoint(...line(row)).trimEnd());
}
async function screen(data) {
  const terminal = new xterm.Terminal({ cols: 10, rows: 4, allowProposedApi: true });
  await new Promise((done) => terminal.write(data, done));
  return rows.map((row) => terminal.buffer.active.getLine(row).translateToString(true));
}
async function show(name, before, after) {
  for (const [change, between] of [["nothing", ""], after.slice(0, 2)]) {
    const data = `${before}\x1b7${between}\x1b8${after[2]}`;
    const seen = [await player(data), await screen(data)].map((lines) => JSON.stringify(lines));
    console.log(`${name}, ${change} between: player ${seen[0]} xterm.js ${seen[1]}`);
  }
}
await show("position", "\x1b[2;3H", ["home", "\x1b[H", "x"]);
await show("origin mode", "\x1b[3;4r\x1b[?6h", ["absolute", "\x1b[?6l", "\x1b[1;1Hx"]);
await show("line drawing in G0", "\x1b(0", ["ASCII", "\x1b(B", "lqqk"]);
await show("line drawing in G1", "\x1b)0\x0e", ["SI", "\x0f", "lqqk"]);
process.exit(0);
JS

seen=$(node restore.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
position, nothing between: player ["","  x","",""] xterm.js ["","  x","",""]
position, home between: player ["","  x","",""] xterm.js ["","  x","",""]
origin mode, nothing between: player ["","","x",""] xterm.js ["","","x",""]
origin mode, absolute between: player ["","","x",""] xterm.js ["x","","",""]
line drawing in G0, nothing between: player ["┌──┐","","",""] xterm.js ["┌──┐","","",""]
line drawing in G0, ASCII between: player ["lqqk","","",""] xterm.js ["┌──┐","","",""]
line drawing in G1, nothing between: player ["┌──┐","","",""] xterm.js ["┌──┐","","",""]
line drawing in G1, SI between: player ["lqqk","","",""] xterm.js ["┌──┐","","",""]
TEXT
echo "as seen: origin mode or character sets are not restored"
