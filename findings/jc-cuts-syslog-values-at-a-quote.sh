#!/usr/bin/env bash
# jc 1.26.1 (PyPI): "jc --syslog" ends a value of structured data at the first quote inside of it, and an element
# without parameters loses its name.
#
# RFC 5424, 6.3.3: a quote inside a value is written \". In the grammar an element is "[" SD-ID *(SP SD-PARAM) "]", a
# name with any number of parameters, also none. The parser is for RFC 5424.
#
# * The value ends at the quote, although it is escaped, and what follows is left out.
# * identity is null, where there is nothing but the name.
#
# The parser of syslog2cef 0.3.3 reads the values to their ends, and syslog-rfc5424-parser 0.3.2 has the names.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
  jc==1.26.1 syslog2cef==0.3.3 syslog-rfc5424-parser==0.3.2 lark==1.3.1

cat > parse.py <<'PY'
import jc
from syslog_rfc5424_parser import SyslogMessage
from syslogcef.parsers import parse_rfc5424

HEADER = "<165>1 2003-10-11T22:14:15.003Z host app 12 ID47"
QUOTED = HEADER + r' [a@32473 text="say \"hi\" twice" other="b"] message'
NAMED = HEADER + ' [marked@32473][a@32473 other="b"] message'

for line in (QUOTED, NAMED):
    (event,) = jc.parse("syslog", line)
    print(f"jc: {event['structured_data']}")
print(f"syslog2cef: {parse_rfc5424(QUOTED).sd}")
print(f"syslog-rfc5424-parser: {SyslogMessage.parse(NAMED).sd}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
jc: [{'identity': 'a@32473', 'parameters': {'text': 'say ', 'other': 'b'}}]
jc: [{'identity': None, 'parameters': {}}, {'identity': 'a@32473', 'parameters': {'other': 'b'}}]
syslog2cef: {'a@32473.text': 'say "hi" twice', 'a@32473.other': 'b'}
syslog-rfc5424-parser: {'marked@32473': {}, 'a@32473': {'other': 'b'}}
TEXT
echo "as seen: values are cut, and names are missing"
