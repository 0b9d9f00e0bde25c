#!/usr/bin/env bash
# docker 7.2.0 (docker-py) and podman 5.8.0 (podman-py): logs(since=..., until=...) cut a datetime to whole seconds, so
# that the last lines before "until" are missing, and lines from before "since" come again.
#
# docker-py documents since and until as "datetime, int, or float": "Show logs since a given datetime, integer epoch
# (in seconds) or float (in fractional seconds)". The engine takes fractions down to nanoseconds, and writes the times
# of log lines with them. A datetime has microseconds. One expects it to mean the same as the float of its timestamp.
#
# Both packages convert a datetime with delta.seconds and delta.days alone. until=12:00:00.9 asks for the lines until
# 12:00:00.0. A program that reads a log in steps, and passes the time of the last line as the next "since", gets all
# lines of that second again. datetime.timestamp() as an argument works with docker-py; podman-py refuses a float.
#
# The engine here is a server on the loopback interface that notes what it is asked for.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker==7.2.0 podman==5.8.0

cat > times.py <<'PY'
import http.server
import json
import threading
import urllib.parse
from datetime import datetime, timezone

import docker
import podman

asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path.endswith("/logs"):
            query = urllib.parse.parse_qs(url.query)
            asked.append({name: query[name][0] for name in ("since", "until") if name in query})
        state = {"Id": "5e8b1d8ae1f4", "Name": "web", "Config": {"Tty": False}, "State": {"Status": "running"}}
        body = b"" if url.path.endswith("/logs") else json.dumps(state).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"tcp://127.0.0.1:{server.server_port}"

times = {"since": datetime(2026, 1, 1, 12, 0, 0, 250000, timezone.utc)}
times["until"] = times["since"].replace(microsecond=900000)
engines = {
    "docker": docker.DockerClient(base_url=url, version="1.44").containers,
    "podman": podman.PodmanClient(base_url=url).containers,
}
for name, containers in engines.items():
    containers.get("web").logs(**times)
    print(f"{name}, datetime:", asked.pop())
engines["docker"].get("web").logs(**{key: value.timestamp() for key, value in times.items()})
print("docker, float:", asked.pop())
PY

seen=$(venv/bin/python times.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
docker, datetime: {'since': '1767268800', 'until': '1767268800'}
podman, datetime: {'since': '1767268800', 'until': '1767268800'}
docker, float: {'since': '1767268800.25', 'until': '1767268800.9'}
TEXT
echo "as seen: fractions of a second are lost"
