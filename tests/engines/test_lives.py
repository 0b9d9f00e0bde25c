"""A session that follows its container from life to life, on every engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import NotFound
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.store.marks import MarkKind
from tests.engines.scenarios import PATIENCE, Attach, Make, status, wait_for, wait_for_log
from tests.proxies import CuttingProxy

NEEDS = pytest.mark.depends_on(
    "settles_after",
    "shares_stdio_connection",
    "shows_restarts",
    "attach_resets_ended",
    "log_lacks_unfinished",
)
QUICK = pytest.mark.depends_on(
    "settles_after", "shares_stdio_connection", "shows_restarts", "attach_resets_ended"
)
"""Lives of less than a second, which a log with whole seconds cannot separate."""

COUNTS = 'echo "pid $$ begins"; echo "err" >&2; echo "the same"; sleep 0.2; echo "end"; exit 3'
LONG = 'echo "begins $(cat /proc/sys/kernel/random/uuid)"; exec sleep 1000'


def reach(session: Session, what: str, count: int) -> None:
    """Wait until the session has heard a text so many times."""
    found = session._lifecycle.wait_for(
        lambda: session.stdout.getvalue().count(what.encode()) >= count, PATIENCE
    )
    assert found, (session, session.stdout.text[-500:], session.marks)


def last_code(session: Session, restarts: int) -> int | None:
    """Wait until the engine has started it again so many times, and return its last exit code.

    An engine on a busy machine may take longer for a restart than a session waits to see whether
    there is one.
    """
    found = session._lifecycle.wait_for(lambda: session.restarts == restarts, 2 * PATIENCE)
    assert found, (session, session.marks, session.lives)
    return session.wait(PATIENCE)


def reach_state(session: Session, state: State) -> None:
    found = session._lifecycle.wait_for(lambda: session.state is state, PATIENCE)
    assert found, (session, state, session.error)


@pytest.fixture
def proxy(client: Client, tmp_path: Path) -> Iterator[CuttingProxy]:
    with CuttingProxy(tmp_path / "proxy.sock", client._endpoint.path) as made:
        yield made


@contextmanager
def unheard(session: Session, proxy: CuttingProxy) -> Iterator[None]:
    """Cut a session's connection: it hears of what the block does when it has attached again."""
    proxy.refuse()
    proxy.cut()
    reach_state(session, State.RECONNECTING)
    yield
    proxy.accept()
    session.reconnect_now()


@pytest.fixture
def following(attach: Attach) -> Attach:
    return lambda made, **options: attach(made, follow_restarts=True, **options)


@QUICK
def test_a_crash_loop_over_five_lives_is_one_session_without_a_gap(
    container: Make, following: Attach, client: Client
) -> None:
    made = container(COUNTS, start=False, restart="on-failure:4")
    session = following(made)
    client.start(made)
    assert last_code(session, 4) == 3
    assert session.state is State.RECONNECTING
    assert session.awaits == "its restart policy gave up, waiting for a start by hand"
    assert f"reconnecting (3), {session.awaits}" in repr(session)
    assert session.restarts == 4
    assert [life.exit_code for life in session.lives] == [3] * 5
    text = session.stdout.text
    lives = text.split("pid ")[1:6]
    assert [life.split("\n", 1)[1] for life in lives[:4]] == ["the same\nend\n"] * 4, text
    assert len({life.split()[0] for life in lives}) == (5 if client.engine == "embedded" else 1)
    assert session.stderr.text.startswith("err\n" * 5)
    marks = [mark for mark in session.marks if mark.kind == "life"]
    assert [mark for mark in session.marks if mark.kind == "gap"] == []
    for number, mark in enumerate(marks[:4], 1):
        assert mark.text.startswith("exited with code 3, started again after "), mark
        assert f"(restart {number})" in mark.text, mark
        before = session.stdout.getvalue()[: mark.offsets[StreamType.STDOUT]].decode()
        assert before.endswith("end\n"), before
        assert before.count("end\n") == number
    ends = [life.ended for life in session.lives if life.ended is not None]
    assert ends == sorted(ends)


@QUICK
def test_lives_that_come_and_go_at_once_are_taken_from_the_log(
    container: Make, following: Attach, client: Client
) -> None:
    made = container(
        "echo boom; echo again; echo boom; exit 1", start=False, restart="on-failure:2"
    )
    session = following(made)
    client.start(made)
    assert last_code(session, 2) == 1
    assert session.stdout.text == "boom\nagain\nboom\n" * 3
    assert session.restarts == 2
    assert len([mark for mark in session.marks if mark.kind == "life"]) == len(session.lives) - 1


@QUICK
def test_who_follows_a_container_that_was_given_up_reads_that_in_the_last_mark(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo boom; exit 3", start=False, restart="on-failure:1")
    session = attach(made)
    client.start(made)
    assert session.join(PATIENCE) is State.EXITED
    wait = threading.Event()
    while not client.inspect(made)["RestartCount"] or status(client, made) != "exited":
        wait.wait(0.02)
    session.follow_restarts()
    gave_up = "its restart policy gave up, waiting for a start by hand"
    assert session._lifecycle.wait_for(lambda: session.awaits == gave_up, 2 * PATIENCE), session
    assert session.marks[-1].text in (gave_up, f"exited with code 3, {gave_up}"), session.marks


LACKS = "the beginning of an unfinished line may be missing"


@pytest.mark.depends_on("log_entries", "settles_after", "attach_resets_ended")
@pytest.mark.parametrize("tty", [False, True])
def test_a_prompt_at_the_end_of_a_life_hides_nothing_of_the_next_one(
    container: Make, following: Attach, client: Client, tty: bool
) -> None:
    made = container(
        "echo begins; printf '$ '; sleep 0.2; exit 1", start=False, restart="on-failure:2", tty=tty
    )
    session = following(made)
    client.start(made)
    assert last_code(session, 2) == 1
    life = "begins\r\n$ " if tty else "begins\n$ "
    assert [mark.kind for mark in session.marks] == ["life"] * 2
    places = [0, *(mark.offsets[StreamType.STDOUT] for mark in session.marks)]
    ends = [*places[1:], len(session.stdout.text)]
    for number, (begin, end) in enumerate(zip(places, ends, strict=True)):
        # A life may be attached just after its prompt, which is not in the log yet. That is said.
        lacks = number > 0 and LACKS in session.marks[number - 1].text
        assert session.stdout.text[begin:end] in (life, life.removesuffix("$ ") if lacks else life)
    log = client.logs(made, follow=False)
    assert log.wait(PATIENCE) == 1
    assert log.stdout.text == life * 3


@NEEDS
def test_a_prompt_that_a_log_does_not_have_yet_is_there_or_said_to_be_missing(
    container: Make, following: Attach, client: Client
) -> None:
    made = container("printf '$ '; exec sleep 1000", start=False)
    session = following(made)
    client.start(made)
    reach(session, "$ ", 1)
    client.restart(made, grace=0)
    wait_for_restart = session._lifecycle.wait_for(lambda: session.restarts == 1, PATIENCE)
    assert wait_for_restart, session
    reach_state(session, State.ATTACHED)
    known = session._lifecycle.wait_for(
        lambda: LACKS in session.marks[-1].text or session.stdout.text == "$ $ ", PATIENCE
    )
    assert known, (session, session.marks, session.stdout.text)


@QUICK
def test_lines_that_the_engine_has_dropped_are_said_to_be_missing(
    container: Make, following: Attach, client: Client
) -> None:
    small = {"max-size": "1k", "max-file": "1"} if client.engine == "docker" else {}
    made = container(
        "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line number $i of many; done; exit 6",
        start=False,
        restart="on-failure:2",
        log_options=small,
    )
    session = following(made)
    client.start(made)
    assert last_code(session, 2) == 6
    counts = session.stdout.text.count("number 1 of"), session.stdout.text.count("number 60 of")
    gaps = [mark for mark in session.marks if mark.kind == "gap"]
    assert counts == (3, 3) or gaps, session.marks


@NEEDS
def test_who_leaves_between_two_lives_and_comes_back_has_all_of_them(
    container: Make, following: Attach, client: Client
) -> None:
    # The times of a log may not tell two lives apart: they print something else.
    made = container("echo once $(cat /proc/sys/kernel/random/uuid); exit 5", start=False)
    session = following(made)
    client.start(made)
    assert session.wait(PATIENCE) == 5
    assert (session.exit_code, session.waiting) == (5, True)
    session.detach()
    assert (session.wait(PATIENCE), session.waiting) == (5, False)
    assert session.controls().leave == "The container has ended."
    session.follow_restarts()
    client.start(made)
    reach(session, "once", 2)
    assert session.wait(PATIENCE) == 5
    assert [life.exit_code for life in session.lives] == [5, 5]
    assert session.restarts == 1


SPEAKS = (
    'trap "echo last words; exit 3" TERM; echo "begins $(cat /proc/sys/kernel/random/uuid)"; '
    "while :; do sleep 0.1; done"
)


@NEEDS
@pytest.mark.depends_on("log_time_step")
def test_a_restart_while_the_connection_is_cut_begins_a_life(
    container: Make, client: Client, proxy: CuttingProxy
) -> None:
    made = container(SPEAKS, start=False)
    session = client_for(proxy.url, timeout=20).attach(made, follow_restarts=True)
    client.start(made)
    reach(session, "begins", 1)
    with unheard(session, proxy):
        client.restart(made)
    reach_state(session, State.ATTACHED)
    reach(session, "begins", 2)
    assert (session.restarts, session.reconnecting) == (1, None)
    (life,) = (mark for mark in session.marks if mark.kind is MarkKind.LIFE)
    cut = next(mark for mark in session.marks if mark.text.startswith("connection cut"))
    assert cut.number < life.number
    if client.profile.log_time_step < 0.5:  # else whose lines some are is not known
        assert session.lives[0].exit_code == 3
        assert (cut.kind, session.stdout.text.count("last words")) == (MarkKind.CUT, 1)
        words = session.stdout.getvalue().index(b"last words")
        assert cut.offsets[StreamType.STDOUT] <= words < life.offsets[StreamType.STDOUT]
        assert all(gap.filled for gap in session.gaps)
    session.close(force=True)


@NEEDS
def test_lives_that_were_started_by_hand_while_nothing_was_heard_are_listed(
    container: Make, client: Client, proxy: CuttingProxy
) -> None:
    made = container(LONG, start=False)
    session = client_for(proxy.url, timeout=20).attach(made, follow_restarts=True)
    client.start(made)
    reach(session, "begins", 1)
    with unheard(session, proxy):
        for number in range(2, 5):
            client.restart(made, grace=0)
            wait_for_log(client, made, b"begins", number)
    reach_state(session, State.ATTACHED)
    reach(session, "begins", 4)
    assert session.restarts == 3
    *over, newest = [life.exit_code for life in session.lives]
    assert (len(over), newest) == (3, None)
    assert set(over) <= {137, 143}
    assert [mark.kind for mark in session.marks].count(MarkKind.LIFE) == 3
    assert not any("unseen" in mark.text for mark in session.marks)
    session.close(force=True)


@NEEDS
def test_another_container_that_takes_the_name_while_the_connection_is_cut_is_followed(
    container: Make, client: Client, proxy: CuttingProxy
) -> None:
    name = f"followed-{threading.get_native_id()}"
    first = container(LONG, name=name)
    session = client_for(proxy.url, timeout=20).attach(name, follow_name=True)
    with unheard(session, proxy):
        client.remove(first, force=True)
        container("echo second; exec sleep 1000", name=name)
    reach(session, "second", 1)
    reach_state(session, State.ATTACHED)
    assert "another container has its name now" in session.marks[-1].text
    session.close(force=True)


@NEEDS
def test_what_is_started_again_by_hand_goes_on_in_the_same_session(
    container: Make, following: Attach, client: Client
) -> None:
    made = container(LONG, start=False)
    session = following(made)
    client.start(made)
    reach(session, "begins", 1)
    client.restart(made, grace=0)
    reach(session, "begins", 2)
    reach_state(session, State.ATTACHED)
    client.stop(made, grace=0)
    assert session.wait(PATIENCE) in (137, 143)
    reach_state(session, State.RECONNECTING)
    assert "waiting for a start by hand" in session.controls().stdin
    client.start(made)
    reach(session, "begins", 3)
    reach_state(session, State.ATTACHED)
    assert session.restarts == 2
    assert len(set(session.stdout.text.split())) == 4  # "begins" and three ids
    session.detach()
    assert session.state is State.DETACHED


@NEEDS
def test_another_container_that_takes_the_name_is_followed(
    container: Make, attach: Attach, client: Client
) -> None:
    first = container(LONG, start=False, name=f"followed-{threading.get_native_id()}")
    name = client.inspect(first)["Name"].lstrip("/")
    session = attach(name, follow_name=True)
    client.start(first)
    reach(session, "begins", 1)
    client.remove(first, force=True)
    reach_state(session, State.RECONNECTING)
    second = container("echo second; exec sleep 1000", name=name)
    reach(session, "second", 1)
    reach_state(session, State.ATTACHED)
    assert session.container.id == client.inspect(second)["Id"]
    assert "another container has its name now" in session.marks[-1].text
    session.send_signal("KILL")
    assert session.wait(PATIENCE) == 137


@NEEDS
def test_a_removed_container_ends_a_session_that_follows_restarts(
    container: Make, following: Attach, client: Client
) -> None:
    made = container(LONG)
    session = following(made)
    client.remove(made, force=True)
    assert session.join(PATIENCE) is State.EXITED
    assert session.lives[-1].exit_code == session.exit_code
    with pytest.raises(NotFound):
        client.inspect(made)


@NEEDS
def test_a_container_that_is_being_restarted_is_attached_in_its_next_life(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo begins; sleep 0.2; echo end; exit 1", restart="always")
    if not client.profile.shows_restarts:
        pytest.skip("this engine has no such state; what is waited for there may take long")
    wait = threading.Event()
    while client.inspect(made)["RestartCount"] < 4 or status(client, made) != "restarting":
        wait.wait(0.02)  # until the pauses are so long that it stays in that state
    session = attach(made)
    text = wait_for(session, b"end")
    assert text.startswith(b"begins\n")
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code == 1
    assert session.lives == ()  # it follows no further
    client.remove(made, force=True)


SIZES = """
while sleep 0.1; do
  now=$(stty size 2>/dev/null || echo none)
  [ "$now" = "$last" ] || echo "size $now"
  last=$now
done
"""


@NEEDS
def test_the_terminal_of_the_next_life_has_the_size_of_the_last_one(
    container: Make, following: Attach, client: Client
) -> None:
    made = container(SIZES, tty=True)
    session = following(made)
    session.resize(33, 99)
    reach(session, "size 33 99", 1)
    client.restart(made, grace=0)
    reach(session, "size 33 99", 2)
    assert session.terminal_size == (33, 99)
