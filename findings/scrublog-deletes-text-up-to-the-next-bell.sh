#!/usr/bin/env bash
# scrublog 0.1.0 (PyPI): a title that ends with ESC \ takes all text up to the next bell with it, and a stream that is
# read between ESC and \ prints the address of a link.
#
# The package strips escape sequences, keeps the text, and "safely handles incomplete / split escape sequences at end of
# input and across stream chunks". In ECMA-48 an operating system command ends with the string terminator ESC \, where
# xterm also takes a bell; what follows the first of them is text.
#
# * The pattern takes ESC \ for a part of the title if a bell, or another ESC \, comes later in a text without other
#   sequences. Lines are lost. Where the chunks are cut otherwise the same text is there.
# * At the end of a chunk the ESC of the terminator is held back alone, and removed when the backslash comes. The start
#   of the link is then a sequence without an end, which is printed.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check scrublog==0.1.0

cat > strip.py <<'PY'
from scrublog import clean, stream_iter

TITLE = "\x1b]0;make\x1b\\Error 1\nError 2\n\x07done\n"
LINK = "see \x1b]8;;https://example.org/\x1b\\docs\x1b]8;;\x1b\\\n"

print(f"title: {clean(TITLE)!r}")
print(f"title, with a bell at its end: {clean(TITLE.replace(chr(27) + chr(92), chr(7)))!r}")
print(f"link: {clean(LINK)!r}")
for name, text in (("title", TITLE), ("link", LINK)):
    seen = {}
    for at in range(1, len(text)):
        seen.setdefault("".join(stream_iter([text[:at], text[at:]])), []).append(at)
    for result, places in seen.items():
        print(f"{name}, cut at {len(places)} of {len(text) - 1} places: {result!r}")
PY

seen=$(venv/bin/python strip.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
title: 'done\n'
title, with a bell at its end: 'Error 1\nError 2\n\x07done\n'
link: 'see docs\n'
title, cut at 13 of 31 places: 'done\n'
title, cut at 1 of 31 places: '\x1b]0;makeError 1\nError 2\n\x07done\n'
title, cut at 17 of 31 places: 'Error 1\nError 2\n\x07done\n'
link, cut at 40 of 42 places: 'see docs\n'
link, cut at 1 of 42 places: 'see \x1b]8;;https://example.org/docs\n'
link, cut at 1 of 42 places: 'see docs\x1b]8;;\n'
TEXT
echo "as seen: text is lost, and addresses are printed"
