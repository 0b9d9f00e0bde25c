#!/usr/bin/env bash
# ansiscape 1.2.0 (PyPI): ESC[0m ends the background colour only. Text after it is red and bold still, and ESC[m ends
# nothing.
#
# The package interprets escape codes, and writes "fully resolved strings and explanatory JSON". In ECMA-48 the value 0
# of SGR is the "default rendition" and "cancels the effect of any preceding occurrence of SGR"; it is also the value of
# a missing parameter.
#
# * 0 is looked up among the codes of all attributes, and the first one that knows it is the background. A Sequence that
#   is written again has ESC[49m in its place.
# * ESC[m stays text, and ESC[;1m raises a ValueError.
#
# Its own functions write 38;5;8 for a bright colour; codes 90 to 107, which most programs write, raise a KeyError.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ansiscape==1.2.0

cat > interpret.py <<'PY'
import io

from ansiscape import Sequence

for text in (
    "\x1b[31;1mred\x1b[0m plain",
    "\x1b[31;44mred\x1b[0m plain",
    "\x1b[4mline\x1b[0;7mturned",
    "\x1b[31mred\x1b[m plain",
    "\x1b[31mred\x1b[;1m bold",
    "\x1b[91mbright",
):
    try:
        sequence = Sequence(text)
    except Exception as error:
        print(f"{text!r}: {error!r}")
        continue
    output = io.StringIO()
    sequence.write_json(output)
    print(f"{text!r}: {str(sequence)!r}")
    print(f"  {output.getvalue().strip()}")
PY

seen=$(venv/bin/python interpret.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
'\x1b[31;1mred\x1b[0m plain': '\x1b[31;1mred\x1b[49m plain'
  [{"foreground": 1, "weight": 1},"red",{"background": -1}," plain"]
'\x1b[31;44mred\x1b[0m plain': '\x1b[44;31mred\x1b[49m plain'
  [{"background": 4, "foreground": 1},"red",{"background": -1}," plain"]
'\x1b[4mline\x1b[0;7mturned': '\x1b[4mline\x1b[49;7mturned'
  [{"underline": 1},"line",{"background": -1, "invert": true},"turned"]
'\x1b[31mred\x1b[m plain': '\x1b[31mred\x1b[m plain'
  [{"foreground": 1},"red\u001b[m plain"]
'\x1b[31mred\x1b[;1m bold': ValueError("invalid literal for int() with base 10: ''")
'\x1b[91mbright': KeyError(91)
TEXT
echo "as seen: what is reset goes on"
