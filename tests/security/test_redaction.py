"""What the user's rules name is not saved, wherever it stands and however it was printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.recording import Report
from hyper_jupyter.recording.excerpt import CONTEXT, WINDOW
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.plain import cleaned, seen
from hyper_jupyter.recording.recording import Header, Output, Recording
from hyper_jupyter.recording.saving import save
from hyper_jupyter.settings.saved_output import REDACTED, SavedOutput
from hyper_jupyter.widgets import SessionWidgets
from tests.widgets.fakes import ScriptedControls, ScriptedSession

not_saved = pytest.mark.claim(
    "What the rules of `redact` name is not saved: as a terminal shows it or as it was printed, "
    "and not in the names and errors of widgets' traits."
)

SECRET: Final = "hunter2"
KEY: Final = re.compile(r"-----BEGIN-----.*?-----END-----", re.DOTALL)


def saved(output: bytes, *, tty: bool = False, redact: Any = (SECRET,), **policy: Any) -> str:
    source = ScriptedSession(tty=tty)
    source.output(output)
    report = Report.of(source, SavedOutput(redact=list(redact), **policy), at=source.started_at)
    assert ("hunter" in report.text) == ("hunter" in report.html)
    return report.text


PICTURE: Final = b"\x1b]1337;File=inline=1:" + b"QUJD" * WINDOW + b"\x07"
HIDDEN: Final = {
    "as it is": b"token hunter2 end\n",
    "coloured": b"token hun\x1b[31mter\x1b[0m2 end\n",
    "with a byte order mark": "token hun\ufeffter2 end\n".encode(),
    "with a soft hyphen": "token hunter\u00ad2 end\n".encode(),
    "with a space without a width": "token hun\u200bter2 end\n".encode(),
    "with marks of direction": "token h\u202eunter2\u202c end\n".encode(),
    "with a title in it": b"token hun\x1b]0;title\x07ter2 end\n",
    "with a string that a bell does not end": b"token hun\x1bPa\x07b\x1b\\ter2 end\n",
    "with a picture in it": b"token hun" + PICTURE + b"ter2 end\n",
    "with a bell in it": b"token hun\x07ter2 end\n",
}
ON_A_TERMINAL: Final = {
    "on two rows, with a picture between": b"token hun" + PICTURE + b"\x1b[2;1Hter2 end\r\n",
    "with a control in a sequence": b"token hun\x1b[2\x07;1Hter2 end\r\n",
    "on two rows": b"token hun\x1b[2;1Hter2 end\r\n",
    "on two rows, upwards": b"\n\n\x1b[3;5Hhunt\x1b[1;1Her2\r\n\n\nend\r\n",
    "with a jump within the row": b"token hun\x1b[20Gter2 end\r\n",
}


@not_saved
@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("tty", [False, True])
def test_a_secret_is_not_saved_however_it_was_printed(name: str, tty: bool) -> None:
    assert_silent(saved(HIDDEN[name], tty=tty))


@not_saved
@pytest.mark.parametrize("name", ON_A_TERMINAL)
def test_nor_is_one_that_the_cursor_s_movements_take_apart(name: str) -> None:
    assert_silent(saved(ON_A_TERMINAL[name], tty=True))


@not_saved
@pytest.mark.parametrize("tty", [False, True])
def test_nor_is_what_is_left_of_one_that_was_overwritten(tty: bool) -> None:
    text = saved(b"hunter2\rH\nend\n", tty=tty)
    assert "unter" not in text
    assert "end" in text


def assert_silent(text: str) -> None:
    assert REDACTED in text
    assert "end" in text
    for part in ("hunt", "hun", "ter2", "er2", "nter"):
        assert part not in text


def test_what_wraps_at_the_edge_of_a_terminal_is_one_line() -> None:
    assert_silent(saved(b"x" * 76 + b"hunter2 end\r\n", tty=True))


# -- the window ----------------------------------------------------------------------------


@pytest.mark.claim("A line that the kept part cuts is not saved.")
@pytest.mark.parametrize("missing", range(1, len(SECRET)))
def test_a_line_that_the_window_cuts_is_not_shown(missing: int) -> None:
    tail = b" end\n"
    filler = b"y" * (WINDOW - len(tail) - (len(SECRET) - missing))
    text = saved(SECRET.encode() + filler + tail, redact=())  # half of it is in the window
    assert f"none of its {len(SECRET) + len(filler) + len(tail):,} bytes are shown" in text
    assert "yyy" not in text
    assert SECRET[-1] not in text.partition("--- stdout")[2].partition("---")[2].strip("-\n")


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n"])
def test_the_next_whole_line_is_shown(newline: bytes) -> None:
    text = saved(b"hunter2" + b"y" * WINDOW + newline + b"whole", redact=())
    assert "\nwhole" in text
    assert "yyy" not in text


@not_saved
@pytest.mark.parametrize("size", [WINDOW // 2, WINDOW, WINDOW + 1000, CONTEXT - 1000])
def test_a_key_of_many_lines_is_not_saved_where_the_window_begins_within_it(size: int) -> None:
    key = b"-----BEGIN-----\n" + b"k3y\n" * (size // 4) + b"-----END-----\n"
    text = saved(b"first\n" + key + b"last\n", redact=[KEY], lines=1000, size=1024 * 1024)
    assert "k3y" not in text
    assert REDACTED in text
    assert "last" in text


def test_positions_are_those_of_the_stream_though_something_was_taken_out() -> None:
    output = b"one hunter2\n" * 3 + b"two\nthree\n"
    text = saved(output, lines=2)
    assert f"the last 2 lines; the {len(output) - 10} bytes before are not shown" in text


@pytest.mark.parametrize("lines", [2, 3])
def test_positions_are_those_of_the_stream_though_a_picture_is_left_out_too(lines: int) -> None:
    output = b"one hun" + PICTURE + b"ter2\n" + b"two hunter2 " + PICTURE + b"\nthree\nfour\n"
    text = saved(output, lines=lines)
    before = output.index(b"two" if lines == 3 else b"three")
    assert f"the last {lines} lines; the {before:,} bytes before are not shown" in text


@not_saved
def test_a_key_is_not_saved_where_pictures_come_between_its_beginning_and_the_window() -> None:
    key = b"-----BEGIN-----\n" + b"k3y\n" * 100_000 + b"-----END-----\n"
    middle = len(key) // 8 * 4
    output = b"first\n" + key[:middle] + PICTURE * 3 + key[middle:] + b"last\n"
    text = saved(output, redact=[KEY], lines=1000, size=1024 * 1024)
    assert "k3y" not in text
    assert "last" in text


@not_saved
@given(st.text("ab\x1b[m\u00ad\n\r"), st.text("ab\x1b[m\u00ad\n\r"))
def test_nothing_that_a_rule_finds_is_left_and_the_rest_is(before: str, output: str) -> None:
    def spans(text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer("ab", text)]

    def plain(text: str) -> str:
        seen: list[str] = []
        cleaned("", text, lambda found: seen.append(found) or [])  # type: ignore[func-returns-value]
        return seen[0]

    left = cleaned(before, output, spans)
    assert left.text.count("\n") == output.count("\n")
    positions = [left.original(at) for at in range(len(left.text) + 1)]
    assert positions == sorted(positions)
    assert positions[0] == 0
    assert positions[-1] == len(output)
    if not before:
        expected = plain(output).replace("ab", "")
        assert plain(left.text.replace(REDACTED, "")).replace("ab", "") in (
            expected,
            expected.replace("ab", ""),
        )


# -- names ---------------------------------------------------------------------------------


def traits(clean: Callable[[str], str]) -> str:
    source = ScriptedSession(f"web-{SECRET}")
    source.error = RuntimeError(f"refused {SECRET}")
    source.warnings = (f"beware of {SECRET}",)
    source.current = ScriptedControls(stdin=f"{SECRET} has ended")
    widgets = SessionWidgets(source, clean)
    try:
        return repr(widgets.session.get_state()) + repr(widgets.view().get_state())
    finally:
        widgets.close()


@not_saved
def test_traits_that_a_saved_notebook_keeps_are_redacted() -> None:
    policy = SavedOutput(redact=[SECRET])
    assert SECRET in traits(str)
    said = traits(policy.clean)
    assert SECRET not in said
    assert f"web-{REDACTED}" in said
    assert f"{REDACTED} has ended" in said


@not_saved
def test_where_a_function_fails_or_returns_nothing_the_trait_has_a_mark() -> None:
    for rule in (lambda _: 1 / 0, lambda _: ""):
        said = traits(SavedOutput(redact=[rule]).clean)
        assert SECRET not in said
        assert f"'stdin': '{REDACTED}'" in said
        assert "'eof': ''" in said  # what is allowed stays allowed


@pytest.mark.claim(
    "What regular expressions of `redact` find is in no file that a session is saved into, "
    "however the output was cut."
)
@pytest.mark.parametrize("name", [name for name in HIDDEN if "picture" not in name])
@pytest.mark.parametrize("suffix", ["cast", "txt", "log", "jsonl"])
def test_no_recording_has_a_secret(tmp_path: Path, suffix: str, name: str) -> None:
    output = HIDDEN[name]
    for size in (1, 3, 2000):
        parts = [
            Output(0.0, "stdout", output[at : at + size]) for at in range(0, len(output), size)
        ]
        made = Recording.from_events(Header(), parts)
        assert "unter2" in seen(saved_as(made, tmp_path / f"all.{suffix}", []))
        text = seen(saved_as(made, tmp_path / f"clean.{suffix}", [SECRET]))
        assert "hun" not in text
        assert "ter2" not in text


def saved_as(made: Recording, path: Path, redact: list[Any]) -> str:
    save(made, path, policy=SavedOutput(redact=redact))
    if path.suffix not in (".cast", ".jsonl"):
        return path.read_bytes().decode("utf-8", "replace")
    output = [event.data for event in load(path).events() if isinstance(event, Output)]
    return b"".join(output).decode("utf-8", "replace")
