#!/usr/bin/env bash
# syslog-rfc5424-parser 0.3.2 (PyPI): values of structured data keep the backslashes of their escapes, of a repeated
# parameter only the last value is there, a PROCID of digits loses its zeros, and a value of two lines is refused.
#
# RFC 5424, 6.3.3: inside a value the characters '"', '\' and ']' are escaped with a backslash, so that they are not
# read as the end of the value. A parameter may be repeated in an element: ip of origin is, for several addresses. A
# value may have any other octet, a line feed among them. PROCID (6.2.6) is text.
#
# * parse() cuts the quotes off, and leaves what is inside as it is. str() does not escape either: of a message that is
#   made with a quote in a value, parse() refuses what str() wrote.
# * The parameters of an element are a dictionary, and a PROCID of digits an integer.
#
# The parser of syslog2cef 0.3.3 reads the escapes.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
  syslog-rfc5424-parser==0.3.2 lark==1.3.1 syslog2cef==0.3.3

cat > parse.py <<'PY'
from syslog_rfc5424_parser import ParseError, SyslogMessage
from syslog_rfc5424_parser.constants import SyslogFacility, SyslogSeverity
from syslogcef.parsers import parse_rfc5424

HEADER = "<165>1 2003-10-11T22:14:15.003Z host app"
ESCAPED = HEADER + r' - - [a@32473 path="C:\\x" say="\"hi\" [1\]"] text'
TWICE = HEADER + ' - - [origin ip="192.0.2.1" ip="192.0.2.129"]'
ZEROS = HEADER + " 0012 - - text"
LINES = HEADER + ' - - [a@32473 stack="one\ntwo"] text'

print(f"escaped: {SyslogMessage.parse(ESCAPED).sd}")
print(f"escaped, syslog2cef: {parse_rfc5424(ESCAPED).sd}")
print(f"twice: {SyslogMessage.parse(TWICE).sd}")
print(f"zeros: {SyslogMessage.parse(ZEROS).procid!r}, written again: {SyslogMessage.parse(ZEROS)}")
try:
    print(f"two lines: {SyslogMessage.parse(LINES).sd}")
except ParseError as error:
    print(f"two lines: {error.description}")
made = SyslogMessage(
    SyslogSeverity.notice, SyslogFacility.local4, sd={"a@32473": {"say": 'say "hi" twice'}}, msg="text"
)
print(f"made: {made}")
try:
    print(f"made, read again: {SyslogMessage.parse(str(made)).sd}")
except ParseError as error:
    print(f"made, read again: {error.description}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
escaped: {'a@32473': {'path': 'C:\\\\x', 'say': '\\"hi\\" [1\\]'}}
escaped, syslog2cef: {'a@32473.path': 'C:\\x', 'a@32473.say': '"hi" [1]'}
twice: {'origin': {'ip': '192.0.2.129'}}
zeros: 12, written again: <165>1 2003-10-11T22:14:15.003Z host app 12 - - text
two lines: Unable to parse message
made: <165>1 - - - - - [a@32473 say="say "hi" twice"] text
made, read again: Unable to parse message
TEXT
echo "as seen: values are not those of the message"
