#!/usr/bin/env bash
# nagu 1.0.0 (npm): text in reverse video is shown with its letters in reverse order, and the attributes of one text go
# on in the next.
#
# SGR 7 is "negative image" (ECMA-48, 8.3.117): the colours of text and background are swapped, and the letters stay
# where they are. less marks what it has found so. The package converts "ANSI/VT100 formatted text to html" for a page,
# one text with one call of html().
#
# * For SGR 7 the page gets "direction: rtl; unicode-bidi: bidi-override". CSS Writing Modes (unicode-bidi) says that
#   the order of the characters is then strictly that of the direction, here from right to left: "cba" is what one sees.
# * SGR 22 ends bold. Here the text stays bold. SGR 24, 27 and 39, which end others, are known.
# * The attributes at the end of a text are still set in the next call, for another text.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save nagu@1.0.0 > /dev/null

cat > convert.js <<'JS'
const nagu = require("nagu");

for (const text of [
  "\x1b[7mabc\x1b[27m",
  "\x1b[32mgreen\x1b[39m plain",
  "\x1b[0m\x1b[1mbold\x1b[22m plain",
  "\x1b[4mnext",
]) console.log(`${JSON.stringify(text)}\n  ${nagu.html(text)}`);
JS

seen=$(node convert.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[7mabc\u001b[27m"
  <span style="direction: rtl; unicode-bidi: bidi-override;">abc</span><span style="">
"\u001b[32mgreen\u001b[39m plain"
  <span style="color: #0c0;">green</span><span style=""> plain
"\u001b[0m\u001b[1mbold\u001b[22m plain"
  <span style="font-weight: bold;">bold</span><span style="font-weight: bold;"> plain
"\u001b[4mnext"
  </span><span style="font-weight: bold;text-decoration: underline;">next
TEXT
echo "as seen: reversed text is written backwards"
