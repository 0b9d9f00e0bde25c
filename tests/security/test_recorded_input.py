"""What is typed may be a password: it is kept and saved only if both were asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.live import recording_of
from hyper_jupyter.recording.saving import save
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.plan import InputEnd
from tests.recording.making import StoredSession

PASSWORD = b"not-a-real-password"


class Taken:
    """A connection that takes everything."""

    gone = False
    ended = False

    def write(self, data: bytes, timeout: float | None) -> bool:
        return True


def stdin(session: StoredSession) -> Stdin:
    plan: Any = SimpleNamespace(
        detach_keys=b"", own_keys=b"", subject="web", input_end=InputEnd.NONE
    )
    attachment: Any = SimpleNamespace(input_used=True, input=Taken)
    ending: Any = SimpleNamespace(note_input=lambda: None)
    lifecycle: Any = SimpleNamespace(check_process=lambda what: None)
    controls: Any = SimpleNamespace(stdin="")
    return Stdin(plan, attachment, lifecycle, ending, lambda: controls, session.typed)


@pytest.mark.claim(
    "What is typed is kept only if that was asked for, and hidden input never. "
    "It is saved only if that was asked for, too."
)
@pytest.mark.parametrize("suffix", ["cast", "txt", "log", "jsonl"])
def test_only_what_was_kept_and_asked_for_is_in_a_file(tmp_path: Path, suffix: str) -> None:
    session = StoredSession(tty=True)
    session.output(b"$ ", 0.0, StreamType.STDOUT)
    typing = stdin(session)
    typing.send(PASSWORD + b"-early\r")
    session.typed.begin()
    typing.send(PASSWORD + b"-hidden\r", hidden=True)
    typing.send(b"typed\r")
    for asked in (False, True):
        path = tmp_path / f"{asked}.{suffix}"
        save(recording_of(session, input=asked), path)
        assert PASSWORD not in path.read_bytes()
        assert (b"typed" in path.read_bytes()) == (asked and suffix == "cast")
    assert b"typed\r" in [sent.data for sent in session.typed.all]
