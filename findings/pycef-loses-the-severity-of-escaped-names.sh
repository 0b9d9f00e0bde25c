#!/usr/bin/env bash
# pycef 1.11 (PyPI): with a backslash or an equals sign in the name of an event, the name is empty, the severity is
# missing, and the first field has the rest of the header in its key. Escapes stay in all values, and of two custom
# fields with one label one is lost.
#
# The Common Event Format (CEF) has seven header fields between pipes. In the header a pipe and a backslash are escaped
# with a backslash, and an equals sign is not. In a value an equals sign and a backslash are escaped. "parse" of the
# package is to return the keys "as defined in the CEF format documentation", Name and Severity among them, and None
# for what is no CEF.
#
# * The header is taken to end before the first field that has a backslash or an equals sign.
# * Values are returned as they are written.
# * cs1Label names cs1. The label becomes the key, also where it is a key already.
#
# cefp 0.0.2 reads the first four lines as they are meant.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pycef==1.11 cefp==0.0.2

cat > parse.py <<'PY'
import cefp
import pycef

HEADER = "CEF:0|vendor|product|1.0|100|"
PLAIN = HEADER + "login|7|src=192.0.2.1 act=blocked"
PIPE = HEADER + r"login \| root|7|src=192.0.2.1 act=blocked"
BACKSLASH = HEADER + r"login of DOMAIN\\root|7|src=192.0.2.1 act=blocked"
EQUALS = HEADER + r"user=root|7|src=192.0.2.1 act=a\=b"
LABELS = HEADER + "login|7|cs1Label=Rule cs1=one cs2Label=Rule cs2=two msg=text cs3Label=msg cs3=three"

HEAD = {"Name", "Severity", "CEFVersion"}


def fields(found):
    return {key: found[key] for key in found if key not in HEAD and not key.startswith("Device")}


for line in (PLAIN, PIPE, BACKSLASH, EQUALS):
    found = cefp.parse(line)
    print(f"cefp:  {found['name']!r} {found['severity']} {found['extension']}")
    found = pycef.parse(line)
    print(f"pycef: {found['Name']!r} {found.get('Severity')} {fields(found)}")
print(f"labels: {fields(pycef.parse(LABELS))}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
cefp:  'login' 7 {'src': '192.0.2.1', 'act': 'blocked'}
pycef: 'login' 7 {'src': '192.0.2.1', 'act': 'blocked'}
cefp:  'login | root' 7 {'src': '192.0.2.1', 'act': 'blocked'}
pycef: '' None {'root|7|src': '192.0.2.1', 'act': 'blocked'}
cefp:  'login of DOMAIN\\root' 7 {'src': '192.0.2.1', 'act': 'blocked'}
pycef: '' None {'DOMAIN\\\\root|7|src': '192.0.2.1', 'act': 'blocked'}
cefp:  'user=root' 7 {'src': '192.0.2.1', 'act': 'a=b'}
pycef: '' None {'root|7|src': '192.0.2.1', 'act': 'a\\=b'}
labels: {'msg': 'three', 'Rule': 'two'}
TEXT
echo "as seen: names, severities and values are lost"
