"""Secrets are taken out of recordings, wherever they are cut."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.recording import redaction
from hyper_jupyter.recording.recording import Input, Marker, Output, Recording
from hyper_jupyter.recording.redaction import redacted
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.recording.making import printed, recording, recordings

SECRET = "hunter2-not-real"


def clean(found: Recording, *rules: Any) -> Recording:
    return redacted(found, SavedOutput(redact=list(rules)))


def cut(text: str, size: int, stream: Any = "stdout") -> list[Output]:
    data = text.encode()
    return [Output(at / 10**6, stream, data[at : at + size]) for at in range(0, len(data), size)]


def test_without_rules_nothing_is_touched() -> None:
    found = recording(Output(0.0, "stdout", b"\xc3"), Output(1.0, "stdout", b"\xa9"))
    assert clean(found) is found


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_a_secret_is_found_however_its_output_was_cut(size: int) -> None:
    found = clean(recording(*cut(f"user: me\npassword: {SECRET}\nbye\n", size)), SECRET)
    assert printed(found) == b"user: me\npassword: [redacted]\nbye\n"


def test_what_is_left_keeps_its_times_and_its_streams() -> None:
    found = clean(
        recording(
            Output(1.0, "stdout", b"a hun"),
            Output(2.0, "stderr", b"other\n"),
            Output(3.0, "stdout", b"ter2-not-real b\n"),
        ),
        SECRET,
    )
    assert list(found.events()) == [
        Output(1.0, "stdout", b"a [redacted]"),
        Output(2.0, "stderr", b"other\n"),
        Output(3.0, "stdout", b" b\n"),
    ]


def test_escape_sequences_hide_no_secret_and_stay() -> None:
    found = clean(
        recording(Output(0.0, "stdout", b"\x1b[1mhunter2\x1b[0m-not-real\x1b[K\n")), SECRET
    )
    assert b"hunter2" not in printed(found)
    assert b"not-real" not in printed(found)
    assert printed(found).endswith(b"\x1b[K\n")


@pytest.mark.parametrize("gathered", [64, 100, 1000])
def test_a_long_output_is_passed_on_in_parts_and_no_part_has_half_a_secret(
    monkeypatch: pytest.MonkeyPatch, gathered: int
) -> None:
    monkeypatch.setattr(redaction, "REACH", 32)
    monkeypatch.setattr(redaction, "_GATHERED", gathered)
    text = "".join(f"{number} {SECRET} {'x' * (number % 29)}" for number in range(200))
    found = clean(recording(*cut(text, 7)), SECRET)
    assert printed(found).decode() == text.replace(SECRET, "[redacted]")


def test_rules_see_the_same_wherever_the_output_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "REACH", 16)
    monkeypatch.setattr(redaction, "_GATHERED", 40)
    text = "".join(f'key="v{number:03}" and more ' for number in range(100))
    found = clean(recording(*cut(text, 11)), r'"[^"]*"')
    assert printed(found).decode() == re.sub(r'"[^"]*"', "[redacted]", text)


def test_a_quiet_stream_does_not_hold_up_the_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "REACH", 32)
    monkeypatch.setattr(redaction, "_GATHERED", 64)
    monkeypatch.setattr(redaction, "_WAITING", 400)
    waiting = []

    def events() -> Any:
        yield Output(0.0, "stderr", b"first hun")
        for number in range(400):
            waiting.append(number)
            yield Output(1.0, "stdout", b"0123456789\n")
        yield Output(2.0, "stderr", b"ter2-not-real\n")

    found = clean(Recording(recording().header, events), SECRET)
    passed = found.events()
    assert next(passed) == Output(0.0, "stderr", b"first hun")
    assert len(waiting) < 60
    rest = list(passed)
    assert b"".join(event.data for event in rest if event.stream == "stderr") == b"[redacted]\n"  # type: ignore[union-attr]


def test_a_function_changes_lines_and_the_other_lines_keep_their_colours() -> None:
    def hide(text: str) -> str:
        return "\n".join("gone" if "card" in line else line for line in text.split("\n"))

    data = b"\x1b[31mred\x1b[0m\r\n\x1b[32mcard 4111\x1b[0m\r\nend\r\n"
    found = clean(recording(*cut(data.decode(), 6), tty=True), hide)
    assert printed(found) == b"\x1b[31mred\x1b[0m\r\ngone\r\nend\r\n"


def test_a_function_that_removes_lines_is_obeyed() -> None:
    def shorten(text: str) -> str:
        return "\n".join(line for line in text.split("\n") if "card" not in line)

    found = clean(recording(*cut("a\ncard 4111\nb\n", 4)), shorten)
    assert printed(found) == b"a\nb\n"


def test_input_marks_and_names_are_cleaned_too() -> None:
    found = clean(
        recording(
            *(Input(0.0, bytes([byte])) for byte in SECRET.encode()),
            Marker(1.0, f"typed {SECRET}"),
            title=f"web-{SECRET}",
            command=f"login {SECRET}",
        ),
        SECRET,
    )
    assert SECRET not in repr(found.header)
    typed = b"".join(event.data for event in found.events() if isinstance(event, Input))
    assert typed == b"[redacted]"
    assert Marker(1.0, "typed [redacted]") in list(found.events())


def test_bytes_that_are_not_text_stay() -> None:
    found = clean(
        recording(Output(0.0, "stdout", b"\xff\xfe"), Output(1.0, "stdout", b"\xc3")), "x"
    )
    assert printed(found) == b"\xff\xfe\xc3"


def test_what_a_function_raises_is_raised() -> None:
    def broken(text: str) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(clean(recording(Output(0.0, "stdout", b"a\n")), broken).events())


@given(recordings(), st.integers(2, 40))
def test_what_no_rule_finds_is_not_changed(found: Recording, gathered: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "REACH", gathered // 2)
        patch.setattr(redaction, "_GATHERED", gathered)
        again = clean(found, "never printed", lambda text: text)
        for stream in ("stdout", "stderr"):
            assert printed(again, stream) == printed(found, stream)


@given(st.lists(st.sampled_from(["ab", "a", "b", "\n", "x", "\x1b[m"]), max_size=60))
def test_no_secret_is_left_in_any_text(parts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "REACH", 4)
        patch.setattr(redaction, "_GATHERED", 9)
        whole = "".join(parts).replace("\x1b[m", "")
        events = [Output(0.0, "stdout", part.encode()) for part in parts]
        left = printed(clean(recording(*events), "ab")).decode().replace("\x1b[m", "")
        assert left.replace("[redacted]", "") == whole.replace("ab", "")
