"""Containers whose output is kept in one way or another, or not at all, on every engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import ApiError, Conflict, HyperJupyterError
from hyper_jupyter.session import State
from tests.engines.scenarios import PATIENCE, Attach, read_log, status, wait_for, wait_for_log

READABLE = {
    "embedded": ("json-file",),
    "docker": ("json-file", "local"),
    "podman": ("k8s-file",),  # json-file is another name for it
}
"""The drivers that keep a log, by the engine's kind."""

READS = "echo one; printf 'caf\\351\\n'; read x; echo two; exit 3"

Driven = Callable[..., str]


@pytest.fixture
def driven(client: Client) -> Iterator[Driven]:
    """A function that starts a container of a script, with a log driver."""
    made: list[str] = []

    def make(driver: str, script: str = READS, *, tty: bool = False) -> str:
        body = {
            "Image": client.default_image,
            "Cmd": ["sh", "-c", script],
            "OpenStdin": True,
            "Tty": tty,
            "HostConfig": {"NetworkMode": "none", "LogConfig": {"Type": driver, "Config": {}}},
        }
        if client.engine == "embedded":
            del body["HostConfig"]
        reply = client.call("POST", "/containers/create", body=body)
        made.append(str(reply.json_object()["Id"]))
        client.start(made[-1])
        return made[-1]

    yield make
    for identifier in made:
        with contextlib.suppress(HyperJupyterError):
            client.remove(identifier, force=True)


def exec_works(client: Client, c: str) -> None:
    """A further program's output has nothing to do with the container's log."""
    done = client.exec_output(c, ["sh", "-c", "echo out; echo err >&2; exit 4"])
    assert (done.stdout, done.stderr, done.exit_code) == (b"out\n", b"err\n", 4)


@pytest.mark.depends_on("readable_log_drivers", "log_alters")
@pytest.mark.parametrize(
    "tty", [pytest.param(False, id="framed", marks=pytest.mark.core), pytest.param(True, id="tty")]
)
def test_a_log_is_read_and_compared_whatever_keeps_it(
    client: Client, driven: Driven, attach: Attach, tty: bool
) -> None:
    for driver in READABLE[client.engine]:
        made = driven(driver, tty=tty)
        newline = b"\r\n" if tty else b"\n"
        wait_for_log(client, made, b"caf")
        assert read_log(client, made).startswith(b"one" + newline + b"caf"), driver
        session = attach(made, logs=True)
        wait_for(session, b"caf")
        assert session.stdout.getvalue().startswith(b"one" + newline), driver
        exec_works(client, made)
        session.send_line("go")
        assert session.join(PATIENCE) is State.EXITED
        assert session.stdout.getvalue().endswith(b"two" + newline), driver
        assert (session.exit_code, session.complete, session.warnings) == (3, True, ()), driver
        with contextlib.closing(client.logs(made, follow=False, tail=1)) as log:
            assert log.join(PATIENCE) is State.EXITED
            assert (log.stdout.getvalue(), log.exit_code) == (b"two" + newline, 3), driver


@pytest.mark.core
@pytest.mark.depends_on("readable_log_drivers", "unattachable_log_drivers")
def test_a_log_that_is_not_kept_is_refused_and_the_container_attached_all_the_same(
    client: Client, driven: Driven, attach: Attach
) -> None:
    if client.engine == "embedded":
        return  # it keeps all
    made = driven("none")
    for read in (lambda: client.logs(made), lambda: client.attach(made, logs=True)):
        with pytest.raises(Conflict, match="cannot be read: its log driver is none") as caught:
            read()
        assert "%hyper_attach" in caught.value.hint
    assert status(client, made) == "running"
    exec_works(client, made)
    session = attach(made)
    session.send_line("go")
    assert session.join(PATIENCE) is State.EXITED
    # Nothing can show that all has come.
    assert (session.exit_code, session.complete, session.warnings) == (3, None, ())
    assert session.stdout.getvalue().endswith(b"two\n")
    with pytest.raises(Conflict, match="its log driver is none") as caught:
        client.logs(made)
    assert caught.value.hint == ""


@pytest.mark.depends_on("unattachable_log_drivers")
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_output_that_is_passed_through_is_out_of_reach_and_said_to_be(
    client: Client, driven: Driven, tty: bool
) -> None:
    if client.engine != "podman":
        return  # Docker looks 15 s for a plugin of that name
    made = driven("passthrough", "sleep 300", tty=tty)
    for read in (
        lambda: client.attach(made),
        lambda: client.attach(made, logs=True),
        lambda: client.logs(made),
    ):
        with pytest.raises(Conflict, match="its log driver is passthrough") as caught:
            read()
        assert "systemd" in caught.value.hint
    assert status(client, made) == "running"
    exec_works(client, made)


@pytest.mark.depends_on("readable_log_drivers")
def test_a_log_in_the_journal_is_not_missed_where_there_is_no_journal(
    client: Client, driven: Driven, attach: Attach
) -> None:
    if client.engine == "embedded":
        return  # it has no such driver
    try:
        made = driven("journald")
    except ApiError as error:
        assert "journal" in str(error)  # noqa: PT017 - Docker says so, and Podman 4.3
        return
    # Podman starts it all the same. Then its log is empty, and nothing can be compared with it.
    session = attach(made)
    session.send_line("go")
    assert session.join(PATIENCE) is State.EXITED
    assert (session.exit_code, session.warnings) == (3, ())
    assert session.complete is not False
