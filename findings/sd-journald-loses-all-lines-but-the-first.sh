#!/usr/bin/env bash
# sd-journald 0.3.3 (npm): a message of several lines breaks the entry: the journal gets its first line, and lines with
# "=" become fields. Values with several lines are cut where they have letters that are no ASCII.
#
# systemd's documentation of the native journal protocol: a field is NAME=value and a line feed. If the value has a line
# feed itself, the field is the name, a line feed, the length of the value in bytes (64 bits, little-endian), the value,
# and a line feed. Names have letters, digits and underscores.
#
# * MESSAGE is always written in the first way. A stack trace is its first line; the next one begins no field, so the
#   rest of the entry cannot be read, with the name of the program in it.
# * For other fields the length is counted in characters, and the buffer has as many bytes: the end is missing.
# * A name of one letter is refused with a warning. A name with a dash is written, and journald drops the field.
#
# createBuffer() makes what send() gives to the socket. The small reader below follows the documentation.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts sd-journald@0.3.3 > /dev/null

cat > write.cjs <<'JS'
const { createBuffer } = require("sd-journald/dist/internal/internal");

const entries = [
  ["one line", { UNIT: "web" }],
  ["Error: no file\n    at open (app.js:1)\n    at main (app.js:9)", { UNIT: "web" }],
  ["settings:\nUNIT=db", { UNIT: "web" }],
  ["one line", { TEXT: "one\ntwo", UNIT: "web" }],
  ["one line", { TEXT: "eins\nzwölf Äpfel", UNIT: "web" }],
  ["one line", { X: "1", "SPAN-ID": "2", UNIT: "web" }],
];
process.removeAllListeners("warning");
console.log(
  JSON.stringify(
    entries.map(([message, fields]) => [
      Object.entries({ MESSAGE: message, ...fields }),
      createBuffer(6, message, Object.entries(fields)).toString("base64"),
    ]),
  ),
);
JS
cat > read.py <<'PY'
import base64
import json
import re
import sys


def read(data):
    fields = []
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            length = int.from_bytes(data[:8], "little")
            value, end, data = data[8 : 8 + length], data[8 + length : 9 + length], data[9 + length :]
            if end != b"\n":
                return [*fields, "(cannot be read)"]
        if re.fullmatch(rb"[A-Z][A-Z0-9_]*", name) and name != b"PRIORITY":
            fields.append(f"{name.decode()}={value.decode(errors='replace')!r}")
    return fields


for meant, written in json.load(sys.stdin):
    print(f"meant: {', '.join(f'{name}={value!r}' for name, value in meant)}")
    print(f" read: {', '.join(read(base64.b64decode(written)))}")
PY

seen=$(node --no-warnings write.cjs | python3 read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
meant: MESSAGE='one line', UNIT='web'
 read: MESSAGE='one line', UNIT='web'
meant: MESSAGE='Error: no file\n    at open (app.js:1)\n    at main (app.js:9)', UNIT='web'
 read: MESSAGE='Error: no file', (cannot be read)
meant: MESSAGE='settings:\nUNIT=db', UNIT='web'
 read: MESSAGE='settings:', UNIT='db', UNIT='web'
meant: MESSAGE='one line', TEXT='one\ntwo', UNIT='web'
 read: MESSAGE='one line', TEXT='one\ntwo', UNIT='web'
meant: MESSAGE='one line', TEXT='eins\nzwölf Äpfel', UNIT='web'
 read: MESSAGE='one line', TEXT='eins\nzwölf Äpf', UNIT='web'
meant: MESSAGE='one line', X='1', SPAN-ID='2', UNIT='web'
 read: MESSAGE='one line', UNIT='web'
TEXT
echo "as seen: the journal has other entries"
