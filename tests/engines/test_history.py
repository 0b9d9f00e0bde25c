"""What a container printed before it was attached: it ends where the live output begins."""

from __future__ import annotations

import time

import pytest

from hyper_jupyter.api import Client, Session
from hyper_jupyter.session import State
from tests.engines.scenarios import (
    ECHO,
    PATIENCE,
    Attach,
    Make,
    wait_for,
    wait_for_log,
    wait_until_ended,
)

ROUNDS = "while read line; do echo got:$line; done"
FLOOD = "i=0; while :; do echo $i; i=$((i+1)); done"


def texts(session: Session) -> list[str]:
    return [line.text for line in session.history.lines()]


def whole(session: Session, client: Client) -> bytes:
    """History and live output of stdout, without the bytes that this engine's log may alter."""
    printed = session.history.getvalue("stdout") + session.stdout.getvalue()
    return printed.translate(None, client.profile.log_alters)


def wait_until_proven(session: Session, stream: str = "stdout") -> None:
    deadline = time.monotonic() + PATIENCE
    while session.history.note_for(stream):
        assert time.monotonic() < deadline, session.history
        session._lifecycle.wait_for(lambda: not session.history.note_for(stream), 0.1)


@pytest.mark.core
@pytest.mark.depends_on("log_lacks_unfinished", "log_entries", "reads_log_apart", "transport")
@pytest.mark.parametrize("tty", [False, True])
def test_history_is_the_end_of_the_log_and_live_output_follows(
    container: Make, attach: Attach, client: Client, tty: bool
) -> None:
    made = container(f"seq 1 50; {ROUNDS}", stdin=True, tty=tty)
    wait_for_log(client, made, b"50")
    session = attach(made, tail=3)
    newline = b"\r\n" if tty else b"\n"
    assert texts(session) == ["48", "49", "50"]
    assert session.history.getvalue() == newline.join([b"48", b"49", b"50", b""])
    assert all(
        line.time is not None and abs(line.time - time.time()) < 600 and line.clock == "engine"
        for line in session.history.lines()
    )
    assert session.stdout.getvalue() == b""
    session.send_line("it")
    wait_for(session, b"got:it")
    wait_until_proven(session)
    assert texts(session) == ["48", "49", "50"]


@pytest.mark.depends_on("log_lacks_unfinished")
def test_both_streams_are_in_the_log_s_order(
    container: Make, attach: Attach, client: Client
) -> None:
    steps = "; ".join(f"echo out{n}; sleep 0.05; echo err{n} >&2; sleep 0.05" for n in range(3))
    made = container(f"{steps}; {ECHO}", stdin=True)
    wait_for_log(client, made, b"out2")
    with client.logs(made, follow=True) as log:
        assert next(line for line in log.stderr.lines(follow=True) if line == "err2")
    session = attach(made, tail=4)
    lines = [(line.stream, line.text) for line in session.history.lines()]
    assert lines == [("stdout", "out1"), ("stderr", "err1"), ("stdout", "out2"), ("stderr", "err2")]
    session.send_line("it")
    wait_for(session, b"got:it")
    for stream in ("stdout", "stderr"):
        wait_until_proven(session, stream)
    assert session.history.proven
    assert whole(session, client).replace(b"\n", b"").endswith(b"out1out2got:it")


@pytest.mark.depends_on("log_lacks_unfinished")
@pytest.mark.parametrize("tty", [False, True])
def test_an_unfinished_line_is_in_history_once_that_is_proven(
    container: Make, attach: Attach, client: Client, tty: bool
) -> None:
    # The signal is a pause that the test ends: a program that waits has printed its question.
    script = "trap 'echo yes; exit' USR1; echo one; printf 'two? '; while :; do sleep 0.05; done"
    made = container(script, tty=tty)
    wait_for_log(client, made, b"one")
    session = attach(made, tail=5)
    if client.profile.log_lacks_unfinished:
        assert "unfinished" in session.history.note_for("stdout")
    client.kill(made, "USR1")
    assert session.join(PATIENCE) is State.EXITED
    wait_until_proven(session)
    printed = b"one\ntwo? yes\n".replace(b"\n", b"\r\n" if tty else b"\n")
    assert whole(session, client) == printed.translate(None, client.profile.log_alters)


@pytest.mark.core
@pytest.mark.depends_on("log_lacks_unfinished", "log_time_step", "log_alters", "log_tail_most")
def test_a_flood_continues_its_history(container: Make, attach: Attach, client: Client) -> None:
    made = container(FLOOD)
    wait_for_log(client, made, b"\n3000\n")
    proven = 0
    for attempt in range(12):
        if attempt > 2 and (proven or client.engine != "embedded"):
            break  # real engines may be too slow on a busy machine
        session = attach(made, tail=20, stdin=False)
        wait_for(session, b"00\n")
        session.detach()
        assert len(list(session.history.lines("stdout"))) <= 20
        if session.history.note_for("stdout"):
            continue
        proven += 1
        # What the log alters are line ends, in one engine: so compare digits.
        got = whole(session, client).replace(b"\n", b"")
        first = next(iter(session.history.lines("stdout"))).text
        last = session.stdout.getvalue().split(b"\n")[-2]
        begin = next(
            number
            for number in range(int(first), int(last) + 1)
            if got.startswith(b"%d%d%d" % (number, number + 1, number + 2))
        )
        numbers = b"".join(b"%d" % number for number in range(begin, int(last) + 5000))
        assert numbers.startswith(got)
    assert proven or client.engine != "embedded"


@pytest.mark.depends_on("log_lacks_unfinished", "log_time_step")
@pytest.mark.parametrize("pause", [0.005, 0.3])
def test_identical_lines_are_counted(
    container: Make, attach: Attach, client: Client, pause: float
) -> None:
    number = 60 if pause < 0.1 else 8
    made = container(f"i=0; while [ $i -lt {number} ]; do echo x; i=$((i+1)); sleep {pause}; done")
    wait_for_log(client, made, b"x", 2)
    session = attach(made, tail="all")
    assert session.join(3 * PATIENCE) is State.EXITED
    if not session.history.note_for("stdout"):
        assert whole(session, client).count(b"x") == number


@pytest.mark.depends_on("settles_after", "reads_log_apart", "log_lacks_unfinished")
@pytest.mark.parametrize("tty", [False, True])
def test_an_ended_container_has_only_its_history(
    container: Make, attach: Attach, client: Client, tty: bool
) -> None:
    made = container("seq 1 9; exit 4", tty=tty)
    wait_until_ended(client, made)
    session = attach(made, tail=2)
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code == 4
    assert texts(session) == ["8", "9"]
    assert session.history.proven
    assert session.stdout.getvalue() == b""
    assert client.inspect(made)["State"]["ExitCode"] == 4
    again = session.attach_again(start=True)
    assert again.wait(PATIENCE) == 4
    assert texts(again) == ["8", "9"]
    assert again.stdout.getvalue().split() == [b"%d" % n for n in range(1, 10)]


@pytest.mark.core
def test_a_created_container_has_no_history(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo out", start=False)
    session = attach(made, tail=5)
    assert (texts(session), session.history.proven) == ([], True)
    client.start(made)
    assert session.wait(PATIENCE) == 0
    assert session.stdout.getvalue() == b"out\n"


@pytest.mark.depends_on("log_lacks_unfinished")
def test_a_history_may_be_of_no_lines_or_of_more_than_there_are(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("seq 1 9; sleep 60")
    wait_for_log(client, made, b"9")
    none = attach(made, tail=0)
    wait_until_proven(none)  # a busy engine answers too late for it at first
    assert (texts(none), none.history.proven) == ([], True)
    every = [str(number) for number in range(1, 10)]
    assert texts(attach(made, tail=1000)) == every
    assert texts(attach(made, tail="all")) == every


@pytest.mark.depends_on("unreadable_log_drivers")
def test_a_log_that_cannot_be_read_is_no_reason_not_to_attach(
    client: Client, attach: Attach
) -> None:
    if client.engine == "embedded":
        pytest.skip("its logs can always be read")
    body = {
        "Image": client.default_image,
        "Cmd": ["sh", "-c", "sleep 60"],
        "HostConfig": {"LogConfig": {"Type": "none"}, "NetworkMode": "none"},
    }
    made = client.call("POST", "/containers/create", body=body).json()["Id"]
    try:
        client.start(made)
        session = attach(made, tail=5)
        assert session.state is State.ATTACHED
        assert texts(session) == []
        assert "none" in session.history.note
    finally:
        client.kill(made)
        client.remove(made, force=True)
