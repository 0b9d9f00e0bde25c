#!/usr/bin/env bash
# h1parser 0.1 (PyPI): remove() keeps every second one of the headers that it is to remove, a response without a reason
# has the status 0, and a date in a header is two values.
#
# The package "supports parsing both the request and response headers" and modifying them with "remove(), append(),
# save()". RFC 9112 has an optional reason after the status code, and says that white space around a value is no part of
# it. In RFC 9110 dates have a comma, and Set-Cookie is no list.
#
# * Headers are deleted from the list while it is read, so the one after a deleted one is not looked at. What save()
#   returns still has it, while is_valid_response is true.
# * The status line is split into four parts. If there are three, its version and status are empty.
# * One space before a value is removed, other white space before and after it is not.
# * getlist() splits all headers at commas.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check h1parser==0.1

cat > parse.py <<'PY'
from h1parser import ParseHeader

COOKIES = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nSet-Cookie: c=3\r\nSet-Cookie: d=4\r\n\r\n"
for times in (1, 2):
    parsed = ParseHeader(COOKIES)
    for _ in range(times):
        parsed.remove(b"set-cookie")
    print(f"removed {times} times: {bytes(parsed.save())}")

for line in (b"HTTP/1.1 204 No Content", b"HTTP/1.1 204 ", b"HTTP/1.1 204"):
    parsed = ParseHeader(line + b"\r\nServer: a\r\n\r\n")
    print(f"{line}: valid {parsed.is_valid_response}, status {parsed.getstatus()}")

EXPIRES = b"Wed, 21 Oct 2026 07:28:00 GMT"
parsed = ParseHeader(b"HTTP/1.1 200 OK\r\nExpires: " + EXPIRES + b"\r\nLength:\t 5 \r\n\r\n")
print(f"Expires: {[bytes(value) for value in parsed.headers.getlist(b'expires')]}")
print(f"Length: {bytes(parsed.headers[b'length'])}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
removed 1 times: b'HTTP/1.1 200 OK\r\nset-cookie: b=2\r\nset-cookie: d=4\r\n\r\n'
removed 2 times: b'HTTP/1.1 200 OK\r\nset-cookie: d=4\r\n\r\n'
b'HTTP/1.1 204 No Content': valid True, status 204
b'HTTP/1.1 204 ': valid False, status 0
b'HTTP/1.1 204': valid False, status 0
Expires: [b'Wed', b'21 Oct 2026 07:28:00 GMT']
Length: b'\t 5 '
TEXT
echo "as seen: headers are left, and statuses are lost"
