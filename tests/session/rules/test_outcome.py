"""How a session ended, in words."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.rules.outcome import (
    again_text,
    cut_text,
    gaps_text,
    idle_text,
    kind_text,
    missing_text,
    outcome_text,
    outlived_text,
    subject_of,
)


@pytest.mark.parametrize(
    ("state", "exit_code", "error", "expected"),
    [
        (State.CONNECTING, None, None, "connecting"),
        (State.ATTACHED, None, None, "attached"),
        (State.EXITED, 0, None, "exited with code 0"),
        (State.EXITED, 3, None, "exited with code 3"),
        (State.EXITED, None, None, "exited, code unknown"),
        (State.RECONNECTING, None, None, "the connection was cut, attaching again"),
        (State.DETACHED, None, None, "detached, the container runs on"),
        (State.DETACHED, 3, None, "detached, the container has exited with code 3"),
        (State.LOST, None, ConnectionFailed("the peer\n  is gone"), "lost (the peer is gone)"),
        (State.FAILED, None, ConnectionFailed("refused"), "failed (refused)"),
        (State.LOST, None, None, "lost"),
        ("exited", 7, "", "exited with code 7"),
        ("lost", None, "no\nanswer", "lost (no answer)"),
    ],
)
def test_an_outcome_in_words(
    state: str, exit_code: int | None, error: Exception | str | None, expected: str
) -> None:
    assert outcome_text(state, exit_code, error) == expected
    assert outcome_text(str(state), exit_code, error) == expected


def test_a_log_that_was_read_has_a_time_and_was_not_left() -> None:
    text = outcome_text(State.DETACHED, read_at="19:32 UTC")
    assert text == "log as of 19:32 UTC, the container runs on"
    assert outcome_text(State.EXITED, 3, read_at="19:32 UTC") == "exited with code 3"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1, "exited with code 1"),
        (126, "exited with code 126 (not executable)"),
        (127, "exited with code 127 (command not found)"),
        (130, "exited with code 130 (interrupted, SIGINT)"),
        (137, "exited with code 137 (killed, SIGKILL)"),
        (139, "exited with code 139 (crashed, SIGSEGV)"),
        (143, "exited with code 143 (terminated, SIGTERM)"),
        (255, "exited with code 255"),
    ],
)
def test_an_exit_code_says_what_it_means(code: int, expected: str) -> None:
    assert outcome_text("exited", code) == expected
    detached = expected.replace("exited", "detached, the container has exited")
    assert outcome_text("detached", code) == detached


def test_a_container_without_memory_says_so_in_place_of_the_signal() -> None:
    found = outcome_text("exited", 137, out_of_memory=True)
    assert found == "exited with code 137 (out of memory)"


def test_a_further_program_is_not_the_container() -> None:
    subject = subject_of(("sh", "-c", "exit 5"))
    found = outcome_text("detached", 5, subject=subject)
    assert found == "detached, the program has exited with code 5"
    assert outcome_text("detached", subject=subject) == "detached, the program runs on"
    assert subject_of(()) == "the container"


@pytest.mark.parametrize(
    ("kind", "command", "text"),
    [
        ("attach", (), ""),
        ("logs", (), "log"),
        ("exec", ("sh", "-c", "exit 5"), "exec sh -c 'exit 5'"),
        ("exec", ("a\x1b\n", "b"), "exec 'a ' b"),
        ("exec", ("x" * 40,), f"exec {'x' * 40}"),
        ("exec", ("x" * 41,), f"exec {'x' * 39}…"),
    ],
)
def test_what_a_session_is_beside_its_name(kind: str, command: tuple[str, ...], text: str) -> None:
    assert kind_text(kind, command) == text


def test_missing_output_is_part_of_the_outcome() -> None:
    assert outcome_text("exited", 0, complete=False) == "exited with code 0, output is missing"
    assert outcome_text("lost", None, "cut", complete=False) == "lost, output is missing (cut)"
    assert outcome_text("exited", 0, complete=True) == "exited with code 0"


def test_an_idle_connection_s_end_names_what_ended_with_it() -> None:
    assert idle_text(40.4, "the program") == (
        "The connection ended after 40 s without traffic, and the program with it. If a proxy on "
        "the way cuts idle connections, that ended the program's input."
    )


def test_what_cuts_have_cost_has_a_size_and_a_place_to_read_it_if_there_is_one() -> None:
    missing = {StreamType.STDOUT: 1234}
    cut = "The connection was cut, and 1,234 bytes of stdout are missing in the middle, "
    gone = "where a line says so. The log does not have them any more."
    there = "where a line says so. Read them with %hyper logs web."
    assert gaps_text(missing, "web", unknown=False) == cut + gone
    assert gaps_text(missing, "web", unknown=False, in_log=True) == cut + there
    assert gaps_text(missing, "web", unknown=True).startswith(cut.replace("1,", "at least 1,"))
    assert gaps_text({}, "web", unknown=False) == ""


def test_missing_output_has_a_size_and_a_place_to_read_it() -> None:
    out, err = StreamType.STDOUT, StreamType.STDERR
    assert missing_text({err: 5, out: 1234}, "web") == (
        "The connection ended before all output had come: the end is missing (at least 1,234 bytes "
        "of stdout and at least 5 bytes of stderr). Read it with %hyper logs web."
    )
    assert missing_text({}, "web") == (
        "The connection ended before all output had come: the end is missing. Read it with "
        "%hyper logs web."
    )
    assert missing_text({}, "web", at_marks=True) == (
        "Output is missing where a line says so, or at the end. Read it with %hyper logs web."
    )


@pytest.mark.parametrize(
    ("state", "code", "pause", "more", "text"),
    [
        ("exited", 4, 2.04, {"start": True}, "exited with code 4, started again after 2.0 s"),
        ("exited", 0, 2.0, {"awaits": "waiting for it"}, "exited with code 0, waiting for it"),
        (
            "detached",
            None,
            3600.0,
            {"missing": "in between"},
            "detached, attached again after 3,600 s; what it printed in between is not here",
        ),
        ("lost", 4, None, {}, "lost, attached again"),
    ],
)
def test_what_a_mark_says_where_a_session_was_attached_again(
    state: str, code: int | None, pause: float | None, more: dict[str, Any], text: str
) -> None:
    assert again_text(state, code, pause, **more) == text


def test_a_container_that_was_removed_says_so_and_whether_another_has_its_name() -> None:
    text = outcome_text("exited", 137, removed=True)
    assert text == "exited with code 137 (killed, SIGKILL), the container was removed"
    text = outcome_text("exited", removed=True, recreated=True)
    assert text.endswith(", the container was removed and another one has its name now")
    error = ConnectionFailed("container web was removed")
    assert outcome_text("lost", error=error, removed=True) == "lost, the container was removed"


def test_a_session_that_waits_for_a_start_was_not_cut() -> None:
    awaits = "waiting for its next start"
    assert outcome_text("reconnecting", 3, awaits=awaits) == f"exited with code 3, {awaits}"
    assert outcome_text("reconnecting", awaits=awaits) == f"exited, {awaits}"
    assert outcome_text("reconnecting") == "the connection was cut, attaching again"


def test_what_was_left_does_not_run_on_without_its_engine() -> None:
    gone = outcome_text("detached", engine_ended=True, subject="the program")
    assert gone == "detached, the program has ended with its engine"
    gone = outcome_text("detached", engine_ended=True, read_at="noon")
    assert gone == "log as of noon, the container has ended with its engine"
    assert outcome_text("exited", 3, engine_ended=True) == "exited with code 3"


def test_an_end_without_its_connection_says_what_is_missing() -> None:
    assert outlived_text(1.25, "the program") == (
        "The connection ended 1.2 s before the program, and may have ended its input: what the "
        "program printed after that is not here."
    )


def test_a_paused_container_says_so_and_one_that_was_left_does_not() -> None:
    assert outcome_text("attached", paused=True) == "attached, the container is paused"
    assert outcome_text("detached", paused=True) == "detached, the container runs on"


@pytest.mark.parametrize(
    ("away", "awake", "duration"),
    [
        (2.04, 2.0, "2.0 s"),
        (90.0, 90.0, "2 min"),
        (3 * 3600.0, 3 * 3600.0, "3.0 h"),
        (8 * 3600.0, 3.0, "8.0 h (3.0 s by the clock that stops while this machine sleeps)"),
        (-3000.0, 4.0, "4.0 s"),  # somebody has set the time of day back
    ],
)
def test_how_long_a_session_was_away_is_said_by_the_time_of_day(
    away: float, awake: float, duration: str
) -> None:
    text = f"connection cut, attached again after {duration}; nothing is missing"
    assert cut_text(away, awake=awake) == text
