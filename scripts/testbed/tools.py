"""What installing, starting and stopping share: commands, processes, requests over a socket."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


class EnginesError(Exception):
    """A failure that is reported to the user in one line."""


def say(line: str) -> None:
    """Print one line for the user on standard error."""
    print(f"engines: {line}", file=sys.stderr, flush=True)


def run(*command: str, check: bool = True) -> None:
    """Run a command without standard input; its output goes to standard error."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        command,
        check=check,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        env=environment,
    )


def output(*command: str) -> str:
    """Run a command and return its output."""
    answer = subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return answer.stdout


def ask(path: Path, method: str, target: str, body: bytes = b"", timeout: float = 60.0) -> bytes:
    """Send one HTTP request over a unix socket; return the body of the answer.

    Raises:
        EnginesError: the engine answered with an error.
        OSError: it did not answer.
    """
    connection = http.client.HTTPConnection("engine", timeout=timeout)
    with socket.socket(socket.AF_UNIX) as connected:
        connected.settimeout(timeout)
        connected.connect(str(path))
        connection.sock = connected
        connection.request(method, target, body, {"Content-Type": "application/x-tar"})
        answer = connection.getresponse()
        content = answer.read()
    if answer.status >= 400:
        words = content.decode(errors="replace").strip()
        raise EnginesError(f"{method} {target.partition('?')[0]}: {answer.status} {words}")
    return content


def answers(path: Path) -> bool:
    """Return whether an engine listens on this socket and answers a ping."""
    try:
        ask(path, "GET", "/_ping", timeout=5)
    except (OSError, http.client.HTTPException, EnginesError):
        return False
    return True


def write_json(path: Path, value: object) -> None:
    """Write a file in one step, so that no reader sees half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value, indent=2) + "\n")
    draft.rename(path)


def identity(pid: int) -> dict[str, Any]:
    """Return a process's id and birth: a later process may have the same id."""
    return {"pid": pid, "born": birth(pid)}


def birth(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def descend(pid: int, generations: int) -> int | None:
    """Return the first child of the first child (and so on) of a process; None if there is none."""
    current: int | None = pid
    for _ in range(generations):
        try:
            children = Path(f"/proc/{current}/task/{current}/children").read_text().split()
        except OSError:
            return None
        current = int(children[0]) if children else None
        if current is None:
            return None
    return current


def is_alive(holder: dict[str, Any]) -> bool:
    """Return whether exactly the process that was started still runs."""
    return holder["born"] is not None and birth(holder["pid"]) == holder["born"]


def gone(holder: dict[str, Any], timeout: float) -> bool:
    """Wait until the process has ended; return False if it has not ended in time."""
    deadline = time.monotonic() + timeout
    while is_alive(holder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
