#!/usr/bin/env bash
# ndjson 0.3.1 (PyPI): loads() and load() put commas into strings in place of the characters U+2028, U+2029 and U+0085.
#
# NDJSON: a line is a JSON text, and ends with a line feed, which may have a carriage return in front of it. RFC 8259
# lets a string have all characters but '"', '\' and those below U+0020 as they are. json.dumps of Python writes these
# three so with ensure_ascii=False, and other languages do by default. The package has "the same api" as Python's json.
#
# * The text is split as str.splitlines() does it, which knows more ends of lines, and joined again with commas.
# * reader() of the same package reads lines from a file, and keeps the characters.
#
# jsonlines 4.0.0 reads the same file as it is.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ndjson==0.3.1 jsonlines==4.0.0

cat > read.py <<'PY'
import jsonlines
import ndjson

VALUES = ["plain", "a\u2028b", "a\u2029b", "a\u0085b"]

text = ndjson.dumps(VALUES, ensure_ascii=False)
with open("values.ndjson", "w", encoding="utf-8") as file:
    file.write(text)


def show(name, values):
    print(f"{name}: {' '.join(ascii(value) for value in values)}")


show("written", VALUES)
show("loads", ndjson.loads(text))
with open("values.ndjson", encoding="utf-8") as file:
    show("load", ndjson.load(file))
with open("values.ndjson", encoding="utf-8") as file:
    show("reader", ndjson.reader(file))
with jsonlines.open("values.ndjson") as lines:
    show("jsonlines", lines)
PY

seen=$(venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
written: 'plain' 'a\u2028b' 'a\u2029b' 'a\x85b'
loads: 'plain' 'a,b' 'a,b' 'a,b'
load: 'plain' 'a,b' 'a,b' 'a,b'
reader: 'plain' 'a\u2028b' 'a\u2029b' 'a\x85b'
jsonlines: 'plain' 'a\u2028b' 'a\u2029b' 'a\x85b'
TEXT
echo "as seen: strings have commas that nobody wrote"
