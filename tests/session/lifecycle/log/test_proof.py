"""All output has come: proven by the engine's log, or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.client import Container
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session.attach.kept_connections import close_kept
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.lifecycle.log import proof as module
from hyper_jupyter.session.lifecycle.log.proof import Proof
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.store.journal import Journal
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, plan_of
from tests.session.servers import REFUSED

PATIENCE = 10.0
OUT, ERR = StreamType.STDOUT, StreamType.STDERR
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
LONG = 3600.0


@pytest.fixture
def client() -> Iterator[Any]:
    made = PairedClient()
    yield made
    close_kept()
    made.close()


class Compared:
    """A proof for a session that has received this output of a container that it saw start."""

    def __init__(
        self,
        client: Any,
        received: bytes,
        of: Plan | None = None,
        *,
        exited: bool = True,
        doubted: bool = False,
    ) -> None:
        plan = of or replace(plan_of(DOCKER), unstarted=True)
        journal = Journal()
        journal.append(OUT, received)
        self.client = client
        target = target_of(client, Container("f00d", "web", "busybox"), plan)
        self.proof = Proof(client, target, plan, journal, threading.RLock())
        self.proof.doubted = doubted
        self.done = threading.Event()
        if exited:
            self.proof.exit_known()
            client.inspected = [{"State": {"Status": "exited", "Running": False, "ExitCode": 0}}]
        self.proof.start()
        self.proof.then(self.done.set)

    def log(self, *frames: tuple[StreamType, bytes], answer: bytes = HEAD) -> None:
        peer = self.client.peer()
        peer.sendall(answer + b"".join(encode_frame(*frame) for frame in frames))
        peer.close()

    @property
    def complete(self) -> bool | None:
        assert self.done.wait(PATIENCE)
        return self.proof.complete


def test_a_log_that_ends_the_same_is_the_proof(client: Any) -> None:
    compared = Compared(client, b"a\nb\n")
    assert compared.proof.pending
    compared.log((OUT, b"a\n"), (OUT, b"b\n"))
    assert (compared.complete, compared.proof.pending) == (True, False)
    (call,) = client.calls
    assert call[2] == "/containers/f00d/logs"
    assert call[3] == {"stdout": "1", "stderr": "1", "follow": "0", "tail": "200"}


def test_a_log_that_goes_on_shows_how_much_is_missing(client: Any) -> None:
    compared = Compared(client, b"a\n")
    compared.log((OUT, b"a\n"), (OUT, b"b\n"), (ERR, b"no\n"))
    assert compared.complete is False
    assert compared.proof.missing == {OUT: 2, ERR: 3}


def test_a_log_proves_something_only_after_the_exit(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", LONG)
    monkeypatch.setattr(module, "_STEP", 0.0)
    compared = Compared(client, b"a\n", exited=False)
    compared.log((OUT, b"a\n"))
    peer = client.peer()  # it is read again
    assert compared.proof.pending
    compared.proof.exit_known()
    peer.sendall(HEAD + encode_frame(OUT, b"a\n"))
    peer.close()
    compared.log((OUT, b"a\n"), (OUT, b"more\n"))
    assert (compared.complete, compared.proof.missing) == (False, {OUT: 5})


def test_a_container_that_runs_on_leaves_it_open(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    compared = Compared(client, b"a\n", exited=False)
    compared.log((OUT, b"a\n"))
    assert compared.complete is None


@pytest.mark.parametrize("logged", [b"a\nb\n", b"other\n"])
def test_what_a_container_prints_that_runs_again_is_not_missing(
    client: Any, monkeypatch: pytest.MonkeyPatch, logged: bytes
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    compared = Compared(client, b"a\n")
    client.inspected = [{"State": {"Status": "running", "Running": True}}]
    compared.log((OUT, logged))
    assert compared.complete is None


def test_a_log_that_is_late_is_read_again(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", LONG)
    monkeypatch.setattr(module, "_STEP", 0.0)
    compared = Compared(client, b"a\nb\n")
    compared.log()
    compared.log((OUT, b"a\n"))
    compared.log((OUT, b"a\n"), (OUT, b"b\n"))
    assert compared.complete is True


@pytest.mark.parametrize(
    ("logged", "complete"), [(b"a\n", None), (b"other\n", False)], ids=["behind", "different"]
)
def test_a_log_is_not_waited_for_longer_than_that(
    client: Any, monkeypatch: pytest.MonkeyPatch, logged: bytes, complete: bool | None
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    compared = Compared(client, b"a\nb\n")
    compared.log((OUT, logged))
    assert compared.complete is complete


@pytest.mark.parametrize("logged", [b"a\nb\n", b"other\n"])
def test_what_the_next_run_has_printed_is_not_missing(
    client: Any, monkeypatch: pytest.MonkeyPatch, logged: bytes
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    compared = Compared(client, b"a\n", replace(plan_of(DOCKER), unstarted=True, restarts=True))
    compared.log((OUT, logged))
    assert compared.complete is None


@pytest.mark.parametrize("answer", [REFUSED, HEAD + b"\x01\0"], ids=["refused", "cut"])
def test_a_log_that_cannot_be_read_proves_nothing(client: Any, answer: bytes) -> None:
    compared = Compared(client, b"a\n")
    compared.log(answer=answer)
    assert compared.complete is None


@pytest.mark.parametrize(
    "changes", [{"log_readable": False}, {"options": replace(plan_of(DOCKER).options, ws=True)}]
)
def test_a_log_that_cannot_prove_it_is_not_asked_for(client: Any, changes: dict[str, Any]) -> None:
    compared = Compared(client, b"a\n", replace(plan_of(DOCKER), **changes))
    assert (compared.complete, client.calls) == (None, [])


def test_lines_that_are_too_long_prove_nothing(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.log.proof._MOST", 1000)
    compared = Compared(client, b"a\n")
    compared.log((OUT, b"x" * 2000))
    assert compared.complete is None


TICKS = b"tick\n" * 20_000


def test_lines_that_are_all_alike_are_counted(client: Any) -> None:
    compared = Compared(client, TICKS)
    compared.log((OUT, TICKS[:1000]))
    compared.log((OUT, TICKS))
    assert (compared.complete, compared.proof.everything) == (True, True)
    assert [call[3]["tail"] for call in client.calls if call[0] == "open"] == ["200", "all"]


def test_a_count_shows_how_much_is_missing_at_the_end(client: Any) -> None:
    compared = Compared(client, TICKS)
    compared.log((OUT, TICKS[:1000]))
    compared.log((OUT, TICKS), (OUT, b"tick\n" * 3))
    assert (compared.complete, compared.proof.missing) == (False, {OUT: 15})


@pytest.mark.parametrize(
    "changes", [{"unstarted": False}, {"log_may_rotate": True}], ids=["late", "rotated"]
)
def test_bytes_are_counted_only_where_both_sides_have_the_first_one(
    client: Any, changes: dict[str, Any]
) -> None:
    compared = Compared(client, TICKS, replace(plan_of(DOCKER), **{"unstarted": True, **changes}))
    compared.log((OUT, TICKS[:1000]))
    assert compared.complete is None


@pytest.mark.parametrize("lost", [b"", b"12\n"], ids=["nothing", "something"])
def test_after_a_gap_the_whole_log_is_counted(client: Any, lost: bytes) -> None:
    numbers = b"".join(b"%d\n" % number for number in range(20_000))
    compared = Compared(client, numbers.replace(lost, b"", 1) if lost else numbers, doubted=True)
    compared.log((OUT, numbers[-900:]))
    compared.log((OUT, numbers))
    assert compared.complete is True  # the end
    assert compared.proof.counted == {OUT: len(lost), ERR: 0}


@pytest.mark.parametrize("doubted", [False, True], ids=["only there", "perhaps elsewhere, too"])
@pytest.mark.parametrize("line", [b"%d x y %d\n", b"%d %d x y\n"], ids=["other ends", "same ends"])
def test_the_end_is_missing_where_its_last_lines_are_long(
    client: Any, monkeypatch: pytest.MonkeyPatch, line: bytes, doubted: bool
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    lines = [(line % (n, n)).replace(b"x", b"x" * 20_000) for n in range(100, 140)]
    compared = Compared(client, b"".join(lines[:20]), doubted=doubted)
    compared.log(*((OUT, line) for line in lines))
    assert compared.complete is False
    assert compared.proof.missing == {OUT: sum(map(len, lines[20:]))}


def test_after_a_gap_a_log_that_ends_otherwise_does_not_say_where_output_is_missing(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    numbers = b"".join(b"%d\n" % number for number in range(20_000))
    compared = Compared(client, numbers[:50_000], doubted=True)
    compared.log((OUT, numbers[-900:]))
    assert (compared.complete, compared.proof.missing) == (False, {})
    assert [call[3]["tail"] for call in client.calls if call[0] == "open"] == ["200"]


def test_bytes_that_the_log_has_altered_are_not_counted(client: Any) -> None:
    compared = Compared(client, TICKS, doubted=True)
    compared.log((OUT, TICKS[:1000]))
    compared.log((OUT, TICKS), (ERR, "\ufffd\n".encode()))
    assert (compared.complete, compared.proof.counted) == (None, None)
