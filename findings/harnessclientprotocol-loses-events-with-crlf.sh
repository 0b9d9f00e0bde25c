#!/usr/bin/env bash
# harnessclientprotocol 0.1.0 (PyPI): a stream of events whose lines end with CR LF has no events at all, and a
# character that is cut between two chunks becomes two or more replacement characters.
#
# The package is "the mechanics a UHP client has to get right", decodes Server-Sent Events, and says that "partial
# frames are held until the rest turns up". The HTML standard has lines that end with CR LF, LF or CR, and decodes the
# stream as UTF-8 before it is split. A server may use any of these.
#
# * An event ends at two LFs only. With CR LF all events are held to the end, then joined as one that is no JSON, and
#   dropped without a message. check_sequence, which is to report dropped events, has nothing to compare, and is true.
# * Each chunk of bytes is decoded by itself.
#
# sseclient-py 1.9.0 reads the same streams.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check harnessclientprotocol==0.1.0 sseclient-py==1.9.0

cat > decode.py <<'PY'
import json

import sseclient
from harnessclientprotocol import TaskAccumulator, iter_events

TEXTS = ("Grüße", " and 你好")
EVENTS = [
    {"type": "response.output_text.delta", "sequence_number": number, "delta": text}
    for number, text in enumerate(TEXTS)
]


def stream(end):
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}{end}{end}" for event in EVENTS]
    return "".join(lines).encode()


def by_this(chunks):
    task = TaskAccumulator()
    for event in iter_events(chunks):
        task.add(event)
    return task.text, task.sequence


def by_other(chunks):
    return "".join(json.loads(event.data)["delta"] for event in sseclient.SSEClient(iter(chunks)).events())


for name, end in (("LF", "\n"), ("CR LF", "\r\n")):
    chunks = [stream(end)]
    print(f"{name}, sseclient-py: {by_other(chunks)!r}")
    print(f"{name}, harnessclientprotocol: {by_this(chunks)}")
body = stream("\n")
for text in ("ü", "你"):
    at = body.index(text.encode()) + 1
    chunks = [body[:at], body[at:]]
    print(f"cut, sseclient-py: {by_other(chunks)!r}")
    print(f"cut, harnessclientprotocol: {by_this(chunks)}")
PY

seen=$(venv/bin/python decode.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
LF, sseclient-py: 'Grüße and 你好'
LF, harnessclientprotocol: ('Grüße and 你好', (True, []))
CR LF, sseclient-py: 'Grüße and 你好'
CR LF, harnessclientprotocol: ('', (True, []))
cut, sseclient-py: 'Grüße and 你好'
cut, harnessclientprotocol: ('Gr��ße and 你好', (True, []))
cut, sseclient-py: 'Grüße and 你好'
cut, harnessclientprotocol: ('Grüße and ���好', (True, []))
TEXT
echo "as seen: events and characters are lost"
