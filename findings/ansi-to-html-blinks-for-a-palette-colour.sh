#!/usr/bin/env bash
# ansi-to-html 0.7.2 and fancy-ansi 0.1.3: a palette or RGB colour (SGR 38, 48) works only if nothing else is in the
# same sequence.
#
# ECMA-48 lets one SGR sequence have any number of parameters, in order: CSI 0;38;5;246 m resets, then takes palette
# entry 246. ls writes such sequences for LS_COLORS entries like "01;38;5;33". It is the same as CSI 0 m CSI 38;5;246 m.
# Both packages know the colours when they come alone.
#
# * ansi-to-html takes each number for an attribute of its own. 5, which says "palette", turns on blinking; 1 to 4 as
#   a palette entry, or as a part of an RGB colour, give bold, italics or underline. The colour is lost.
# * fancy-ansi loses the colour and the attributes after it.
#
# ansi_up 6.0.6 reads both forms alike.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save ansi-to-html@0.7.2 fancy-ansi@0.1.3 ansi_up@6.0.6 > /dev/null

cat > colours.mjs <<'JS'
import Convert from "ansi-to-html";
import { AnsiUp } from "ansi_up";
import { FancyAnsi } from "fancy-ansi";

for (const sequence of ["38;5;246", "0;38;5;246", "38;5;246;1", "38;2;1;2;3", "38;2;1;2;3;1"]) {
  const text = `\x1b[${sequence}mx`;
  console.log(`${sequence} ansi-to-html: ${new Convert().toHtml(text)}`);
  console.log(`${sequence} fancy-ansi: ${new FancyAnsi().toHtml(text)}`);
  console.log(`${sequence} ansi_up: ${new AnsiUp().ansi_to_html(text)}`);
}
JS

seen=$(node colours.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
38;5;246 ansi-to-html: <span style="color:#949494">x</span>
38;5;246 fancy-ansi: <span style="color:var(--ansi-gray-10, rgb(148,148,148));">x</span>
38;5;246 ansi_up: <span style="color:rgb(148,148,148)">x</span>
0;38;5;246 ansi-to-html: <blink>x</blink>
0;38;5;246 fancy-ansi: x
0;38;5;246 ansi_up: <span style="color:rgb(148,148,148)">x</span>
38;5;246;1 ansi-to-html: <blink><b>x</b></blink>
38;5;246;1 fancy-ansi: x
38;5;246;1 ansi_up: <span style="font-weight:bold;color:rgb(148,148,148)">x</span>
38;2;1;2;3 ansi-to-html: <span style="color:#010203">x</span>
38;2;1;2;3 fancy-ansi: <span style="color:rgb(1,2,3);">x</span>
38;2;1;2;3 ansi_up: <span style="color:rgb(1,2,3)">x</span>
38;2;1;2;3;1 ansi-to-html: <b><i><b>x</b></i></b>
38;2;1;2;3;1 fancy-ansi: x
38;2;1;2;3;1 ansi_up: <span style="font-weight:bold;color:rgb(1,2,3)">x</span>
TEXT
echo "as seen: a colour that shares its sequence is lost, and blinks"
