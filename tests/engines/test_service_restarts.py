"""The engine's service ends and is started again while a session is attached."""

from __future__ import annotations

import contextlib
import signal
import time
from typing import Final

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle.log import filling
from tests.engines.conftest import REAL
from tests.engines.scenarios import NUMBERS, PATIENCE
from tests.private_engine import PrivateEngine, private_engine
from tests.real_engines import newest, skip_or_fail

pytestmark = pytest.mark.engines


@pytest.fixture(autouse=True)
def patient_filling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine finds what was missed more slowly than a session waits for."""
    monkeypatch.setattr(filling, "_BUDGET", PATIENCE)
    monkeypatch.setattr(filling, "_READINGS", 50)


def newest_name(kind: str) -> str:
    found = newest([each for each in REAL if each.pid], kind)  # those of scripts/engines
    return found[0].name if found else skip_or_fail(f"no {kind} of scripts/engines")


def attached(engine: PrivateEngine) -> tuple[Client, Session]:
    """A session that has received lines from the program's first one on."""
    client = client_for(engine.url, timeout=PATIENCE)
    made = client.create("default", ["sh", "-c", NUMBERS], network="none")
    session = client.attach(made)
    client.start(made)
    await_output(session, 500)
    return client, session


def await_output(session: Session, more: int) -> None:
    wanted = {stream: session.journal.end(stream) + more for stream in StreamType}
    came = session._lifecycle.wait_for(
        lambda: (
            session._lifecycle.ended
            or all(session.journal.end(each) >= wanted[each] for each in OUTPUTS)
        ),
        PATIENCE,
    )
    assert came, session
    assert not session._lifecycle.ended, (session, session.error)


OUTPUTS: Final = (StreamType.STDOUT, StreamType.STDERR)


def await_service(client: Client) -> None:
    """Wait until the service answers again; no event announces that."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionFailed):
            client.version()
            return
        time.sleep(0.05)
    raise AssertionError("the service does not answer again")


def is_whole(client: Client, session: Session) -> bool:
    """Whether the session has what the log has."""
    log = client.logs(session.container.id, follow=False)
    assert log.join(PATIENCE) is State.EXITED
    printed = log.stdout.getvalue(), log.stderr.getvalue()
    log.close()
    return (session.stdout.getvalue(), session.stderr.getvalue()) == printed


@pytest.mark.parametrize(
    ("kind", "option"), [("docker", "--live-restore"), ("podman", "")], ids=["docker", "podman"]
)
def test_a_container_that_runs_on_is_attached_again(kind: str, option: str) -> None:
    """Docker's do so with ``live-restore``, Podman's always."""
    with private_engine(newest_name(kind), *[option] * bool(option)) as engine:
        client, session = attached(engine)
        engine.stop(signal.SIGKILL)
        cut = session._lifecycle.wait_for(lambda: session.state is State.RECONNECTING, PATIENCE)
        assert cut, session
        assert session.reconnecting is not None
        engine.go_on()
        again = session._lifecycle.wait_for(lambda: bool(session.gaps), 2 * PATIENCE)
        assert again, session.reconnecting
        await_output(session, 500)
        client.kill(session.container.id, "USR1")
        assert session.join(PATIENCE) is State.EXITED, session.error
        assert (session.exit_code, session.complete) == (3, True)
        assert [mark.kind for mark in session.marks] == ["cut"]
        assert "attached again" in session.marks[0].text
        assert is_whole(client, session)
        session.close()


def test_a_container_that_docker_ends_with_itself_is_said_to_have_ended() -> None:
    with private_engine(newest_name("docker")) as engine:
        client, session = attached(engine)
        engine.stop(signal.SIGTERM)
        engine.go_on()
        assert session.join(2 * PATIENCE) is State.EXITED, session.error
        assert session.exit_code == 3
        if session.marks:  # the connection was cut before the exit was reported
            assert "the container has ended since" in session.marks[0].text
            assert session.complete is True
        else:  # the service may have gone before the log could be read: then nothing is proven
            assert session.complete is not False
        await_service(client)
        assert is_whole(client, session) or session.complete is None
        session.close()
