r"""Whole lines of a log in columns: most of a log, in few steps instead of some for each line.

Layer: protocol. No I/O, no clock, no threads: functions of bytes; any thread.

Nearly every frame of a log with timestamps is one entry, and that is one line::

    01 00 00 00 00 00 00 2f   2026-11-28T12:00:00.123456789Z   text of one line \n

So the log is cut at its newlines. Then what makes such a frame is checked for all of them at once:
the lengths in the headers, the streams, and the form of the stamps. What does not fit is left to
:class:`~hyper_jupyter.protocol.log_entries.LogDecoder`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from datetime import datetime
from itertools import compress
from operator import add, and_, ne, or_
from typing import Final, NamedTuple

__all__ = ["STAMP", "LineColumns", "line_columns", "moment"]

STAMP: Final = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d) ", re.ASCII
)
"""A stamp and the space after it; the groups are its second, its fraction, and its zone."""

_STAMPS: Final = re.compile(
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) )*", re.ASCII
)
"""Stamps, each with its space."""

_HEADER: Final = 8
_SECOND: Final = len("2026-11-28T12:00:00")
_MILLISECOND: Final = _SECOND + len(".123")
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")


_Cut = tuple[list[bytes], list[bytes], bytes]


def moment(second: bytes, zone: bytes) -> float:
    """Return a stamp's second in seconds since the epoch.

    Raises:
        ValueError: there is no such moment.
    """
    return datetime.fromisoformat((second + zone).decode()).timestamp()


class LineColumns(NamedTuple):
    """Lines that follow each other.

    Attributes:
        kinds: the stream of each, 1 or 2.
        stamps: the stamp of each.
        texts: the text of each, without its newline.
        tail: how every stamp ends: with the zone, and perhaps with the space after it.
        alike: whether all stamps are the same. An engine may have one for all that it has read.
        end: the offset behind the last of them.
    """

    kinds: bytes
    stamps: Sequence[bytes]
    texts: Sequence[bytes]
    tail: bytes
    alike: bool
    end: int

    def times(self, lines: Sequence[int]) -> list[float] | None:
        """Return the stamps of some lines in seconds since the epoch.

        Returns:
            ``None`` if one of them is of no moment, such as one in a thirteenth month.
        """
        stamps = [self.stamps[line] for line in (lines[:1] if self.alike else lines)]
        seconds = [stamp[:_SECOND] for stamp in stamps]
        try:
            moments = {each: moment(each, self.tail.rstrip()) for each in set(seconds)}
        except ValueError:
            return None
        fractions = [stamp[_SECOND : -len(self.tail)] or b"0" for stamp in stamps]
        times = list(map(add, map(moments.__getitem__, seconds), map(float, fractions)))
        return times * len(lines) if self.alike else times

    def groups(self) -> Sequence[int]:
        """Return the first line of each group: lines of one stream and of one millisecond."""
        kinds, moments = self.kinds, [stamp[:_MILLISECOND] for stamp in self.stamps]
        changes = map(or_, map(ne, moments[1:], moments), map(ne, kinds[1:], kinds))
        return [0, *compress(range(1, len(kinds)), changes)]

    def last_moment(self, kind: int) -> tuple[float, int, bool]:
        """Return what is known of the newest time of a stream that has lines here.

        The stamps have to be of moments. Different ones may have the same time: it is a number of
        limited precision.

        Returns:
            The time of its last line; the bytes of its last lines that have that time; whether
            there are others before them.
        """
        last = self.kinds.rfind(kind)
        first = 0 if self.alike else max(0, last - 15)  # there are usually few
        while True:
            lines = [n for n in range(first, last + 1) if self.kinds[n] == kind]
            times = self.times(lines)
            assert times is not None
            others = bytes(map(times[-1].__eq__, times)).rfind(b"\0") + 1
            if others or not first:
                sizes = [len(self.texts[line]) + 1 for line in lines[others:]]
                return times[-1], sum(sizes), others > 0
            first = max(0, last + 1 - 16 * (last + 1 - first))


def line_columns(data: bytes, begin: int, size: int, *, even: bool) -> LineColumns | None:
    """Return the frames from an offset on that are one line each; ``None`` if the first is not.

    Args:
        data: frames of a log; the last one may be cut.
        begin: the offset of a frame.
        size: how many bytes to look at.
        even: whether the stamps have one length. Those of some engines end with their last digit
            that is no zero.
    """
    first = STAMP.match(data, begin + _HEADER)
    if first is None:
        return None
    parts = data[begin : begin + size].split(b"\n")
    parts.pop()  # what the last newline is followed by
    sizes = list(map(len, parts))
    if sizes and min(sizes) < _HEADER:
        parts = _joined(parts)
        sizes = list(map(len, parts))
    headers = b"".join([part[:_HEADER] for part in parts])
    del parts[_fitting_headers(headers, sizes) :]
    stamps, texts, tail = _cut_evenly(parts, first) if even else _cut(parts, first)
    count = len(texts)
    if not count:
        return None
    return LineColumns(
        headers[: _HEADER * count : _HEADER].replace(b"\0", b"\1"),
        stamps,
        texts,
        tail,
        stamps.count(stamps[0]) == count,
        begin + sum(sizes[:count]) + count,
    )


def _joined(parts: Sequence[bytes]) -> list[bytes]:
    """Join the parts of headers: a length may have a byte that is like a newline."""
    whole: list[bytes] = []
    following = iter(parts)
    for part in following:
        frame = part
        while len(frame) < _HEADER:
            more = next(following, None)
            if more is None:
                return whole
            frame += b"\n" + more
        whole.append(frame)
    return whole


def _fitting_headers(headers: bytes, sizes: Sequence[int]) -> int:
    """Return how many parts are output with one newline, before the first that is not."""
    count = len(sizes)
    lengths = struct.unpack(f">{2 * count}L", headers)[1::2]
    wanted = tuple(map((1 - _HEADER).__add__, sizes))
    if lengths != wanted:
        count = list(map(ne, lengths, wanted)).index(True)
    kinds = headers[: _HEADER * count : _HEADER]
    if others := kinds.translate(None, b"\0\1\2"):
        count = kinds.index(others[0])
    return count


def _cut(parts: Sequence[bytes], first: re.Match[bytes]) -> _Cut:
    """Cut frames into stamps and texts, up to one whose stamp has another zone than the first."""
    cut = [part[_HEADER:].partition(b" ") for part in parts]
    stamps = [stamp for stamp, _, _ in cut]
    zone = first[3]
    same = [bool(space) and stamp.endswith(zone) for stamp, space, _ in cut]
    if not (all(same) and _STAMPS.fullmatch(b" ".join([*stamps, b""]))):
        fits = (
            fit and STAMP.fullmatch(stamp + b" ")
            for (stamp, _, _), fit in zip(cut, same, strict=True)
        )
        count = next((n for n, fit in enumerate(fits) if not fit), len(cut))
        del cut[count:], stamps[count:]
    return stamps, [text for _, _, text in cut], zone


def _cut_evenly(parts: Sequence[bytes], first: re.Match[bytes]) -> _Cut:
    """Cut frames like :func:`_cut`, up to one whose stamp has another length than the first."""
    width = len(first[0])
    stamps = [part[_HEADER : _HEADER + width] for part in parts]
    count = len(stamps)
    end = first[3] + b" "
    fits = bytes(map(width.__eq__, map(len, stamps)))
    if end != b"Z ":
        fits = bytes(map(and_, fits, [stamp.endswith(end) for stamp in stamps]))
    if (other := fits.find(b"\0")) >= 0:
        count = other
    found = b"".join(stamps[:count]).translate(_DIGITS)
    wanted = first[0].translate(_DIGITS) * count
    if found != wanted:
        low, high = 0, count
        while low < high - 1:  # the first other one is between them
            middle = (low + high) // 2
            if found[low * width : middle * width] == wanted[low * width : middle * width]:
                low = middle
            else:
                high = middle
        count = low
    begin = _HEADER + width
    return stamps[:count], [part[begin:] for part in parts[:count]], end
