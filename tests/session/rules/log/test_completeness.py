"""What the end of a log says about the received output."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.log.completeness import Agreement, compare, compare_streams
from hyper_jupyter.session.rules.log.tail import KEPT, Tail

SAME, BEHIND, DIFFERENT, MORE, UNSURE, SILENT = Agreement
OUT, ERR = StreamType.STDOUT, StreamType.STDERR
SEQ = b"".join(b"%d\n" % number for number in range(1, 2001))
ABOVE_ASCII = bytes(range(0x80, 0x100))


def whole(data: bytes) -> Tail:
    """A stream from its first byte on."""
    return Tail(data[-KEPT:], len(data), whole=True)


def part(data: bytes) -> Tail:
    """The end of a stream whose beginning is not known."""
    return Tail(data, len(data), whole=False)


@pytest.mark.parametrize(
    ("received", "log", "expected"),
    [
        # From the first byte on, and a short log: all bytes are compared.
        (whole(b""), whole(b""), (SAME, 0)),
        (whole(b"a\n"), whole(b"a\n"), (SAME, 0)),
        (whole(b"tick\n" * 3), whole(b"tick\n" * 5), (MORE, 10)),
        (whole(b"a\nb"), whole(b"a\n"), (BEHIND, 0)),
        (whole(b"a"), whole(b"b"), (DIFFERENT, 0)),
        (whole(b""), whole(b"a\n"), (MORE, 2)),
        # The last lines of a longer log.
        (whole(SEQ), part(SEQ[-900:]), (SAME, 0)),
        (whole(SEQ[:-300]), part(SEQ[-900:]), (MORE, 300)),
        (whole(SEQ[:500]), part(SEQ[-900:]), (DIFFERENT, 0)),
        (whole(SEQ), part(SEQ[-900:-100]), (BEHIND, 0)),
        # Attached later: what came is shorter than the log.
        (part(b"1999\n2000\n"), part(SEQ[-900:]), (SAME, 0)),
        (part(b"1998\n1999\n"), part(SEQ[-900:]), (MORE, 5)),
        (part(b""), part(SEQ[-900:]), (UNSURE, 0)),
        (part(b""), whole(b""), (SILENT, 0)),
        (part(b"a\n"), whole(b""), (BEHIND, 0)),
        (part(b"a\n"), part(b""), (SILENT, 0)),
        # Rotation has left a shorter log with the same end.
        (whole(SEQ), whole(SEQ[-50:]), (SAME, 0)),
        # More than is compared.
        (whole(b"x" * KEPT + SEQ), whole(b"x" * KEPT + SEQ), (SAME, 0)),
        (whole(b"x" * KEPT * 2), whole(b"x" * KEPT * 2), (UNSURE, 0)),
    ],
)
def test_what_a_log_says(received: Tail, log: Tail, expected: tuple[Agreement, int]) -> None:
    assert compare(received, log) == expected


def test_lines_that_are_on_both_sides_prove_nothing_until_they_end_the_same() -> None:
    lines = b"tick\n" * 100
    assert compare(part(lines + b"ti"), part(lines)) == (DIFFERENT, 0)
    assert compare(part(lines), part(lines)) == (UNSURE, 0)
    assert compare(part(lines + b"end\n"), part(lines + b"end\n")) == (SAME, 0)


@pytest.mark.parametrize(
    ("printed", "logged"),
    [
        (b"caf\351\n", "caf\ufffd\n".encode()),
        ("é".encode() * 9000 + b"\n", "é".encode() * 8000 + "\ufffd\ufffd".encode() + b"\n"),
    ],
)
def test_bytes_that_a_log_replaces_are_no_difference(printed: bytes, logged: bytes) -> None:
    assert compare(whole(printed), whole(logged))[0] is DIFFERENT
    assert compare(whole(printed), whole(logged), altered=ABOVE_ASCII) == (SAME, 0)
    assert compare(whole(printed), whole(logged + b"more"), altered=ABOVE_ASCII) == (MORE, 4)


def test_a_log_may_put_the_ends_of_lines_elsewhere() -> None:
    received, log = whole(SEQ + b"part"), part(SEQ[-900:-1] + b"part\n")
    assert compare(received, log)[0] is DIFFERENT
    assert compare(received, log, altered=b"\r\n") == (SAME, 0)


def test_streams_are_complete_together() -> None:
    both = {OUT: whole(b"a\n"), ERR: whole(b"e\n")}
    assert compare_streams(both, both) == (SAME, {})
    missing = {OUT: whole(b"a\nb\n"), ERR: whole(b"e\nf")}
    assert compare_streams(both, missing) == (MORE, {OUT: 2, ERR: 1})
    assert compare_streams(both, {OUT: whole(b""), ERR: both[ERR]}) == (BEHIND, {})


def test_a_stream_of_which_only_the_log_has_something_is_not_proven() -> None:
    received = {OUT: part(b"b\n"), ERR: part(b"")}
    log = {OUT: whole(b"a\nb\n"), ERR: whole(b"fatal\n")}
    assert compare_streams(received, log) == (UNSURE, {})


def test_a_stream_without_last_lines_printed_long_before() -> None:
    received = {OUT: whole(SEQ), ERR: whole(b"warning\n")}
    log = {OUT: part(SEQ[-900:]), ERR: part(b"")}
    assert compare_streams(received, log) == (SAME, {})
    assert compare_streams({ERR: received[ERR]}, {ERR: log[ERR]}) == (SILENT, {})
    assert compare_streams({OUT: whole(SEQ[:-300]), ERR: whole(b"")}, log) == (MORE, {OUT: 300})
