#!/usr/bin/env bash
# fastjsonlreader 0.1.0 (PyPI): two files with one name in two folders share the list of where their lines are, so the
# second one is read at the places of the first. After a file has grown its new lines are not there.
#
# The package reads any line of a JSONL file, with an index that is kept in ~/.fastjsoncache, and has "len(reader):
# number of lines in the file" and "reader[0]: first JSON object". The index is built once, and used again; the
# documentation does not say that it is made for a name.
#
# * The index of /logs/a/data.jsonl and the one of /logs/b/data.jsonl is data.jsonl.bcl. It holds no path, size or time.
# * A place in the middle of a line is read to the end of that line, and a number or a string is JSON as well.
# * Lines that end with CR LF are counted as one byte shorter than they are.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check fastjsonlreader==0.1.0

cat > read.py <<'PY'
import pathlib

from fastjsonlreader import FastJSONLReader


def show(name, path):
    reader = FastJSONLReader(str(path))
    found = []
    for number in range(len(reader)):
        try:
            found.append(reader[number])
        except ValueError as error:
            found.append(type(error).__name__)
    lines = path.read_text().splitlines()
    print(f"{name}, lines: {lines}")
    print(f"{name}, reader: {found}")


for name, text in (("a", "10\n20\n"), ("b", "1000\n2000\n3000\n")):
    path = pathlib.Path(name, "data.jsonl")
    path.parent.mkdir()
    path.write_text(text)
    show(name, path)
grown = pathlib.Path("grown.jsonl")
grown.write_text("1\n")
show("before", grown)
grown.write_text("1\n2\n")
show("after", grown)
windows = pathlib.Path("windows.jsonl")
windows.write_bytes(b'"one"\r\n"two"\r\n"three"\r\n')
show("CR LF", windows)
PY

seen=$(venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
a, lines: ['10', '20']
a, reader: [10, 20]
b, lines: ['1000', '2000', '3000']
b, reader: [1000, 0]
before, lines: ['1']
before, reader: [1]
after, lines: ['1', '2']
after, reader: [1]
CR LF, lines: ['"one"', '"two"', '"three"']
CR LF, reader: ['one', 'JSONDecodeError', 'JSONDecodeError']
TEXT
echo "as seen: other values are read"
