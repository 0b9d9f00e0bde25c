"""A session becomes a file, on every engine."""

from __future__ import annotations

import threading
from pathlib import Path

from hyper_jupyter.api import Client
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Exit, Input, Marker, Resize
from hyper_jupyter.session import ENDED
from tests.engines.scenarios import ECHO, PATIENCE, Attach, Make, wait_for
from tests.recording.making import printed


def test_a_cast_has_both_streams_the_marks_and_the_exit_code(
    container: Make, attach: Attach, client: Client, tmp_path: Path
) -> None:
    made = container(r"printf 'caf\303\251\n\377'; echo oh >&2; sleep 60", start=False)
    session = attach(made)
    client.start(made)
    wait_for(session, b"\xff")
    session.mark("before the end")
    session.save_at_end(tmp_path / "end.log")
    ended = threading.Event()
    session.observe(lambda _, new: ended.set() if new in ENDED else None)
    client.kill(made)
    session.wait(PATIENCE)
    assert ended.wait(PATIENCE)
    assert (tmp_path / "end.log").exists()
    session.save(tmp_path / "demo.cast")
    found = load(tmp_path / "demo.cast")
    assert printed(found) == session.stdout.getvalue()
    assert printed(found, "stderr") == session.stderr.getvalue()
    assert found.header.container == session.container.name
    kinds = [event for event in found.events() if isinstance(event, Marker | Exit)]
    assert [each[1] for each in kinds] == ["before the end", session.exit_code]


def test_a_terminal_s_cast_has_its_sizes_and_its_input_if_it_was_kept(
    container: Make, attach: Attach, tmp_path: Path
) -> None:
    session = attach(container(ECHO, stdin=True, tty=True), record_input=True)
    session.resize(33, 111)
    session.send_line("typed")
    session.send("not-a-real-password\r", hidden=True)
    wait_for(session, b"got:not-a-real-password")
    session.save(tmp_path / "demo.cast", input=True)
    events = list(load(tmp_path / "demo.cast").events())
    assert [event[1:] for event in events if isinstance(event, Resize)] == [(33, 111)]
    assert [event.data for event in events if isinstance(event, Input)] == [b"typed\r"]
