"""The first and the last lines of a long log, however its bytes are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.magics.line_window import LineWindow


def through(lines: list[bytes], sizes: list[int], most: int) -> tuple[bytes, int]:
    """What remains of the lines, and how many are left out."""
    log = b"".join(lines)
    window = LineWindow(most)
    passed = b""
    at = 0
    for size in [*sizes, len(log)]:
        piece = log[at : at + size]
        if piece:
            passed += piece[: window.take(at, piece)]
        at += len(piece)
    if not window.holds:
        return passed, 0
    position, skipped = window.rest()
    for _ in range(skipped):
        position = log.index(b"\n", position) + 1
    return passed + log[position:], window.left_out


@given(
    st.lists(st.binary(max_size=3).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=30),
    st.sampled_from([b"", b"rest"]),
    st.lists(st.integers(1, 12), max_size=40),
    st.sampled_from([2, 4, 10]),
)
def test_the_halves_are_exact(
    lines: list[bytes], unterminated: bytes, sizes: list[int], most: int
) -> None:
    kept, left_out = through([*lines, unterminated], sizes, most)
    half = most // 2
    expected = [*lines[:half], *lines[half:][-half:], unterminated]
    assert kept == b"".join(expected)
    assert left_out == max(0, len(lines) - most)


def test_a_log_that_is_not_long_passes_whole_and_in_order() -> None:
    window = LineWindow(4)
    assert window.take(0, b"1\n2\n") == 4
    assert not window.holds
    assert window.take(4, b"3\n4\n") == 0
    assert window.rest() == (4, 0)
    assert window.left_out == 0
