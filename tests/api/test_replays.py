"""Recordings as users hold them, without an engine and without a kernel."""

from __future__ import annotations

import base64
import gzip
import io
import re
from pathlib import Path
from typing import Any

import pytest

import hyper_jupyter as hj
from hyper_jupyter.api import replays
from hyper_jupyter.api.replays import Replay
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.recording import Exit, Header, Marker, Output, Recording, Resize
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.widgets.conftest import comms as comms  # noqa: PLC0414 - a fixture

EVENTS = (
    Output(0.5, "stdout", b"one\npassword: hun"),
    Output(1.0, "stderr", b"oops\n"),
    Marker(1.5, "half"),
    Output(2.0, "stdout", b"ter2\n"),
    Exit(4.0, 3),
)


def recording(*events: Any, **header: Any) -> Recording:
    known = {"title": "web", "tty": False, "started_at": 1000.0, **header}
    return Recording.from_events(Header(**known), events or EVENTS)


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> SavedOutput:
    chosen = SavedOutput()
    monkeypatch.setattr(replays, "saved_output", lambda: chosen)
    return chosen


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, comms: Any) -> list[dict[str, str]]:
    outputs: list[dict[str, str]] = []

    def publish(data: Any, *_: Any, **__: Any) -> None:
        outputs.append(dict(data))

    monkeypatch.setattr(replays, "publish", publish)
    monkeypatch.setattr("hyper_jupyter.widgets.page_widget.publish", publish)
    return outputs


def test_what_is_seen_at_its_end_are_lines() -> None:
    r = hj.replay(recording(Output(0.5, "stdout", b"\x1b[1mone\x1b[0m\n")))
    assert r.screen_lines() == ["one"]
    drawn = Output(1.0, "stdout", b"a\r\nb\r\nc\r\n" + b"x" * 12)
    terminal = hj.replay(recording(Resize(0.5, 2, 10), drawn, tty=True))
    assert terminal.screen_lines() == ["a", "b", "c", "x" * 10, "xx"]


def test_of_many_lines_the_newest_are_seen() -> None:
    flood = [Output(n, "stdout", b"%d\n" % n * 1000) for n in range(300)]
    r = hj.replay(recording(*flood, Output(300, "stderr", b"end")))
    lines = r.screen_lines()
    assert len(lines) == 10_000
    assert lines[:2] == ["290", "290"]
    assert lines[-2:] == ["299", "end"]
    assert lines.count("290") == 999


def test_it_is_read_as_a_session_is() -> None:
    r = hj.replay(recording())
    assert r.stdout.getvalue() == b"one\npassword: hunter2\n"
    assert list(r.stderr) == ["oops"]
    assert [(each.time, each.stream, each.text) for each in r.records()] == [
        (1000.5, "stdout", "one"),
        (1001.0, "stderr", "oops"),
        (1002.0, "stdout", "password: hunter2"),
    ]
    assert [each.text for each in r.records("stdout", since=1001.5)] == ["password: hunter2"]
    assert [row["text"] for row in r.to_dicts("stderr")] == ["oops"]


@pytest.mark.parametrize("name", ["", "demo.cast", "demo.jsonl"])
def test_history_is_read_as_that_of_a_session(tmp_path: Path, name: str) -> None:
    r = hj.replay(
        recording(
            Output(-3600.0, "stdout", b"old 1\rold\nolder\r\n"),
            Output(-60.0, "stderr", b"oops\n"),
            Output(-1e-6, "stdout", b"half"),
            Marker(-1e-6, "live from here", "history"),
            Output(2.0, "stdout", b"new\n"),
        )
    )
    if name:
        r.save(tmp_path / name)
        r = hj.replay(tmp_path / name)
    assert (r.stdout.text, [each.text for each in r.records()]) == ("new\n", ["new"])
    rows = [(each.time, each.text, each.number, each.clock) for each in r.records(history=True)]
    assert rows == [
        (-2600.0, "old 1\rold", -3, "engine"),
        (-2600.0, "older", -2, "engine"),
        (940.0, "oops", -1, "engine"),
        (pytest.approx(1000.0), "half", -1, "engine"),
        (1002.0, "new", 1, "arrival"),
    ]
    assert [row["text"] for row in r.to_dicts("stderr", history=True)] == ["oops"]
    assert [line.text for line in r.history.lines("stdout")] == ["old 1\rold", "older", "half"]
    assert r.duration == (0.0 if name == "demo.jsonl" else 2.0)  # lines do not say the start


def test_it_knows_its_length_its_marks_and_its_end() -> None:
    r = hj.replay(recording())
    assert (r.duration, r.exit_code, r.clock) == (4.0, 3, "arrival")
    assert [(mark.time, mark.text, mark.kind) for mark in r.marks] == [(1.5, "half", "note")]
    assert repr(r) == "<Recording of web: 4.0 s, 1 mark, exit code 3>"
    assert r.screen_at(1.2, "stdout") == "one\npassword: hun"


def test_a_file_is_played_and_written_again(tmp_path: Path) -> None:
    hj.replay(recording()).save(tmp_path / "demo.cast")
    again = hj.replay(tmp_path / "demo.cast")
    assert tuple(again.recording.events()) == EVENTS
    page = io.StringIO()
    again.save(page, format="html")
    assert "<title>web</title>" in page.getvalue()


def test_what_is_no_recording_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "demo.cast"
    path.write_text("no recording")
    with pytest.raises(HyperJupyterError):
        hj.replay(path)
    limits: list[Any] = [0, -1, float("nan"), float("inf"), "2", True]
    for limit in limits:
        with pytest.raises(HyperJupyterError, match="above 0"):
            hj.replay(recording(), idle_limit=limit)
    with pytest.raises(HyperJupyterError, match="stream"):
        hj.replay(recording()).screen_at(1, "output")


def test_a_player_has_the_recording_as_data(comms: Any, policy: SavedOutput) -> None:
    player = hj.replay(recording(), idle_limit=2).view("merged", rows=7)
    assert (player.part, player.arrangement, player.rows) == ("replay", "merged", 7)
    cast = gzip.decompress(base64.b64decode(player.recording)).decode()
    assert '"idle_time_limit": 2.0' in cast
    assert '[0.5, "o", "one\\r\\npassword: hun"]' in cast
    with pytest.raises(ValueError, match="layout"):
        hj.replay(recording()).view("beside")


def test_secrets_are_in_no_player(published: list[dict[str, str]], policy: SavedOutput) -> None:
    policy.redact = [r"hunter2"]
    r = hj.replay(recording(), embed=False)
    r.show()
    [view] = r._views
    cast = gzip.decompress(base64.b64decode(view.recording)).decode()
    assert "hun" not in cast
    assert "hun" not in str(published)
    assert r.stdout.getvalue().endswith(b"hunter2\n")


def test_if_a_rule_fails_nothing_is_shown(
    published: list[dict[str, str]], policy: SavedOutput
) -> None:
    policy.redact = [lambda text: 1 / 0]
    with pytest.raises(HyperJupyterError, match="not shown because redact failed"):
        hj.replay(recording()).show()
    assert published == []


def test_a_cell_has_a_widget_and_a_player_that_is_saved(
    published: list[dict[str, str]], policy: SavedOutput
) -> None:
    hj.replay(recording(Output(0.0, "stdout", b'<i> & "x"\n')))._ipython_display_()
    view, saved = published
    assert "application/vnd.jupyter.widget-view+json" in view
    assert view["text/html"] == ""
    assert saved["text/plain"] == 'Recording of web.\n<i> & "x"'
    page = saved["text/html"]
    assert '<iframe sandbox="allow-scripts ' in page
    assert "allow-same-origin" not in page
    frame, text = page.split("</iframe>")
    assert "<" not in frame[frame.index("srcdoc=") :]
    assert ">&lt;i&gt; &amp; &quot;x&quot;</pre>" in text


def test_without_embedding_the_last_lines_are_saved(
    published: list[dict[str, str]], policy: SavedOutput
) -> None:
    hj.replay(recording(), embed=False).show()
    saved = published[1]
    assert saved["text/plain"].splitlines() == [
        "Recording of web.", "[stdout]", "one", "password: hunter2", "[stderr]", "oops",
    ]  # fmt: skip
    assert not re.search("iframe|script", saved["text/html"])


def test_where_nothing_is_to_be_saved_there_is_the_widget_only(
    published: list[dict[str, str]], policy: SavedOutput
) -> None:
    policy.enabled = False
    hj.replay(recording()).show()
    [view] = published
    assert view["text/plain"] == "<ReplayWidget of Recording of web>"


def test_a_recording_that_is_too_long_is_not_sent_to_a_page(
    comms: Any, policy: SavedOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "_MOST", 100)
    with pytest.raises(HyperJupyterError, match="too long"):
        hj.replay(recording()).view()


def test_closing_removes_its_players(comms: Any, policy: SavedOutput) -> None:
    r = hj.replay(recording())
    view = r.view()
    r.close()
    assert view.comm is None
    assert r.stdout.text
    assert isinstance(r, Replay)
