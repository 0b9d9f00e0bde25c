"""What was printed before, on every engine, with and without what is printed from now on."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session
from hyper_jupyter.api.moments import nanoseconds
from hyper_jupyter.session import State
from tests.engines.scenarios import (
    ECHO,
    PATIENCE,
    Attach,
    Make,
    status,
    wait_for,
    wait_for_log,
    wait_until_ended,
)

TRAP = "trap 'echo on; exit 0' USR1"
RUNS_ON = "while :; do sleep 0.05; done"

ALTERNATING = "for i in 1 2 3 4 5 6; do echo out$i; echo err$i >&2; done"


@pytest.mark.core
@pytest.mark.depends_on("reads_log_apart")
def test_logs_without_stream_gives_what_was_printed(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo out; echo err >&2; exit 4")
    wait_until_ended(client, made)
    session = attach(made, logs=True, stream=False)
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code == 4
    assert session.stdout.getvalue() == b"out\n"
    assert session.stderr.getvalue() == b"err\n"
    assert status(client, made) == "exited"


@pytest.mark.depends_on("reads_log_apart")
def test_logs_without_stream_of_a_running_container_ends_as_detached(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo out; sleep 60")
    wait_for_log(client, made, b"out")
    session = attach(made, logs=True, stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    assert session.stdout.getvalue() == b"out\n"


@pytest.mark.core
@pytest.mark.depends_on("reads_log_apart", "shares_stdio_connection")
def test_logs_with_stream_gives_both(container: Make, attach: Attach, client: Client) -> None:
    made = container(f"echo before; {ECHO}", stdin=True)
    wait_for_log(client, made, b"before")
    session = attach(made, logs=True)
    wait_for(session, b"before")
    session.send_line("after")
    assert wait_for(session, b"got:after") == b"before\ngot:after\n"


@pytest.mark.depends_on("reads_log_apart", "transport")
def test_logs_with_stream_without_stdin_gives_both(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo before; while [ ! -e /tmp/never ]; do sleep 0.05; echo on; done")
    wait_for_log(client, made, b"before")
    session = attach(made, logs=True, stdin=False)
    value = wait_for(session, b"on\non\non\n")
    assert value.startswith(b"before\non\n")


def test_only_a_whole_log_is_known_to_be_all_output(container: Make, client: Client) -> None:
    made = container("echo one; echo two >&2; echo three")
    wait_until_ended(client, made)
    parts: list[dict[str, Any]] = [
        *({}, {"tail": 1}, {"since": 1.0}, {"stdout": False}, {"follow": True})
    ]
    for part in parts:
        with contextlib.closing(client.logs(made, **{"follow": False, **part})) as session:
            assert session.join(PATIENCE) is State.EXITED
            assert session.complete is (None if part else True)


@pytest.mark.depends_on("log_alters")
@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("runs_on", [False, True])
def test_a_log_s_last_lines_are_followed_by_what_comes(
    container: Make, client: Client, tty: bool, runs_on: bool
) -> None:
    # The trap comes first: the signal may come as soon as the last number is there.
    made = container(f"{TRAP}; seq 1 50; {RUNS_ON}" if runs_on else "seq 1 50", tty=tty)
    if runs_on:
        wait_for_log(client, made, b"50")
    else:
        wait_until_ended(client, made)
    newline = b"\r\n" if tty else b"\n"
    with contextlib.closing(client.logs(made, follow=True, tail=1)) as session:
        wait_for(session, b"50" + newline)
        if runs_on:
            client.kill(made, "USR1")
        assert session.join(PATIENCE) is State.EXITED
        later = b"on" + newline if runs_on else b""
        assert session.stdout.getvalue() == b"50" + newline + later


@pytest.mark.depends_on("log_alters")
def test_a_log_keeps_the_engine_s_order_of_the_streams(container: Make, client: Client) -> None:
    made = container(ALTERNATING)
    wait_until_ended(client, made)
    with contextlib.closing(client.logs(made, follow=False)) as session:
        assert session.join(PATIENCE) is State.EXITED
        records, _ = session.journal.records(0, 1 << 20)
    received = b"".join(data for _, _, data in records).splitlines()
    numbered = [b"%s%d" % (name, number) for number in range(1, 7) for name in (b"out", b"err")]
    assert sorted(received) == sorted(numbered)
    # Two pipes: an engine may read one sooner than the other, by a line or two.
    assert all(abs(numbered.index(line) - place) <= 8 for place, line in enumerate(received))


@pytest.mark.depends_on("reads_log_apart", "readable_log_drivers", "settles_after")
@pytest.mark.parametrize("tty", [False, True])
def test_attaching_to_an_ended_container_with_its_log_shows_the_log(
    container: Make, attach: Attach, client: Client, tty: bool
) -> None:
    made = container("echo out; exit 4", tty=tty)
    wait_until_ended(client, made)
    session = attach(made, logs=True)
    assert session.join(PATIENCE) is State.EXITED
    assert (session.exit_code, session.error) == (4, None)
    assert session.stdout.getvalue() == (b"out\r\n" if tty else b"out\n")
    assert client.inspect(made)["State"]["ExitCode"] == 4
    assert session.attach_again(start=True).wait(PATIENCE) == 4
    assert session.stdout.getvalue() == 2 * (b"out\r\n" if tty else b"out\n")
    session.close(force=True)


def records_of(session: Session) -> list[tuple[float, bytes]]:
    """The lines of a log, each with the time of its first byte."""
    assert session.join(PATIENCE) in (State.EXITED, State.DETACHED)
    lines: list[tuple[float, bytes]] = []
    for _, at, data in session.journal.records(0, 1 << 20)[0]:
        for line in data.splitlines(keepends=True):
            if lines and not lines[-1][1].endswith(b"\n"):
                lines[-1] = (lines[-1][0], lines[-1][1] + line)
            else:
                lines.append((at, line))
    return lines


@pytest.mark.depends_on("log_entries", "log_time_step", "log_alters")
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_a_log_s_lines_are_whole_and_have_the_engine_s_times(
    container: Make, client: Client, tty: bool
) -> None:
    script = "printf abc; sleep 0.1; echo def; head -c 40000 /dev/zero | tr '\\0' x; echo; printf 2"
    begin = time.time()
    made = container(script, tty=tty)
    wait_until_ended(client, made)
    end = time.time()
    newline = b"\r\n" if tty else b"\n"
    expected = [b"abcdef" + newline, b"x" * 40000 + newline, b"2"]
    with contextlib.closing(client.logs(made, follow=False)) as session:
        found = records_of(session)
    assert [line for _, line in found] == expected
    step = client.profile.log_time_step
    assert all(begin - step <= at <= end + step for at, _ in found)
    times = [at for at, _ in found]
    assert sorted(times) == times
    with contextlib.closing(client.logs(made, follow=False, timestamps=True)) as session:
        stamped = [line.split(b" ", 1) for _, line in records_of(session)]
    assert [line for _, line in stamped] == expected
    for (stamp, _), (at, _) in zip(stamped, found, strict=True):
        assert abs(nanoseconds(stamp.decode()) / 1e9 - at) < 0.01


@pytest.mark.depends_on("log_limits_exclude", "log_time_step")
def test_a_log_can_begin_and_end_at_a_time(container: Make, client: Client) -> None:
    made = container("echo one; sleep 2.1; echo two")
    wait_until_ended(client, made)
    with contextlib.closing(client.logs(made, follow=False)) as session:
        (first, _), (second, _) = records_of(session)
    middle = (first + second) / 2
    moment = datetime.fromtimestamp(middle, UTC)
    for limits, lines in [
        ({"since": middle}, [b"two\n"]),
        ({"until": moment}, [b"one\n"]),
        ({"since": "1h", "until": moment}, [b"one\n"]),
        ({"since": timedelta(days=1)}, [b"one\n", b"two\n"]),
        ({"until": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"}, [b"one\n"]),
    ]:
        with contextlib.closing(client.logs(made, follow=False, **limits)) as session:  # type: ignore[arg-type]
            assert [line for _, line in records_of(session)] == lines, limits


@pytest.mark.depends_on("log_entries")
def test_a_log_that_is_followed_until_a_time_ends_in_order(container: Make, client: Client) -> None:
    made = container("while :; do echo x; sleep 0.1; done")
    wait_for_log(client, made, b"x")
    with contextlib.closing(client.logs(made, until="0s")) as session:
        assert session.join(PATIENCE) is State.DETACHED
        assert session.stdout.getvalue().startswith(b"x\n")


@pytest.mark.depends_on("log_has_details")
def test_details_are_what_the_options_of_the_driver_add(client: Client) -> None:
    body: dict[str, Any] = {
        "Image": client.default_image,
        "Cmd": ["sh", "-c", "head -c 20000 /dev/zero | tr '\\0' x; echo; echo bye"],
        "Labels": {"color": "deep blue"},
    }
    details = ""
    if client.profile.log_has_details:
        body["HostConfig"] = {"LogConfig": {"Type": "json-file", "Config": {"labels": "color"}}}
        details = "color=deep+blue "
    made = client.call("POST", "/containers/create", body=body).json()["Id"]
    try:
        client.start(made)
        client.wait(made, PATIENCE)
        log = client.logs(made, follow=False, details=True)
        log.join(PATIENCE)
        first, last = log.stdout.lines()
        assert first == details + "x" * 20000
        assert last == details + "bye"
    finally:
        client.remove(made, force=True)
