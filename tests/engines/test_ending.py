"""How a container's end is known, on every engine."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.session import State
from tests.engines.scenarios import CHATTY, PATIENCE, Attach, Make, wait_for


@pytest.mark.core
def test_a_signal_shows_in_the_exit_code(container: Make, attach: Attach) -> None:
    session = attach(container("trap 'exit 3' INT; echo ready; while sleep 0.05; do :; done"))
    session.send_signal("KILL")
    assert session.wait(PATIENCE) == 137
    assert session.out_of_memory is False


def test_a_container_without_memory_is_told_from_one_that_was_killed(
    attach: Attach, client: Client
) -> None:
    limit = 16 * 1024 * 1024
    # 256 MiB at most: not every engine limits the memory.
    script = "x=0123456789abcdef; for i in $(seq 24); do x=$x$x; done"
    body: dict[str, Any] = {
        "Image": client.default_image,
        "Cmd": ["sh", "-c", script],
        "HostConfig": {"Memory": limit, "MemorySwap": limit, "NetworkMode": "none"},
    }
    if client.engine == "embedded":
        del body["HostConfig"]
    elif not client.call("GET", "/info").json_object()["MemoryLimit"]:
        body["HostConfig"] = {"NetworkMode": "none"}  # a limit would be an error
    made = client.call("POST", "/containers/create", body=body).json_object()["Id"]
    try:
        session = attach(made)
        client.start(made)
        code = session.wait(PATIENCE)
        assert session.out_of_memory is bool(client.inspect(made)["State"].get("OOMKilled"))
        if client.engine == "docker":
            assert (code, session.out_of_memory) == (137, True)
    finally:
        client.remove(made, force=True)


@pytest.mark.core
@pytest.mark.depends_on("wait_condition", "not_running_may_be_zero")
def test_a_container_that_removes_itself_leaves_its_exit_code(
    container: Make, attach: Attach
) -> None:
    session = attach(container("read line; echo bye; exit 9", stdin=True, auto_remove=True))
    session.send_line("go")
    assert session.wait(PATIENCE) == 9
    assert session.state is State.EXITED
    assert session.stdout.getvalue() == b"bye\n"


@pytest.mark.depends_on("force_remove_asks_first", "not_running_may_be_zero")
def test_a_container_that_is_removed_by_force_ends_the_session(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container(CHATTY, stdin=True)
    session = attach(made)
    wait_for(session, b"tick")
    client.remove(made, force=True)
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code in (137, None)
    assert session._lifecycle.wait_for_end(lambda: session.removed, PATIENCE)
    assert session.controls().start == "the container was removed"


@pytest.mark.depends_on("wait_answers_at_once", "not_running_may_be_zero")
def test_an_api_without_wait_conditions_gives_the_true_exit_code(
    container: Make, client: Client
) -> None:
    identifier = container("read go; echo said; exit 7", start=False, stdin=True)
    old = Client(client.discovery, api_version="1.24", timeout=20)
    session = old.attach(identifier)
    old.start(identifier)
    session.send_line("")
    assert session.wait(20) == 7
    assert session.stdout.text == "said\n"
    session.close()


def test_a_view_learns_that_the_container_is_paused_and_goes_on(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("sleep 60")
    session = attach(made)
    changed = threading.Condition()

    def wake() -> None:
        with changed:
            changed.notify_all()

    session.subscribe(wake)
    unwatch = session.watch_pauses()
    try:
        for act, paused in [(client.pause, True), (client.unpause, False)]:
            act(made)
            with changed:
                assert changed.wait_for(lambda: session.paused is paused, PATIENCE)  # noqa: B023
    finally:
        unwatch()
    assert session.state is State.ATTACHED
