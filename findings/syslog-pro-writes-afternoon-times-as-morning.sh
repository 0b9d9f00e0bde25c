#!/usr/bin/env bash
# syslog-pro 1.0.0 (npm): the time of an RFC 5424 message has the hours of a 12-hour clock, its text begins with the
# letters "BOM" and loses its line ends, and the name of the program is empty if it is not set.
#
# RFC 5424 has the hours from 00 to 23 (6.2.3, TIMESTAMP). It begins a text in UTF-8 with the byte order mark, the bytes
# EF BB BF (6.4); its examples write "BOM" for it and say that the mark itself is not printable. A field that is not
# known is "-" (6, NILVALUE), and APP-NAME is one to 48 characters. The package is a client for RFC 3164 and RFC 5424;
# utf8BOM is one of its options, applacationName another, with a default of "NodeJSLogger" in the documentation.
#
# * A message of 15:04 is sent as one of 03:04, and one of 00:04 as one of 12:04. Nothing says which half of the day it
#   is.
# * The letters B, O and M are in front of each text, since the option is on if it is not set.
# * A line end inside the text is removed, and the words around it are one. RFC 5424 lets a text have line ends.
# * Without applacationName there are two spaces. A parser that follows the RFC refuses the message.
#
# The PyPI package syslog-rfc5424-parser 0.3.2 reads the messages.
#
# Seen with Node 20.20 and Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save syslog-pro@1.0.0 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check syslog-rfc5424-parser==0.3.2

cat > build.js <<'JS'
const { RFC5424 } = require("syslog-pro");

const app = { hostname: "host", applacationName: "app" };

async function main() {
  const messages = [];
  for (const hour of [9, 15, 0]) {
    Date.now = () => Date.UTC(2026, 0, 2, hour, 4, 5);
    messages.push(await new RFC5424(app).buildMessage(`${hour} h`));
  }
  messages.push(await new RFC5424(app).buildMessage("one\ntwo"));
  messages.push(await new RFC5424({ hostname: "host" }).buildMessage("no name"));
  console.log(JSON.stringify(messages));
}

main();
JS
cat > parse.py <<'PY'
import json
import sys

from syslog_rfc5424_parser import ParseError, SyslogMessage

for message in json.load(sys.stdin):
    message = message.removesuffix("\n")
    print("sent:", message)
    try:
        found = SyslogMessage.parse(message)
        print(f"  time {found.timestamp}, program {found.appname}, text {found.msg}")
    except ParseError:
        print("  refused")
PY

seen=$(TZ=UTC node build.js | venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
sent: <190>1 2026-01-02T09:04:05+00:00 host app - - - BOM9 h
  time 2026-01-02T09:04:05+00:00, program app, text BOM9 h
sent: <190>1 2026-01-02T03:04:05+00:00 host app - - - BOM15 h
  time 2026-01-02T03:04:05+00:00, program app, text BOM15 h
sent: <190>1 2026-01-02T12:04:05+00:00 host app - - - BOM0 h
  time 2026-01-02T12:04:05+00:00, program app, text BOM0 h
sent: <190>1 2026-01-02T12:04:05+00:00 host app - - - BOMonetwo
  time 2026-01-02T12:04:05+00:00, program app, text BOMonetwo
sent: <190>1 2026-01-02T12:04:05+00:00 host  - - - BOMno name
  refused
TEXT
echo "as seen: afternoons are mornings"
