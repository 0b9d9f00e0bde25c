#!/usr/bin/env bash
# requests-sse 0.5.3 and aiohttp-sse-client2 0.3.0: data of server-sent events loses all spaces at the start of a line,
# and all line ends at its end.
#
# The HTML standard (Server-sent events) says of a field's value: "If value starts with a U+0020 SPACE character, remove
# it from value", so one space; and of data that is complete: "If the data buffer's last character is a U+000A LINE FEED
# character, then remove the last character", so one line end. All other text is the sender's, and browsers keep it.
#
# Both packages use lstrip(" ") and rstrip("\n"). An indented line moves to the left: code, YAML and tables are other
# ones. Texts that come in pieces, as from a language model or a log, are put together without the spaces between the
# words, because a piece is " world" and not "world". A piece that is a line end is gone.
#
# launchdarkly-eventsource 1.7.4 keeps them.
#
# Seen with Python 3.11 and a server on this host. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check requests-sse==0.5.3 aiohttp-sse-client2==0.3.0 \
  launchdarkly-eventsource==1.7.4

cat > stream.py <<'PY'
import asyncio
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiohttp_sse_client2.client import EventSource as AiohttpEventSource
from ld_eventsource import SSEClient
from requests_sse import EventSource

SENT = ["for x in y:\n    print(x)\n", "Hello", " world", "\n", "done"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for text in SENT:
            self.wfile.write("".join(f"data: {line}\n" for line in text.split("\n")).encode() + b"\n")

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"


def take(events):
    return [event.data for _, event in zip(SENT, events)]


async def with_aiohttp():
    async with AiohttpEventSource(url) as events:
        return [(await anext(events)).data for _ in SENT]


print("sent", SENT)
client = SSEClient(url)
print("launchdarkly-eventsource", take(client.events))
client.close()
with EventSource(url) as source:
    print("requests-sse", take(source))
print("aiohttp-sse-client2", asyncio.run(with_aiohttp()))
PY

seen=$(venv/bin/python stream.py 2> log || { cat log >&2; exit 1; })
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
sent ['for x in y:\n    print(x)\n', 'Hello', ' world', '\n', 'done']
launchdarkly-eventsource ['for x in y:\n    print(x)\n', 'Hello', ' world', '\n', 'done']
requests-sse ['for x in y:\nprint(x)', 'Hello', 'world', '', 'done']
aiohttp-sse-client2 ['for x in y:\nprint(x)', 'Hello', 'world', '', 'done']
TEXT
echo "as seen: spaces and line ends of data are lost"
