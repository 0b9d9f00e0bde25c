"""The threads of the session layer together: none holds up another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def test_a_dead_engine_does_not_hold_up_another_ones_sessions(
    engine: Callable[..., MoodyEngine],
) -> None:
    typed = threading.Event()
    ends = threading.Event()

    def drops(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        ends.wait(PATIENCE)

    def types(peer: Peer) -> None:
        peer.send(HEAD_101)
        if "stdout=0" in peer.request_line and peer.receive(1):
            typed.set()
        peer.wait_for_end()

    dead, healthy = engine(drops), engine(types, StdinOnce=True)
    lost = [client_for(dead.url, timeout=4 * PATIENCE).attach(IDENTIFIER) for _ in range(2)]
    session = client_for(healthy.url).attach(IDENTIFIER)
    dead.held = threading.Event()
    ends.set()
    for each in lost:
        output = each._attachment.output
        assert output is not None
        deadline = time.monotonic() + PATIENCE
        while not output.ended and time.monotonic() < deadline:
            time.sleep(0.01)
    session.send("x")
    came = typed.wait(PATIENCE)
    dead.held.set()
    assert came
    session.close(force=True)
    for each in lost:
        each.join(2 * PATIENCE)
