#!/usr/bin/env bash
# testcontainers 4.15.0: LogMessageWaitStrategy(message, times=2) is ready after the first message.
#
# The strategy lets a test wait until a container's log says that the service is up. Its documentation says of times:
# "Number of times the message must appear (default: 1)". Some services need it: the PostgreSQL image starts its server
# twice, once to set up the database and once to serve it, and says "ready to accept connections" both times.
#
# The argument is stored and never read. The strategy returns at the first message, so a test connects to the server
# that is about to stop. There is no warning. times=1000 is ready after one message too.
#
# wait_until_ready() takes any object with the methods of WaitStrategyTarget, a protocol of the package. The one here
# plays a container whose log grows by a line with every look, so no engine is needed, and nothing depends on time.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check testcontainers==4.15.0

cat > wait.py <<'PY'
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

LOG = (
    "initialising",
    "ready to accept connections",
    "shutting down",
    "starting",
    "ready to accept connections",
)


class Container:
    """A running container whose log has one line more at every look."""

    status = "running"
    attrs = {"State": {"Status": "running"}}

    def __init__(self):
        self.lines = 0

    def get_wrapped_container(self):
        return self

    def reload(self):
        pass

    def get_logs(self):
        self.lines = min(self.lines + 1, len(LOG))
        return "".join(f"{line}\n" for line in LOG[: self.lines]).encode(), b""


def lines_seen(strategy):
    container = Container()
    strategy.with_startup_timeout(60).with_poll_interval(0).wait_until_ready(container)
    return container.lines


message = "ready to accept connections"
for times in (1, 2, 1000):
    print(f"times={times}: ready after line", lines_seen(LogMessageWaitStrategy(message, times=times)))
twice = rf"(?s){message}.*{message}"
print("an expression for two messages: ready after line", lines_seen(LogMessageWaitStrategy(twice)))
PY

seen=$(venv/bin/python wait.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
times=1: ready after line 2
times=2: ready after line 2
times=1000: ready after line 2
an expression for two messages: ready after line 5
TEXT
echo "as seen: times has no effect"
