"""Compares what a session received with what its container printed.

Pure functions. A transcript is right if it is what was printed, with nothing added or in another
order, and bytes left out only where a hole is marked, as many as the hole says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Hole", "Verdict", "compare", "compare_alike", "typed_numbers"]

_SHOWN = 60


@dataclass(frozen=True)
class Hole:
    """A place where a session says that output is missing.

    Attributes:
        offset: in its transcript.
        missing: how many bytes; ``None`` where it says that nobody knows.
        at_least: what it says of the number, where it is not exact.
    """

    offset: int
    missing: int | None = None
    at_least: int = 0


@dataclass
class Verdict:
    """What a comparison found.

    Attributes:
        compared: bytes of the transcript.
        missing: bytes that are left out at holes.
        wrong: what is not right, a line each.
    """

    compared: int = 0
    missing: int = 0
    wrong: list[str] = field(default_factory=list)


def compare(
    transcript: bytes, printed: bytes, holes: Sequence[Hole] = (), *, ends: bool = True
) -> Verdict:
    """Compare a transcript whose lines are numbered.

    Args:
        transcript: what was received.
        printed: what the container printed.
        holes: where the session says that something is missing.
        ends: whether the session says that its end is there.
    """
    verdict = Verdict(compared=len(transcript))
    position = 0  # in what was printed
    begin = 0  # in the transcript
    hole: Hole | None = None
    for following in (*sorted(holes, key=lambda each: each.offset), None):
        end = len(transcript) if following is None else following.offset
        piece = transcript[begin:end]
        start = position
        if hole is not None:
            found = _find(piece, printed, position, hole, last=following is None and ends)
            if isinstance(found, str):
                verdict.wrong.append(f"at {begin:,} of the transcript: {found}")
                return verdict
            start = found
            verdict.missing += start - position
        if printed[start : start + len(piece)] != piece:
            verdict.wrong.append(_difference(piece, printed, start, begin))
            return verdict
        position, begin, hole = start + len(piece), end, following
    left = len(printed) - position
    if left and ends:
        verdict.wrong.append(f"{left:,} bytes of the end are missing, and nothing says so")
    verdict.missing += left
    return verdict


def _find(piece: bytes, printed: bytes, position: int, hole: Hole, *, last: bool) -> int | str:
    """Return where a piece after a hole begins, or what is wrong with that hole."""
    if hole.missing is not None:
        return position + hole.missing
    found = len(printed) - len(piece) if last else printed.find(piece[:65536], position)
    if found < position:
        return f"what follows the hole was never printed there: {piece[:_SHOWN]!r}"
    if found - position < hole.at_least:
        return f"{found - position:,} bytes are missing; it says at least {hole.at_least:,}"
    return found


def _difference(piece: bytes, printed: bytes, start: int, begin: int) -> str:
    there = printed[start : start + len(piece)]
    same = next(
        (at for at, (ours, theirs) in enumerate(zip(piece, there, strict=False)) if ours != theirs),
        min(len(piece), len(there)),
    )
    got = piece[max(0, same - _SHOWN) : same + _SHOWN]
    expected = there[max(0, same - _SHOWN) : same + _SHOWN]
    where = printed.find(piece[same : same + 200], max(0, start - 5_000_000))
    moved = where - (start + same)
    kind = "not printed at all" if where < 0 else f"{'lost' if moved > 0 else 'doubled'}"
    return (
        f"at {begin + same:,} of the transcript ({kind}"
        f"{f', {abs(moved):,} bytes' if where >= 0 else ''}): got {got!r}, printed was {expected!r}"
    )


def compare_alike(
    transcript: bytes,
    line: bytes,
    lines: int,
    holes: Sequence[Hole] = (),
    *,
    ends: bool = True,
) -> Verdict:
    """Compare a transcript of one line that was printed again and again.

    Where in it a hole is cannot be seen: only what is said of the number can be checked.

    Args:
        transcript: what was received.
        line: the line.
        lines: how often it was printed.
        holes: where the session says that something is missing.
        ends: whether the session says that its end is there.
    """
    verdict = Verdict(compared=len(transcript))
    begin = shift = 0
    for hole in (*sorted(holes, key=lambda each: each.offset), None):
        end = len(transcript) if hole is None else hole.offset
        piece = transcript[begin:end]
        pattern = line * (len(piece) // len(line) + 2)
        known = begin == 0 or shift >= 0
        found = shift % len(line) if known else pattern[: 2 * len(line)].find(piece[: len(line)])
        if found < 0 or pattern[found : found + len(piece)] != piece:
            verdict.wrong.append(f"at {begin:,} of the transcript: it is not that line")
            return verdict
        begin = end
        unknown = hole is None or hole.missing is None
        shift = -1 if unknown else found + len(piece) + (hole.missing or 0 if hole else 0)
    printed = len(line) * lines
    said = sum(hole.at_least if hole.missing is None else hole.missing for hole in holes)
    exact = ends and all(hole.missing is not None for hole in holes)
    verdict.missing = printed - len(transcript)
    if len(transcript) + said > printed:
        more = len(transcript) + said - printed
        verdict.wrong.append(f"{more:,} bytes more than were printed: doubled, or a wrong count")
    elif exact and len(transcript) + said < printed:
        lost = printed - len(transcript) - said
        verdict.wrong.append(f"{lost:,} bytes are missing, and nothing says so")
    return verdict


def typed_numbers(printed: bytes) -> list[int]:
    """Return the numbers of the typed lines that the program has read, in its order.

    A cut may take the end of a line with it. Its beginning then stands in front of the next line,
    and is left out: the session has said that it may not have arrived.
    """
    lines = (each for each in printed.split(b"\n") if each.startswith(b"typed "))
    return [int(each.rpartition(b"in ")[2]) for each in lines]
