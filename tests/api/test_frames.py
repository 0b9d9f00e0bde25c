"""The frames of a session, as users get them. An embedded engine of its own; no kernel."""

from __future__ import annotations

import pytest

import hyper_jupyter as hj
from hyper_jupyter.exceptions import HyperJupyterError

SCRIPT = "read x; echo got $x; echo oh >&2"


@pytest.fixture
def client() -> hj.Client:
    return hj.connect("local:")


def test_frames_are_kept_from_the_start_if_that_is_wanted(client: hj.Client) -> None:
    container = client.create("default", ["sh", "-c", SCRIPT], stdin=True)
    try:
        session = client.attach(container, frames=True)
        client.start(container)
        session.send_line("it")
        assert session.wait(60) == 0
        session.join(60)
        frames = session.frames()
        assert ("input", b"", 3, b"it\n") in [frame[1:] for frame in frames]
        assert ("stdout", b"\x01\0\0\0\0\0\0\x07", 7, b"got it\n") in [
            frame[1:] for frame in frames
        ]
        assert ("stderr", b"\x02\0\0\0\0\0\0\x03", 3, b"oh\n") in [frame[1:] for frame in frames]
        assert session.options.frames
        assert session.screen_lines() == ["got it", "oh"] or session.screen_lines() == [
            "oh",
            "got it",
        ]
        with pytest.raises(ValueError, match="not one of split, merged, tabs, frames"):
            session.view("frame")
        with pytest.raises(ValueError, match="frames can only be shown in the cell"):
            session.view("frames", place="tab")
        view = session.view("frames")
        assert repr(view).startswith("<FramesWidget of ")
        assert view.status["state"] == "ended"
        [*rows] = view._news(0)["frames"]
        assert [b"got it\n".hex()] == [row[5] for row in rows if row[2] == "stdout"]
        assert view._news(rows[-1][0])["frames"] == []
        r = hj.replay(session)
        assert r.frames() == frames
        table = r.view("frames")
        assert repr(table) == (
            f"<FramesWidget of Recording of {session.name} on a recording: ended>"
        )
        assert table._news(0)["frames"] == rows
        assert table._news(rows[-1][0])["frames"] == []
        r.close()
        assert table.comm is None
        session.close()
        assert view.comm is None
    finally:
        client.remove(container, force=True)


def test_frames_that_nobody_asked_for_are_not_kept(client: hj.Client) -> None:
    session = client.run("default", ["echo", "it"], stdin=False, tty=True)
    try:
        with pytest.raises(HyperJupyterError) as raised:
            session.frames()
        assert "record_frames()" in raised.value.hint
        replay = hj.replay(session)
        for look in (replay.frames, lambda: replay.view("frames")):
            with pytest.raises(HyperJupyterError, match="does not have the frames") as raised:
                look()
            assert "frames=True" in raised.value.hint
        session.record_frames()
        assert session.record_frames() is session.record_frames()
        session.join(60)
        session.frames()
        assert session.screen_lines() == ["it"]
    finally:
        client.remove(session.container.id, force=True)
