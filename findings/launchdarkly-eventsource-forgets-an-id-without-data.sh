#!/usr/bin/env bash
# launchdarkly-eventsource 1.7.4: an event id that comes without data is forgotten, so that after a reconnect the server
# sends again what the client has had.
#
# The HTML standard (Server-sent events) says what to do at the end of an event: first "set the last event ID string of
# the event source to the value of the last event ID buffer", and only then, "if the data buffer is an empty string",
# return. So an id counts without data too. A server uses that to move the place to resume at past events that do
# not concern this client, such as those that a filter removed.
#
# The package keeps the id only if the event has data. Last-Event-ID of the next request has an older one, and the
# server begins there. With data the same id is kept, and requests-sse 0.5.3 keeps it without data too.
#
# Seen with Python 3.11 and a server on this host. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check launchdarkly-eventsource==1.7.4 requests-sse==0.5.3

cat > resume.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from ld_eventsource import SSEClient
from ld_eventsource.config import ErrorStrategy
from requests_sse import EventSource

asked = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.headers["Last-Event-ID"])
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        events = "retry: 1\nid: 1\ndata: first\n\nid: 2\n\n" if len(asked) == 1 else "id: 3\ndata: next\n\n"
        self.wfile.write(events.encode())

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"


def show(name, events):
    print(f"{name}: {[event.data for _, event in zip(range(2), events)]}, Last-Event-ID {asked}")
    asked.clear()


client = SSEClient(url, error_strategy=ErrorStrategy.always_continue())
show("launchdarkly-eventsource", client.events)
client.close()
with EventSource(url) as source:
    show("requests-sse", source)
PY

seen=$(venv/bin/python resume.py 2> log || { cat log >&2; exit 1; })
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
launchdarkly-eventsource: ['first', 'next'], Last-Event-ID [None, '1']
requests-sse: ['first', 'next'], Last-Event-ID [None, '2']
TEXT
echo "as seen: an id without data is forgotten"
