#!/usr/bin/env bash
# @xterm/addon-clipboard 0.2.0 with @xterm/headless 6.0.0: OSC 52 sets the clipboard only if the selection is written as
# "c" and nothing else. Without a selection, as tmux and others send it, or with several, nothing happens.
#
# xterm's control sequences say of OSC 52 ; Pc ; Pd: "Pc, may contain zero or more characters from the set c, p, q, s,
# 0 to 7", a list of the places to set; "if the parameter is empty, xterm uses s 0", which stands for the configured
# selection. A page has no other than its clipboard.
#
# The addon hands the whole list to its provider as if it were one selection. The provider that it comes with compares
# it with "c". A copy with "52;;" or "52;pc;" is lost without a sign: the clipboard keeps its old text, and the next
# paste inserts that. A provider of one's own gets "pc", which is none of the values of ClipboardSelectionType.
#
# Seen with Node 20.20 and a clipboard that the script plays. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 @xterm/addon-clipboard@0.2.0 > /dev/null

cat > copy.cjs <<'JS'
globalThis.self = globalThis; // the addon is made for a page
let clipboard;
const page = {
  readText: async () => clipboard,
  writeText: async (text) => {
    clipboard = text;
  },
};
Object.defineProperty(globalThis, "navigator", { value: { clipboard: page }, configurable: true });
const { Terminal } = require("@xterm/headless");
const { ClipboardAddon } = require("@xterm/addon-clipboard");

(async () => {
  for (const selection of ["c", "", "pc", "cs"]) {
    clipboard = "old text";
    const terminal = new Terminal({ allowProposedApi: true });
    terminal.loadAddon(new ClipboardAddon());
    const data = `\x1b]52;${selection};${btoa("new text")}\x07`;
    await new Promise((done) => terminal.write(data, done));
    console.log(`${JSON.stringify(data)}: ${clipboard}`);
  }
})();
JS

seen=$(node copy.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b]52;c;bmV3IHRleHQ=\u0007": new text
"\u001b]52;;bmV3IHRleHQ=\u0007": old text
"\u001b]52;pc;bmV3IHRleHQ=\u0007": old text
"\u001b]52;cs;bmV3IHRleHQ=\u0007": old text
TEXT
echo "as seen: only a selection of c alone is copied"
