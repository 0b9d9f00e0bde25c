#!/usr/bin/env bash
# logfmt 0.4 (PyPI): a backslash inside quotes makes parse() take the closing quote for a part of the value. The value
# and all fields after it are lost.
#
# logfmt writes a value with spaces or quotes in quotes, and escapes quotes and backslashes in it with a backslash, as
# JSON does: path="C:\\dir". The package's own format() quotes every string.
#
# The parser notes a backslash and forgets the note only at the next quote. So "\\", "\n" and "\t" all make the next
# quote a literal one, however far away. The value goes on to the end of the line, where it is dropped: the key gets
# the value True, and the keys after it are missing. Nothing reports that. An escaped quote alone works.
#
# format() does not escape a backslash either, so what the package writes for {"path": "C:\\dir", "level": "error"}
# comes back without its level.
#
# logfmtkv 0.2.1, in its strict mode that follows go-logfmt, reads the same lines completely.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check logfmt==0.4 logfmtkv==0.2.1

cat > parse.py <<'PY'
import logfmt
import logfmtkv

LINES = (
    r'msg="say \"hi\"" level=error code=3',
    r'path="C:\\dir" level=error code=3',
    r'msg="two\nlines" level=error code=3',
)
for line in LINES:
    print(line)
    print("  logfmt:  ", next(iter(logfmt.parse([line]))))
    print("  logfmtkv:", logfmtkv.parse(line, strict=True))

values = {"path": "C:\\dir", "level": "error", "code": 3}
text = next(iter(logfmt.format(values)))
print("round trip:", text, "->", next(iter(logfmt.parse([text]))))
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
msg="say \"hi\"" level=error code=3
  logfmt:   {'msg': 'say "hi"', 'level': 'error', 'code': '3'}
  logfmtkv: {'msg': 'say "hi"', 'level': 'error', 'code': '3'}
path="C:\\dir" level=error code=3
  logfmt:   {'path': True}
  logfmtkv: {'path': 'C:\\dir', 'level': 'error', 'code': '3'}
msg="two\nlines" level=error code=3
  logfmt:   {'msg': True}
  logfmtkv: {'msg': 'two\nlines', 'level': 'error', 'code': '3'}
round trip: path="C:\dir" level="error" code=3 -> {'path': 'C:dir" level=', 'error': True, 'code': '3'}
TEXT
echo "as seen: one backslash costs the rest of the line"
