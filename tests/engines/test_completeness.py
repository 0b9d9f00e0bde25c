"""All output has come, or it is said that some has not, on every engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.session import State
from hyper_jupyter.session import status as sessions
from hyper_jupyter.session.lifecycle import judging
from tests.engines.conftest import ENGINES
from tests.engines.scenarios import PATIENCE, Attach, Make, wait_for, wait_until_ended
from tests.proxies import CuttingProxy

TWO_LINES = "trap 'echo two; exit 0' USR1; echo one; while :; do sleep 0.1; done"


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest) -> Client:
    return client_for(**request.param, timeout=20)


@pytest.fixture
def proxy(client: Client, tmp_path: Path) -> Iterator[CuttingProxy]:
    with CuttingProxy(tmp_path / "proxy.sock", client._endpoint.path) as made:
        yield made


@pytest.mark.depends_on("log_alters", "readable_log_drivers")
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
@pytest.mark.parametrize(
    "script",
    [
        "true",
        "echo out; echo err >&2; exit 3",
        "seq 1 20000",
        "echo first >&2; seq 1 3000",
        "printf 'caf\\351 \\n'; seq 1 10",
    ],
    ids=["nothing", "both", "much", "one is silent at the end", "not UTF-8"],
)
def test_all_output_of_a_healthy_run_is_proven_to_be_there(
    container: Make, attach: Attach, client: Client, script: str, tty: bool
) -> None:
    made = container(script, start=False, tty=tty)
    session = attach(made)
    client.start(made)
    assert session.join(PATIENCE) is State.EXITED
    assert (session.complete, session.warnings) == (True, ())


@pytest.mark.core
@pytest.mark.depends_on("log_alters")
def test_the_end_of_a_run_that_was_attached_late_is_proven(container: Make, attach: Attach) -> None:
    session = attach(container("echo before; read x; echo after", stdin=True))
    session.send_line("go")
    assert session.join(PATIENCE) is State.EXITED
    assert session.complete is True


@pytest.mark.core
@pytest.mark.depends_on("keeps_stdin_connection")
def test_a_run_that_was_typed_to_has_no_warnings(container: Make, attach: Attach) -> None:
    session = attach(container("read x; echo got:$x", stdin=True, stdin_once=True))
    session.send_line("go")
    assert session.join(PATIENCE) is State.EXITED
    assert (session.complete, session.warnings) == (True, ())


def ended_behind_the_proxy(
    client: Client, container: Make, proxy: CuttingProxy, tty: bool
) -> Session:
    """Attach by the proxy to a container that prints a line after the proxy has stopped."""
    made = container(TWO_LINES, tty=tty, start=False)
    session = client_for(proxy.url).attach(made)
    client.start(made)
    wait_for(session, b"one")
    proxy.hold()
    client.kill(made, "USR1")
    wait_until_ended(client, made)
    return session


def missing(session: Session) -> None:
    assert session.join(PATIENCE) is State.EXITED
    assert (session.exit_code, session.complete) == (0, False)
    # Not all engines have the ends of lines where they belong.
    assert re.search(r"end is missing \(at least [345] bytes of stdout\)", session.warnings[-1])
    assert b"two" not in session.stdout.getvalue()
    session.close(force=True)


@pytest.mark.depends_on("log_alters")
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_a_stream_that_a_proxy_ends_in_order_is_not_all_output(
    client: Client, container: Make, proxy: CuttingProxy, tty: bool
) -> None:
    session = ended_behind_the_proxy(client, container, proxy, tty)
    proxy.cut()
    missing(session)


@pytest.mark.depends_on("log_alters")
def test_output_that_is_held_back_over_the_exit_is_missed(
    client: Client,
    container: Make,
    proxy: CuttingProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "_SILENCE", 0.2)
    missing(ended_behind_the_proxy(client, container, proxy, tty=False))


@pytest.mark.depends_on("shares_stdio_connection")
def test_an_idle_connection_whose_end_ended_the_input_is_named(
    client: Client, container: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_IDLE", 0.0)
    with CuttingProxy(None, client._endpoint.path) as proxy:
        session = client_for(proxy.url).attach(container("cat", stdin=True), resume=False)
        session.send_line("go")
        wait_for(session, b"go")
        proxy.cut()
        state = session.join(PATIENCE)
        found = [text for text in session.warnings if "without traffic" in text]
        if client.profile.shares_stdio_connection:
            assert (state, session.exit_code, len(found)) == (State.EXITED, 0, 1)
        else:  # there the container has kept its input, and runs on
            assert (state, found) == (State.LOST, [])
        session.close(force=True)
