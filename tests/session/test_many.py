"""Many sessions at once: one I/O thread carries them, and nothing of them stays."""

from __future__ import annotations

import threading

from hyper_jupyter.api import client_for
from hyper_jupyter.session import State
from tests.engine.driver import until
from tests.soak.scale import Usage, echoes

NUMBER = 60
PATIENCE = 30.0


def test_many_sessions_share_one_thread_all_receive_and_leave_nothing() -> None:
    client = client_for("local:", timeout=PATIENCE)
    container = echoes(client, "web")
    first = client.attach(container)
    first.send_line("begin")
    first.expect("begin", PATIENCE)
    first.close(force=True)
    before = Usage.settled()
    sessions = [client.attach(container) for _ in range(NUMBER)]
    names = [each.name for each in threading.enumerate()]
    assert names.count("hyper_jupyter I/O") == 1
    assert threading.active_count() <= before.threads + 8  # the workers' limits
    files = Usage.settled().files - before.files
    assert files <= 2 * NUMBER + 10
    sessions[0].send_line("to all")
    for each in sessions:
        each.expect("to all", PATIENCE)
        assert each.state is State.ATTACHED
    for each in sessions:
        each.close(force=True)
    del each, sessions, first
    until(lambda: Usage.settled().files <= before.files, "as few files as before")
    assert threading.active_count() <= before.threads + 8
    client.remove(container, force=True)
