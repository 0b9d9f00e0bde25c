#!/usr/bin/env bash
# @nxmix/tokenize-ansi 3.0.0 and ansi-style-parser 3.0.2 (npm): of a sequence with several attributes, the first one is
# kept, or none.
#
# ECMA-48 (8.3.117) lets SGR have several parameters, "in the sequence specified by the parameter values": CSI 1;31 m is
# the same as CSI 1 m CSI 31 m, and CSI ;31 m the same as CSI 0;31 m. gcc, git, grep, ls and tput write both attributes
# in one. The first package is to "tokenize a string that includes ansi code", the second to "parse ANSI colors and
# styles"; both know each attribute alone.
#
# * tokenize-ansi gives the first: bold without red, a reset without what is set after it.
# * ansi-style-parser gives none, and also misses the reset at the start, so that the style of before goes on. Of a
#   hyperlink's address (OSC 8) it removes one letter, and the rest is text.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @nxmix/tokenize-ansi@3.0.0 ansi-style-parser@3.0.2 > /dev/null

cat > parse.js <<'JS'
const { default: tokenize } = require("@nxmix/tokenize-ansi");
const parse = require("ansi-style-parser");

for (const text of [
  "\x1b[1m\x1b[31mtext",
  "\x1b[1;31mtext",
  "\x1b[1;4;31mtext",
  "\x1b[32mgreen\x1b[0;1mtext",
  "\x1b[32mgreen\x1b[;31mtext",
  "\x1b[32mgreen\x1b[mtext",
  "\x1b]8;;http://x/\x1b\\text",
]) {
  console.log(JSON.stringify(text));
  console.log(`  tokenize-ansi ${JSON.stringify(tokenize(text))}`);
  console.log(`  ansi-style-parser ${JSON.stringify(parse(text))}`);
}
JS

seen=$(node parse.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[1m\u001b[31mtext"
  tokenize-ansi [["bold"],["red"],["text","text"]]
  ansi-style-parser [{"styles":["bold","red"],"text":"text"}]
"\u001b[1;31mtext"
  tokenize-ansi [["bold"],["text","text"]]
  ansi-style-parser [{"styles":[],"text":"text"}]
"\u001b[1;4;31mtext"
  tokenize-ansi [["bold"],["text","text"]]
  ansi-style-parser [{"styles":[],"text":"text"}]
"\u001b[32mgreen\u001b[0;1mtext"
  tokenize-ansi [["green"],["text","green"],["reset"],["text","text"]]
  ansi-style-parser [{"styles":["green"],"text":"green"},{"styles":["green"],"text":"text"}]
"\u001b[32mgreen\u001b[;31mtext"
  tokenize-ansi [["green"],["text","green"],["reset"],["text","text"]]
  ansi-style-parser [{"styles":["green"],"text":"green"},{"styles":["green"],"text":"text"}]
"\u001b[32mgreen\u001b[mtext"
  tokenize-ansi [["green"],["text","green"],["reset"],["text","text"]]
  ansi-style-parser [{"styles":["green"],"text":"green"},{"styles":[],"text":"text"}]
"\u001b]8;;http://x/\u001b\\text"
  tokenize-ansi [["text","\u001b]8;;http://x/\u001b\\text"]]
  ansi-style-parser [{"styles":[],"text":"ttp://x/\u001b\\text"}]
TEXT
echo "as seen: attributes are lost"
