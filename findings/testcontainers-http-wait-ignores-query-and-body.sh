#!/usr/bin/env bash
# testcontainers 4.15.0: HttpWaitStrategy.from_url() asks for the URL without its query, and a condition on the body is
# not looked at if the status is an error.
#
# The documentation says of from_url(url) that it returns "an HttpWaitStrategy configured for the given URL", of
# for_status_code(code) that the code is acceptable, and of for_response_predicate(predicate) that it sets "a predicate
# to match response body against". One expects a container to be ready when all of them hold.
#
# * "/health?full=1" becomes "/health". HttpWaitStrategy(port, "/health?full=1") keeps the query.
# * A service whose answer has a status of 400 or more is ready once the status fits: the predicate is never called.
#   Health endpoints say with 503 that they are up, but not yet complete, and in the body what is missing.
#
# The services here are a server on the loopback interface; wait_until_ready() takes any object with the methods of
# WaitStrategyTarget, a protocol of the package. The predicate that must not fit yet is true at the third answer.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check testcontainers==4.15.0

cat > wait.py <<'PY'
import http.server
import threading

from testcontainers.core.wait_strategies import HttpWaitStrategy

status, paths = 200, []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        paths.append(self.path)
        body = f"answer {len(paths)}".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_port


class Container:
    def get_container_host_ip(self):
        return "127.0.0.1"

    def get_exposed_port(self, port):
        return port


def show(name, strategy):
    paths.clear()
    strategy.with_startup_timeout(60).with_poll_interval(0).wait_until_ready(Container())
    print(f"{name}: ready after {paths}")


show("path with a query", HttpWaitStrategy(port, "/health?full=1"))
show("URL with a query", HttpWaitStrategy.from_url(f"http://127.0.0.1:{port}/health?full=1"))
for status in (200, 203, 404, 503):
    strategy = HttpWaitStrategy(port).for_status_code(status).for_response_predicate(lambda body: body == "answer 3")
    show(f"third answer with {status}", strategy)
PY

seen=$(venv/bin/python wait.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
path with a query: ready after ['/health?full=1']
URL with a query: ready after ['/health']
third answer with 200: ready after ['/', '/', '/']
third answer with 203: ready after ['/', '/', '/']
third answer with 404: ready after ['/']
third answer with 503: ready after ['/']
TEXT
echo "as seen: the query is dropped, and the body of an error is not looked at"
