#!/usr/bin/env bash
# @xterm/addon-unicode-graphemes 0.4.0 with @xterm/headless 6.0.0: in Node.js the addon makes all characters beyond
# U+FFFF one column wide and joins none of them, Chinese ones too, which are right without the addon.
#
# The addon gives xterm.js the widths and grapheme clusters of Unicode 15: an emoji takes two columns, and so do a flag
# of two letters and a family of several people. In a browser it does. The headless terminal in Node.js is what servers
# use to keep the screens of their sessions. If it has other widths than the page, the text behind an emoji is in
# other columns there.
#
# The addon's table is in base64. Where Buffer exists the addon takes it, and reads the head of the table from
# buffer.buffer at 0. A small Buffer is a part of a larger memory (Node.js, Buffer.poolSize), so what is read belongs to
# something else: here the table seems to end before U+10000. In a program that has used Buffers before, it is something
# else again.
#
# With Buffer hidden while the addon is loaded, it takes atob(), as in a browser, and all widths are right.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 @xterm/addon-unicode-graphemes@0.4.0 \
  > /dev/null

cat > widths.cjs <<'JS'
const { Terminal } = require("@xterm/headless");

const [how] = process.argv.slice(2);
const { Buffer } = globalThis;
if (how === "addon, without Buffer") globalThis.Buffer = undefined;
const { UnicodeGraphemesAddon } = how === "no addon" ? {} : require("@xterm/addon-unicode-graphemes");
globalThis.Buffer = Buffer;

(async () => {
  const seen = [];
  // A watch (U+231A), thumbs up, a Chinese character of plane 2, a flag, a family of three.
  const texts = ["\u231a", "\u{1f44d}", "\u{2000b}", "\u{1f1e9}\u{1f1ea}", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"];
  for (const text of texts) {
    const terminal = new Terminal({ cols: 20, rows: 1, allowProposedApi: true });
    if (UnicodeGraphemesAddon) terminal.loadAddon(new UnicodeGraphemesAddon());
    await new Promise((done) => terminal.write(text, done));
    seen.push(terminal.buffer.active.cursorX);
  }
  console.log(`${how}: ${seen.join(" ")} columns`);
})();
JS

seen=$(for how in "no addon" "addon" "addon, without Buffer"; do node widths.cjs "$how"; done)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
no addon: 1 1 2 2 3 columns
addon: 2 1 1 2 3 columns
addon, without Buffer: 2 2 2 2 2 columns
TEXT
echo "as seen: emoji are narrow, and in pieces"
