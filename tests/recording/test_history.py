"""A history's lines as text that does nothing to what shows it, and in what is saved."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.recording import Report, shown_lines
from hyper_jupyter.recording.history import LONGEST, drawn
from hyper_jupyter.session import History
from hyper_jupyter.session.rules.log.joint import Joint
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.widgets.fakes import ScriptedSession

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
JOINTS = {OUT: Joint.PROVEN, ERR: Joint.PROVEN}


def history(*lines: bytes, stream: StreamType = OUT) -> History:
    made = History(100)
    made.set([TimedOutput(stream, line, 1.0) for line in lines], JOINTS)
    return made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[?1049h\x1b[2J\x1b[H\x1b]0;title\x07text", "text"),
        ("10%\r20%\r100%", "100%"),
        ("lss\x08 \x08", "ls"),
        ("a\x00b", "ab"),
        ("b\u202ec\x85d", "b\ufffdc d"),
        ("x" * (LONGEST + 5), "x" * LONGEST + " [5 more characters]"),
    ],
)
def test_only_the_characters_of_a_line_are_shown(text: str, shown: str) -> None:
    assert drawn(text) == shown


def test_the_newest_lines_are_shown_if_not_all_fit() -> None:
    lines, left_out = shown_lines(history(b"aaaa\n", b"bbbb\n", b"cccc\n"), 10)
    assert ([line.text for line in lines], left_out) == (["bbbb", "cccc"], 1)


def report(past: History, live: bytes = b"new\n", **policy: object) -> Report:
    session = ScriptedSession()
    session.history = past
    session.output(live)
    return Report.of(session, SavedOutput(**policy), at=session.started_at + 1)


def test_history_is_saved_above_the_live_output() -> None:
    saved = report(history(b"old\n", b"<b>\n"))
    assert "--- stdout ---\nold\n<b>\n— live from here —\nnew\n--- stderr" in saved.text
    assert "old\n&lt;b&gt;\n— live from here —\n</span>new" in saved.html


def test_a_stream_with_history_alone_is_not_called_empty() -> None:
    saved = report(history(b"old\n"), b"")
    assert "--- stdout ---\nold\n" in saved.text
    assert "<b>stdout</b>" in saved.html
    assert "--- stderr: nothing ---" in saved.text


def test_nothing_is_saved_of_a_session_without_history() -> None:
    assert "live from here" not in report(History()).text


def test_a_history_keeps_to_the_number_of_lines_and_the_size() -> None:
    past = history(*(b"%d\n" % number for number in range(50)))
    assert "47\n48\n49\n— live" in report(past, lines=3).text
    assert "46\n" not in report(past, lines=3).text
    long = history(*(b"%d" % number + b"&" * 900 + b"\n" for number in range(50)))
    saved = report(long, b"x" * 5000 + b"\n", size=4096)
    assert len(saved.html) <= 4096
    assert "live from here" in saved.html


@pytest.mark.parametrize(
    "redact",
    [
        [r"hunter\d"],
        [r"key:\n\S+"],
        [lambda text: text.replace("hunter2", "…").replace("key:\nhunter3", "key:\n…")],
    ],
)
def test_what_must_not_be_saved_is_taken_out_of_history(redact: list[object]) -> None:
    past = history(b"key:\n", b"hunter3\n", b"hun\x1b[1mter3\n") if "S" in str(redact) else None
    saved = report(past or history(b"pass hunter2\n", b"more\n"), redact=redact)
    assert "hunter2" not in saved.text + saved.html
    if past is not None:
        assert "key:\nhunter3" not in saved.text + saved.html


def test_a_secret_that_lies_across_the_joint_is_taken_out() -> None:
    saved = report(
        history(b"-----BEGIN\n", b"abc\n"), b"def\nEND-----\n", redact=["(?s)-----BEGIN.*END-----"]
    )
    assert not any(part in saved.text + saved.html for part in ("abc", "def"))


def test_half_a_line_is_not_saved_if_there_are_secrets() -> None:
    past = history(b"whole\n", b"half of hunt")
    assert "half of" in report(past).text
    assert "half of" not in report(past, redact=["hunter2"]).text
    assert "whole" in report(past, redact=["hunter2"]).text
