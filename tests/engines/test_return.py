"""Attaching again, starting again and signals, on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.api import Client, Session
from hyper_jupyter.exceptions import Conflict, NotFound
from hyper_jupyter.session import State, find
from tests.engines.scenarios import CHATTY, ECHO, PATIENCE, Attach, Make, wait_for, wait_until_ended

KINDS: dict[str, dict[str, Any]] = {
    "framed": {},
    "stdin": {"stdin": True},
    "once": {"stdin": True, "stdin_once": True},
    "tty": {"tty": True, "stdin": True},
}


@pytest.fixture
def returned() -> Any:
    """Sessions that were made again, closed at the end."""
    made: list[Session] = []

    def again(session: Session, *, start: bool = False) -> Session:
        made.append(session.attach_again(start=start))
        return made[-1]

    yield again
    for session in made:
        session.close(force=True)


@pytest.mark.depends_on("settles_after", "shares_stdio_connection")
@pytest.mark.parametrize("kind", KINDS)
def test_a_container_that_is_started_again_is_heard_from_its_first_byte(
    container: Make, attach: Attach, client: Client, returned: Any, kind: str
) -> None:
    # Short: whoever attached behind the start would miss it all.
    made = container("echo first; echo second >&2; exit 3", start=False, **KINDS[kind])
    session = attach(made)
    client.start(made)
    assert session.wait(PATIENCE) == 3
    for count in range(2, 4 if kind == "once" else 3):
        session = returned(session, start=True)
        assert session.wait(PATIENCE) == 3
        assert session.state is State.EXITED
        if session.tty:
            assert sorted(session.stdout.lines()) == ["first"] * count + ["second"] * count
        else:
            assert session.stdout.getvalue() == b"first\n" * count
            assert session.stderr.getvalue() == b"second\n" * count


@pytest.mark.depends_on("shares_stdio_connection", "transport")
@pytest.mark.parametrize("kind", [{"stdin": True}, {"stdin": True, "stdin_once": True}])
def test_after_detaching_it_is_attached_again_with_its_input_and_options(
    container: Make, attach: Attach, returned: Any, kind: dict[str, bool]
) -> None:
    first = attach(container(CHATTY, **kind), stderr=False)
    first.send_line("one")
    wait_for(first, b"got:one")
    first.detach()
    kept, name = first.stdout.getvalue(), first.name
    assert returned(first) is first
    first.send_line("two")
    came = wait_for(first, b"got:two")
    assert came.startswith(kept)
    assert came.count(b"got:one") == 1
    assert first.wants == {"stdin", "stdout"}
    assert first.marks[0].position == len(kept)
    assert (first.name, find(name)) == (name, first)


@pytest.mark.depends_on("shares_stdio_connection")
def test_a_second_wish_finds_it_attached(container: Make, attach: Attach, returned: Any) -> None:
    session = attach(container(ECHO, stdin=True))
    for _ in range(2):
        session.detach()
        assert returned(session) is session
        assert returned(session) is session
        assert session.state is State.ATTACHED
    assert [mark.kind for mark in session.marks] == ["again", "again"]


@pytest.mark.depends_on("settles_after")
def test_what_cannot_be_is_a_conflict_and_leaves_no_session(
    container: Make, attach: Attach, client: Client, returned: Any
) -> None:
    made = container("read x; exit 4", stdin=True)
    session = attach(made)
    session.send_line("go")
    assert session.wait(PATIENCE) == 4
    wait_until_ended(client, made)
    with pytest.raises(Conflict, match="start it first"):
        returned(session)
    assert client.inspect(made)["State"]["ExitCode"] == 4
    client.remove(made)
    with pytest.raises(NotFound, match="was removed"):
        returned(session, start=True)
    assert find(session.name) in (session, None)


@pytest.mark.depends_on("settles_after")
def test_what_somebody_else_has_started_is_attached_and_its_first_output_is_missed(
    container: Make, attach: Attach, client: Client, returned: Any
) -> None:
    made = container("echo first; exec sleep 1000")
    session = attach(made)
    client.restart(made, grace=0)
    assert session.join(PATIENCE) is State.EXITED
    assert session._lifecycle.wait_for_end(lambda: session.controls().again == "", PATIENCE)
    returned(session, start=True)
    assert session.state is State.ATTACHED
    text = session.marks[-1].text
    assert ", attached again after " in text
    assert text.endswith("; what it printed since its new start is not here")


def test_signals_arrive_by_name(container: Make, attach: Attach, client: Client) -> None:
    script = (
        'for s in HUP INT QUIT USR1 USR2; do trap "echo got:$s" $s; done; echo ready; '
        "while :; do sleep 0.05; done"
    )
    made = container(script, start=False)
    session = attach(made)
    client.start(made)
    wait_for(session, b"ready")
    for name in ("HUP", "INT", "QUIT", "USR1", "USR2"):
        session.send_signal(name)
        wait_for(session, f"got:{name}".encode())
    session.send_signal("KILL")
    assert session.wait(PATIENCE) == 137
