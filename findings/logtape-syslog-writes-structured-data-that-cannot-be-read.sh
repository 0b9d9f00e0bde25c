#!/usr/bin/env bash
# @logtape/syslog 1.3.10 (npm): a property whose name has a space or "=" makes a message that no parser reads, objects
# are "[object Object]", and over TCP a message of two lines arrives as two messages.
#
# RFC 5424 (6.3.3): a name in structured data has 1 to 32 printable ASCII characters without "=", "]", quote and space.
# RFC 6587 (3.4): over TCP each message has its length before it, or ends with a line feed, and then it may not have one
# itself. The package is "RFC 5424 compliant" and has "Automatic Escaping: Proper escaping of special characters in
# structured data values".
#
# * Names are written as they are. A property of LogTape is any key of an object.
# * Values are converted with String(), so what was in an object is lost.
# * A line feed ends each message, and is not replaced within one. Stack traces have many.
#
# syslog-rfc5424-parser 0.3.2 (PyPI) reads what a server receives, line by line.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @logtape/syslog@1.3.10 @logtape/logtape@1.3.10 > /dev/null
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check syslog-rfc5424-parser==0.3.2

cat > log.mjs <<'JS'
import { once } from "node:events";
import { createServer } from "node:net";
import { getSyslogSink } from "@logtape/syslog";

async function send(message, properties) {
  let received = "";
  const server = createServer((socket) => {
    socket.on("data", (data) => (received += data)).on("close", () => server.close());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const options = { appName: "app", processId: "1", syslogHostname: "host", includeStructuredData: true };
  const sink = getSyslogSink({ hostname: "127.0.0.1", port, protocol: "tcp", ...options });
  sink({ category: ["app"], level: "info", message: [message], properties, timestamp: 0 });
  await sink[Symbol.asyncDispose]();
  await once(server, "close");
  return received;
}

const received = [];
for (const [message, properties] of [
  ["started", { user: "anna" }],
  ["started", { "user id": 7 }],
  ["started", { "a=b": 7 }],
  ["started", { "a-name-that-is-longer-than-32-characters": 7 }],
  ["started", { user: { id: 7, name: "anna" } }],
  ["failed\n  at main (app.js:1)\n  at start (app.js:9)", {}],
])
  received.push([{ message, properties }, await send(message, properties)]);
console.log(JSON.stringify(received));
JS
cat > read.py <<'PY'
import json
import sys

from syslog_rfc5424_parser import ParseError, SyslogMessage

for record, received in json.load(sys.stdin):
    print(json.dumps(record))
    for line in received.splitlines():
        try:
            parsed = SyslogMessage.parse(line)
            print(f"  received: {json.dumps(parsed.sd)} {parsed.msg!r}")
        except ParseError:
            print(f"  received, and cannot be read: {line!r}")
PY

seen=$(node log.mjs | venv/bin/python read.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
{"message": "started", "properties": {"user": "anna"}}
  received: {"logtape@32473": {"user": "anna"}} 'started'
{"message": "started", "properties": {"user id": 7}}
  received, and cannot be read: '<134>1 1970-01-01T00:00:00.000Z host app 1 - [logtape@32473 user id="7"] started'
{"message": "started", "properties": {"a=b": 7}}
  received, and cannot be read: '<134>1 1970-01-01T00:00:00.000Z host app 1 - [logtape@32473 a=b="7"] started'
{"message": "started", "properties": {"a-name-that-is-longer-than-32-characters": 7}}
  received, and cannot be read: '<134>1 1970-01-01T00:00:00.000Z host app 1 - [logtape@32473 a-name-that-is-longer-than-32-characters="7"] started'
{"message": "started", "properties": {"user": {"id": 7, "name": "anna"}}}
  received: {"logtape@32473": {"user": "[object Object\\]"}} 'started'
{"message": "failed\n  at main (app.js:1)\n  at start (app.js:9)", "properties": {}}
  received: {} 'failed'
  received, and cannot be read: '  at main (app.js:1)'
  received, and cannot be read: '  at start (app.js:9)'
TEXT
echo "as seen: messages cannot be read"
