"""What the scenarios share: scripts for containers, waiting for output, and a raw request."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping

import pytest

from hyper_jupyter.api import Client, Session
from hyper_jupyter.client import Deadline
from hyper_jupyter.protocol import ResponseHead, StreamType
from hyper_jupyter.session import ENDED

PATIENCE = 20.0

Make = Callable[..., str]
Attach = Callable[..., Session]

KINDS = [
    pytest.param({"stdin": True}, id="framed"),
    pytest.param({"stdin": True, "stdin_once": True}, id="framed-once"),
    pytest.param({"stdin": True, "tty": True}, id="tty"),
]
FRAMED = KINDS[:2]

ALL = {"logs": "1", "stream": "0", "stdin": "0", "stdout": "1", "stderr": "1"}

CHATTY = (
    "while sleep 0.02; do echo tick; echo tock >&2; done & "
    'while read line; do echo "got:$line"; done; echo END; kill $!; exit 5'
)
"""Prints without end, answers lines, and says END when its input ends."""

ECHO = 'while read line; do echo "got:$line"; echo "err:$line" >&2; done; echo END; exit 5'

NUMBERS = """
trap 'stop=1' USR1 TERM; i=0
while [ -z "$stop" ] && [ $i -lt 20000 ]; do
  i=$((i + 1)); echo "out $i"; echo "err $i" >&2; [ $((i % 20)) != 0 ] || sleep 0.05
done; exit 3
"""
"""Numbers lines of both streams, until it is told to stop."""


def wait_for(session: Session, text: bytes, stream: StreamType = StreamType.STDOUT) -> bytes:
    """Wait until a transcript holds ``text``; returns the transcript."""
    transcript = session.stdout if stream is StreamType.STDOUT else session.stderr
    session._lifecycle.wait_for(
        lambda: text in transcript.getvalue() or session.state in ENDED, PATIENCE
    )
    value = transcript.getvalue()
    assert text in value, (session, session.error, value[-500:])
    return value


def wait_for_log(
    client: Client, c: str, text: bytes, times: int = 1, stream: StreamType = StreamType.STDOUT
) -> bytes:
    """Wait until the container's log holds ``text`` so often; returns that stream of it."""
    session = client.logs(c, follow=True)
    transcript = session.stdout if stream is StreamType.STDOUT else session.stderr
    session._lifecycle.wait_for(
        lambda: transcript.getvalue().count(text) >= times or session._lifecycle.ended, PATIENCE
    )
    log = transcript.getvalue()
    session.close(force=True)
    assert log.count(text) >= times, (session, session.error, log[-500:])
    return log


def read_log(client: Client, c: str) -> bytes:
    """The container's stdout so far."""
    session = client.logs(c, follow=False)
    session.join(PATIENCE)
    value = session.stdout.getvalue()
    session.close(force=True)
    return value


def wait_until_ended(client: Client, c: str) -> None:
    """Wait for the end of a container that is not attached."""
    client.wait(c, PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while client.inspect(c)["State"]["Status"] != "exited":  # Podman's inspect lags behind
        assert time.monotonic() < deadline


def status(client: Client, c: str) -> str:
    return str(client.inspect(c)["State"]["Status"])


def raw_attach(
    client: Client, c: str, params: Mapping[str, str], *, upgrade: bool = True, read: bool = True
) -> tuple[ResponseHead, bytes]:
    """Send an attach request as it is, and read to the end of the answer."""
    headers = {"Connection": "Upgrade", "Upgrade": "tcp"} if upgrade else {}
    sock, exchange = client.open(
        "POST", f"/containers/{c}/attach", params, headers=headers, deadline=Deadline(PATIENCE)
    )
    body = b""
    with contextlib.closing(sock):
        sock.settimeout(PATIENCE)
        sock.sendall(exchange.data_to_send())
        while exchange.head is None or (read and not exchange.ended):
            data = sock.recv(65536)
            if not data:
                break
            body += exchange.receive_data(data)
    assert exchange.head is not None
    return exchange.head, body
