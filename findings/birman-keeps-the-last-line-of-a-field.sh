#!/usr/bin/env bash
# birman 0.0.2 (PyPI): of a form field with several lines the last one is left, a file has the boundary at its end, and
# of two fields with one name the first is lost.
#
# The package is a "Multipart formdata decoder library". In RFC 2046 the body of a part is all that is between the empty
# line and the line end before the next boundary. In RFC 7578 several parts may have one name, and Content-Type is
# optional. Names of headers are the same in any case.
#
# * A value is split at line ends, and its last piece is taken. A text area loses all lines but one.
# * What follows the headers of a file is its content, up to the header of the next part.
# * With headers in small letters there are no fields.
#
# urllib3 2.5.0 writes the form.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check birman==0.0.2 urllib3==2.5.0

cat > decode.py <<'PY'
from birman import Decoder
from urllib3 import encode_multipart_formdata

FIELDS = [
    ("note", "first line\r\nsecond line"),
    ("tag", "red"),
    ("tag", "blue"),
    ("file", ("a.txt", "one\r\ntwo\r\n", "text/plain")),
]
body, _ = encode_multipart_formdata(FIELDS, boundary="boundary")
for name, field in Decoder(body).decode().items():
    print(f"{name}: {field['value']}")
small = body.replace(b"Content-Disposition", b"content-disposition")
print(f"small letters: {Decoder(small).decode()}")
PY

seen=$(venv/bin/python decode.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
note: second line
tag: blue
file: {'filename': 'a.txt', 'mimetype': 'text/plain', 'file_data': b'one\r\ntwo\r\n\r\n--boundary--\r\n'}
small letters: {}
TEXT
echo "as seen: lines are lost, and a boundary is content"
