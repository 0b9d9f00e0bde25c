#!/usr/bin/env bash
# syslog2cef 0.3.3 (PyPI): a coloured message of the journal becomes a list of numbers, its facility is always the
# kernel's, and of a syslog message with two lines the application and the structured data become part of the text.
#
# systemd's description of the journal's JSON format: a value that has characters which cannot be printed, such as the
# escape character of a colour, is an array of its bytes. SYSLOG_FACILITY and PRIORITY are two fields. RFC 5424 lets
# MSG have any character, a line feed among them. The package reads "systemd journal exports" in JSON, and RFC 5424
# "including structured data".
#
# * The array is written as Python writes a list.
# * PRIORITY is taken for the whole PRI of syslog, which is the facility times eight plus the severity.
# * The pattern for RFC 5424 does not go on after a line feed. Another one fits, which knows time and host only.
#
# syslog-rfc5424-parser 0.3.2 reads the message of two lines.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
  syslog2cef==0.3.3 syslog-rfc5424-parser==0.3.2 lark==1.3.1

cat > parse.py <<'PY'
import json

from syslog_rfc5424_parser import SyslogMessage
from syslogcef import convert_line, parse_syslog


def journal(message):
    fields = {"__REALTIME_TIMESTAMP": "1700000000123456", "_HOSTNAME": "host", "SYSLOG_IDENTIFIER": "app"}
    return json.dumps({**fields, "PRIORITY": "3", "SYSLOG_FACILITY": "4", "MESSAGE": message})


def value(cef, key):
    return cef.split(f"{key}=")[1].split(" shost=")[0]


coloured = list(b"\x1b[31mred\x1b[0m")
print(f"plain: {value(convert_line(journal('red')), 'msg')}")
print(f"coloured: {value(convert_line(journal(coloured)), 'msg')}")
print(f"facility 4: {parse_syslog(journal('red')).facility}")

for text in ("one", "one\ntwo"):
    line = f'<165>1 2026-01-02T03:04:05Z host app 12 ID1 [a@32473 b="c"] {text}'
    event, other = parse_syslog(line), SyslogMessage.parse(line)
    print(f"syslog, syslog2cef: {event.app} {event.pid} {event.msgid} {event.sd} {event.msg!r}")
    print(f"syslog, the other: {other.appname} {other.procid} {other.msgid} {other.sd} {other.msg!r}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
plain: red
coloured: [27, 91, 51, 49, 109, 114, 101, 100, 27, 91, 48, 109]
facility 4: 0
syslog, syslog2cef: app 12 ID1 {'a@32473.b': 'c'} 'one'
syslog, the other: app 12 ID1 {'a@32473': {'b': 'c'}} 'one'
syslog, syslog2cef: None None None {} 'app 12 ID1 [a@32473 b="c"] one\ntwo'
syslog, the other: app 12 ID1 {'a@32473': {'b': 'c'}} 'one\ntwo'
TEXT
echo "as seen: messages and their fields are not what they were"
