"""A session saves itself: with the user's rules, now or when it ends. No engine, no kernel."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.api import session as module
from hyper_jupyter.api.session import Session
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Input
from hyper_jupyter.session import State
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.recording.making import NOON, StoredSession, printed


class Stored(Session):
    """A session that received something, and whose state is the test's."""

    def __init__(self) -> None:
        self.name = "web"
        self.tty = False
        self.started_at = NOON
        stored = StoredSession()
        stored.output(b"key hunter2-not-real\n", 1.0)
        self.journal, self.sizes, self.typed = stored.journal, stored.sizes, stored.typed
        self.container = stored.container
        self.now = State.ATTACHED
        self.observers: list[Callable[[State, State], object]] = []

    state: Any = property(lambda self: self.now)
    container: Any = None
    client: Any = None
    engine: Any = "docker"
    kind: Any = "attach"
    command: Any = ()
    clock: Any = "arrival"
    exit_code: Any = 0
    complete: Any = True
    ended_at: Any = NOON + 2
    marks: Any = ()

    def observe(self, callback: Callable[[State, State], object]) -> Callable[[], None]:
        self.observers.append(callback)
        return lambda: self.observers.remove(callback) if callback in self.observers else None

    def becomes(self, state: State) -> None:
        old, self.now = self.now, state
        for callback in list(self.observers):
            callback(old, state)


def test_a_session_is_saved_with_the_user_s_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = SavedOutput(redact=["hunter2-not-real"])
    monkeypatch.setattr(module, "saved_output", lambda: policy)
    Stored().save(tmp_path / "demo.cast")
    assert printed(load(tmp_path / "demo.cast")) == b"key [redacted]\n"


def test_options_are_passed_on(tmp_path: Path) -> None:
    session = Stored()
    with pytest.raises(HyperJupyterError, match="was not kept"):
        session.save(tmp_path / "demo.cast", input=True)
    session.keep_input()
    session.typed.add(b"ls\n", session.typed.place())
    session.save(tmp_path / "demo", format="cast", version=2, input=True)
    assert '"version": 2' in (tmp_path / "demo").read_text("utf-8")
    found = load(tmp_path / "demo").events()
    assert [event.data for event in found if isinstance(event, Input)] == [b"ls\n"]
    session.save(tmp_path / "demo.log", stream="stderr")
    assert (tmp_path / "demo.log").read_bytes() == b""
    with pytest.raises(HyperJupyterError, match="there already"):
        session.save(tmp_path / "demo.log", overwrite=False)


def test_it_is_saved_when_it_ends_and_not_before(tmp_path: Path) -> None:
    session, path = Stored(), tmp_path / "demo.log"
    session.save_at_end(path)
    session.becomes(State.ATTACHED)
    assert not path.exists()
    session.becomes(State.LOST)
    assert path.read_bytes() == b"key hunter2-not-real\n"


def test_one_that_came_back_is_saved_again(tmp_path: Path) -> None:
    session, path = Stored(), tmp_path / "demo.log"
    session.save_at_end(path)
    session.becomes(State.LOST)
    session.becomes(State.ATTACHED)
    session.journal.extend([(StreamType.STDOUT, b"more\n")], NOON + 3)  # type: ignore[list-item]
    session.becomes(State.EXITED)
    assert path.read_bytes() == b"key hunter2-not-real\nmore\n"


@pytest.mark.parametrize("ends", [False, True])
def test_a_session_stays_until_it_was_saved_and_no_longer(tmp_path: Path, ends: bool) -> None:
    session = Stored()
    session.save_at_end(tmp_path / "demo.log")
    left, observers = weakref.ref(session), session.observers
    if ends:
        session.becomes(State.EXITED)
    del session
    assert (left() is None) is ends
    assert len(observers) == 1


def test_one_that_has_ended_is_saved_at_once(tmp_path: Path) -> None:
    session, path = Stored(), tmp_path / "demo.log"
    session.now = State.DETACHED
    session.save_at_end(path)
    assert path.exists()


def test_what_cannot_be_saved_is_said_before(tmp_path: Path) -> None:
    session = Stored()
    with pytest.raises(HyperJupyterError, match=r"\.doc is not known"):
        session.save_at_end(tmp_path / "demo.doc")
    assert session.observers == []


def test_what_cannot_be_saved_at_the_end_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session, path = Stored(), tmp_path / "folder" / "demo.log"
    path.parent.mkdir()
    session.save_at_end(path)
    path.parent.rmdir()
    session.becomes(State.LOST)
    assert f"session web was not saved: there is no folder {path.parent}" in caplog.text
