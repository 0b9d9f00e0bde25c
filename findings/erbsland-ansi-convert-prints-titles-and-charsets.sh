#!/usr/bin/env bash
# erbsland-ansi-convert 0.9.1 (PyPI): the window title that a shell sets before each prompt is printed as text, and so
# is what "tput sgr0" writes to select a character set.
#
# ECMA-48: OSC begins a string that ends with ST (or, as xterm has it, with BEL); none of it is shown. ISO 2022: ESC (
# and one more character select a character set; with "0" it is the one of lines and corners. The package makes text,
# HTML and ANSI of captured terminal output, "close to what users see in a real terminal". What it does not support
# can "be reported as warnings".
#
# * Of OSC only the first two characters are left out. A link (OSC 8) leaves its address in the text.
# * Of ESC ( the character after it is printed, and lines stay letters.
#
# pyavt 0.1.2, the terminal of asciinema, shows what is meant.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check erbsland-ansi-convert==0.9.1 pyavt==0.1.2

cat > show.py <<'PY'
import avt
from erbsland.ansi_convert import Terminal

OUTPUT = {
    "prompt": "\x1b]0;user@host: ~\x07$ ls",
    "ST": "\x1b]2;title\x1b\\text",
    "link": "\x1b]8;;https://example.com\x1b\\here\x1b]8;;\x1b\\.",
    "tput sgr0": "\x1b[1mbold\x1b(B\x1b[m text",
    "lines": "\x1b(0lqqk\x1b(B",
    "device control": "\x1bP$q m\x1b\\text",
}

for name, output in OUTPUT.items():
    screen, terminal = avt.Vt(40, 2), Terminal(width=40, height=2, back_buffer_height=10)
    screen.feed_str(output)
    terminal.write(output)
    print(f"{name}: {terminal.to_text().strip()!r}, pyavt: {screen.text()[0].strip()!r}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
prompt: '0;user@host: ~$ ls', pyavt: '$ ls'
ST: '2;titletext', pyavt: 'text'
link: '8;;https://example.comhere8;;.', pyavt: 'here.'
tput sgr0: 'boldB text', pyavt: 'bold text'
lines: '0lqqkB', pyavt: '┌──┐'
device control: '$q mtext', pyavt: 'text'
TEXT
echo "as seen: text is shown that no terminal shows"
