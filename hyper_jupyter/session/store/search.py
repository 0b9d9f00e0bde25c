"""Searches what came, and goes on with what comes.

Layer: session, store. A search belongs to one thread at a time. Nothing here blocks.

Strategy: each stream is searched by itself, and has a *place* where the search goes on. What was
searched once is searched again only as far back as a match may have begun: for a literal text its
length, for a regular expression 64 KiB. How much is searched at a time grows with what was searched
in vain, so a match costs about as much as its distance from the place. A regular expression that
has looked at much asks for a pause (:attr:`Search.pause`) before it looks again: so output that
comes byte by byte costs a bounded share of the time.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.streams import STREAM_NAMES
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.match import Match

__all__ = [
    "WINDOW",
    "Pattern",
    "Search",
    "describe_patterns",
    "looks_like_expression",
    "patterns_of",
]

Pattern = str | bytes | re.Pattern[str] | re.Pattern[bytes]
"""A text as it is, or a regular expression."""

WINDOW: Final = 64 * 1024
"""Bytes of a match of a regular expression at most."""

_FIRST: Final = 4096
_MOST: Final = 1024 * 1024
_EXTENDED: Final = 4 * _MOST
"""Bytes that are searched at a time: at first, at most, and if a match reaches to their end."""

_CONTEXT: Final = 64
"""Bytes before what is searched, for what looks back: ``\\b``, ``(?<=…)``."""

_EXPRESSION: Final = re.compile(r"\\[dDwWsSbBAZ.()\[\]]|\.[*+?]|\(\?[P:=!<]|[)\]][*+?]")
"""What texts hardly ever have, and regular expressions often."""

_RATE: Final = 4e6
"""Bytes per second that are searched again and again at most."""


def patterns_of(pattern: Pattern | Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Return the patterns that a user gives: one, or a list.

    Raises:
        ValueError: one of them is no pattern, or empty; or there is none.
    """
    patterns = tuple(pattern) if isinstance(pattern, list | tuple) else (pattern,)
    if not patterns:
        raise ValueError("no pattern is given")
    for each in patterns:
        if not isinstance(each, str | bytes | re.Pattern):
            raise ValueError(f"{each!r} is neither a text nor a compiled regular expression")
        if not each:
            raise ValueError("an empty text is found everywhere")
    return patterns


def describe_patterns(patterns: Sequence[Pattern]) -> str:
    """Return what is searched for, in words."""
    texts = [repr(p.pattern if isinstance(p, re.Pattern) else p) for p in patterns]
    if len(texts) > 1:
        return f"{', '.join(texts[:-1])} or {texts[-1]}"
    return texts[0]


def looks_like_expression(pattern: Pattern) -> bool:
    """Whether a text was probably meant as a regular expression."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    return isinstance(text, str) and _EXPRESSION.search(text) is not None


class _Place:
    """Where the search stands in one stream.

    Attributes:
        start: the offset behind the last match.
        searched: the offset up to which no match was found.
        size: how many bytes to search next.
    """

    __slots__ = ("searched", "size", "start")

    def __init__(self, start: int) -> None:
        self.move(start)

    def move(self, start: int) -> None:
        self.start = self.searched = start
        self.size = _FIRST


class _Region(NamedTuple):
    """Bytes that are searched.

    Attributes:
        data: the bytes, with those before that a pattern may look back at.
        begin: the offset of the first of them.
        first: how many bytes of ``data`` are only to be looked back at.
    """

    data: bytes
    begin: int
    first: int


class _Found(NamedTuple):
    start: int
    which: int
    end: int
    match: re.Match[Any] | None  # of an expression


class Search:
    """A search for patterns in some streams.

    Args:
        journal: what came.
        patterns: what to search for.
        starts: the streams to search, each with the offset to start from.
        empty: whether a match may be empty.

    Attributes:
        found: the match of the last run; ``None`` if there was none.
        pause: seconds to wait before the next run, which may otherwise cost too much.
    """

    def __init__(
        self,
        journal: Journal,
        patterns: Sequence[Pattern],
        starts: Mapping[StreamType, int],
        *,
        empty: bool = True,
    ) -> None:
        self._journal = journal
        self._needles = [
            each if isinstance(each, re.Pattern) else _encoded(each) for each in patterns
        ]
        self._patterns = patterns
        self._places = {stream: _Place(start) for stream, start in starts.items()}
        self._empty = empty
        # For regular expressions the longest match; for texts all but one byte.
        self._back = max(
            WINDOW if isinstance(each, re.Pattern) else len(each) - 1 for each in self._needles
        )
        self._expressions = any(isinstance(each, re.Pattern) for each in self._needles)
        self.found: Match | None = None
        self.pause = 0.0

    @property
    def starts(self) -> Mapping[StreamType, int]:
        """The offset behind the last match in each stream."""
        return {stream: place.start for stream, place in self._places.items()}

    def run(self) -> Iterator[None]:
        """Search what has come until now, in steps: each yields.

        The match that has come first is :attr:`found` at the end. The next run goes on behind it.
        """
        self.found = None
        self.pause = 0.0
        first: tuple[int, StreamType, _Found] | None = None
        for stream, place in self._places.items():
            end = self._journal.end(stream)
            found = yield from self._search(stream, place, end)
            if found is not None:
                # The streams are two, so what has come first is said by the position of its end.
                position = self._journal.position(stream, max(found.end - 1, 0))
                if first is None or position < first[0]:
                    first = position, stream, found
        if first is not None:
            _, stream, found = first
            self.pause = 0.0
            place = self._places[stream]
            match = found.match or self._text_match(stream, place, found)
            self.found = Match(match, found.which, STREAM_NAMES[stream], found.end)
            place.move(found.end)

    def _search(
        self, stream: StreamType, place: _Place, end: int
    ) -> Generator[None, None, _Found | None]:
        searched = place.searched
        while searched < end:
            stop = min(end, searched + place.size)
            region = self._read(stream, place, searched, stop)
            stop = region.begin + len(region.data)
            found = self._find(region, place.start)
            if found is not None:
                # It may go on. The last bytes may be a part of a character.
                at_end = found.end >= stop - 3 and stop < end and place.size < _EXTENDED
                if not at_end or isinstance(self._needles[found.which], bytes):
                    return found
                place.size *= 2
                yield
                continue
            searched = place.searched = max(stop, searched)
            place.size = min(2 * place.size, _MOST)
            if self._expressions and len(region.data) > _FIRST:
                self.pause = max(self.pause, len(region.data) / _RATE)
            yield
        place.size = _FIRST
        return None

    def _read(self, stream: StreamType, place: _Place, searched: int, stop: int) -> _Region:
        start = max(place.start, searched - self._back)
        begin = max(place.start, start - _CONTEXT)
        kept, data = self._journal.read_at(stream, begin, stop - begin)
        if kept > begin:  # bytes were dropped
            place.start = max(place.start, kept)
            return _Region(data, kept, 0)
        return _Region(data, begin, start - begin)

    def _find(self, region: _Region, start: int) -> _Found | None:
        """Return the match that begins first; of several, that of the first pattern."""
        best: _Found | None = None
        decoded: tuple[str, int, int] | None = None
        for which, needle in enumerate(self._needles):
            if isinstance(needle, bytes):
                found = self._find_text(region, needle, which)
            elif isinstance(needle.pattern, bytes):
                found = self._find_bytes(region, needle, which)
            else:
                if decoded is None:
                    decoded = _decode(region, whole=region.begin == start)
                found = self._find_decoded(region, needle, which, decoded)
            if found is not None and (best is None or found.start < best.start):
                best = found
        return best

    def _find_text(self, region: _Region, needle: bytes, which: int) -> _Found | None:
        at = region.data.find(needle, region.first)
        if at < 0:
            return None
        start = region.begin + at
        return _Found(start, which, start + len(needle), None)

    def _text_match(self, stream: StreamType, place: _Place, found: _Found) -> re.Match[Any]:
        """Return the match of a text as it is, in what came before it."""
        begin = max(place.start, found.start - WINDOW)
        _, data = self._journal.read_at(stream, begin, found.start - begin)
        pattern: Any = self._patterns[found.which]
        before: Any = data if isinstance(pattern, bytes) else data.decode("utf-8", "replace")
        expression: re.Pattern[Any] = re.compile(re.escape(pattern))
        match = expression.match(before + pattern, len(before))
        assert match is not None
        return match

    def _find_bytes(self, region: _Region, needle: re.Pattern[bytes], which: int) -> _Found | None:
        match = self._first(needle, region.data, region.first)
        if match is None:
            return None
        return _Found(region.begin + match.start(), which, region.begin + match.end(), match)

    def _find_decoded(
        self, region: _Region, needle: re.Pattern[str], which: int, decoded: tuple[str, int, int]
    ) -> _Found | None:
        text, first, skipped = decoded
        match = self._first(needle, text, first)
        if match is None:
            return None
        data = region.data[skipped:]
        begin = region.begin + skipped
        start = begin + _encoded_length(data, match.start())
        end = begin + _encoded_length(data, match.end())
        return _Found(start, which, end, match)

    def _first(self, needle: Any, text: Any, first: int) -> re.Match[Any] | None:
        if self._empty:
            found: re.Match[Any] | None = needle.search(text, first)
            return found
        return next((each for each in needle.finditer(text, first) if each.group()), None)


def _encoded(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def _decode(region: _Region, *, whole: bool) -> tuple[str, int, int]:
    """Decode what is searched, except for an unfinished character at its end.

    Args:
        region: the bytes.
        whole: whether nothing is cut at their beginning.

    Returns:
        The text, how many of its characters are only to be looked back at, and how many bytes at
        the beginning are not in it: the rest of a character.
    """
    data = region.data
    skipped = 0
    while not whole and skipped < min(3, region.first) and 0x80 <= data[skipped] < 0xC0:
        skipped += 1
    data = data[skipped:]
    text, _ = codecs.utf_8_decode(data, "replace", False)
    before, _ = codecs.utf_8_decode(data[: region.first - skipped], "replace", False)
    return text, len(before), skipped


def _encoded_length(data: bytes, count: int) -> int:
    """Return how many bytes the first ``count`` characters of the decoded ``data`` took."""
    prefix = data[:count]
    if prefix.isascii():
        return len(prefix)

    def characters(size: int) -> int:
        return len(data[:size].decode("utf-8", "replace"))

    # A part of a character counts as one, so the number never falls as the bytes grow.
    return bisect_right(range(len(data) + 1), count, key=characters) - 1
