#!/usr/bin/env bash
# wrap-ansi 7.0.0, 8.1.0 and 9.0.2 (npm): the text of a hyperlink is written twice if it begins a new line while a
# colour is set by a sequence with several parameters. 10.0.2 is right.
#
# The package wraps text with escape sequences; line ends may be added, and sequences, but the words stay. Most programs
# have one of these versions: cliui (and so yargs) and log-update ask for 7 to 9. A palette colour has several
# parameters (CSI 38;5;9 m), and gcc, ls and grep write bold and red as one sequence (CSI 1;31 m).
#
# For each line break the package looks at what follows the break, to close and reopen sequences. It does not know a
# sequence with several parameters there, and takes the link that it finds next for one that is open already. What
# it writes to reopen that link has the link's text in it: "docs" becomes "docsdocs". With CSI 31 m, which has one
# parameter, or without a colour, all is well.
#
# fast-wrap-ansi 0.2.2, which has the same interface, writes it once.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save wrap7@npm:wrap-ansi@7.0.0 wrap8@npm:wrap-ansi@8.1.0 \
  wrap9@npm:wrap-ansi@9.0.2 wrap10@npm:wrap-ansi@10.0.2 fast-wrap-ansi@0.2.2 > /dev/null

cat > wrap.mjs <<'JS'
import { wrapAnsi } from "fast-wrap-ansi";
import wrap10 from "wrap10";
import wrap7 from "wrap7";
import wrap8 from "wrap8";
import wrap9 from "wrap9";

const link = "\x1b]8;;http://localhost/\x07docs\x1b]8;;\x07";
const visible = (text) => text.replace(/\x1b\[[0-9;]*m|\x1b\]8;;[^\x07]*\x07/g, "");
const versions = { "7.0.0": wrap7, "8.1.0": wrap8, "9.0.2": wrap9, "10.0.2": wrap10, "fast-wrap-ansi": wrapAnsi };
for (const colour of ["\x1b[31m", "\x1b[1;31m", "\x1b[38;5;9m"]) {
  const text = `${colour}error: see ${link} for help\x1b[0m`;
  for (const [name, wrap] of Object.entries(versions))
    console.log(`${JSON.stringify(colour)} ${name}: ${JSON.stringify(visible(wrap(text, 10)))}`);
}
JS

seen=$(node wrap.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
"\u001b[31m" 7.0.0: "error: see\ndocs for\nhelp"
"\u001b[31m" 8.1.0: "error: see\ndocs for\nhelp"
"\u001b[31m" 9.0.2: "error: see\ndocs for\nhelp"
"\u001b[31m" 10.0.2: "error: see\ndocs for\nhelp"
"\u001b[31m" fast-wrap-ansi: "error: see\ndocs for\nhelp"
"\u001b[1;31m" 7.0.0: "error: see\ndocsdocs for\nhelp"
"\u001b[1;31m" 8.1.0: "error: see\ndocsdocs for\nhelp"
"\u001b[1;31m" 9.0.2: "error: see\ndocsdocs for\nhelp"
"\u001b[1;31m" 10.0.2: "error: see\ndocs for\nhelp"
"\u001b[1;31m" fast-wrap-ansi: "error: see\ndocs for\nhelp"
"\u001b[38;5;9m" 7.0.0: "error: see\ndocsdocs for\nhelp"
"\u001b[38;5;9m" 8.1.0: "error: see\ndocsdocs for\nhelp"
"\u001b[38;5;9m" 9.0.2: "error: see\ndocsdocs for\nhelp"
"\u001b[38;5;9m" 10.0.2: "error: see\ndocs for\nhelp"
"\u001b[38;5;9m" fast-wrap-ansi: "error: see\ndocs for\nhelp"
TEXT
echo "as seen: links are written twice"
