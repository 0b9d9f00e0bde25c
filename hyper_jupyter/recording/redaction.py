"""A recording without what must not be saved.

Layer: recording. Any thread; the functions among the rules are the user's code and run in it.

Strategy: a rule has to see a secret as a whole, and a recording may be longer than the memory. So
the text of each stream is gathered, the rules look at it, and all but its end is passed on: a
secret may begin there. Where it is cut there is no piece that a rule found, and the next search
begins there, so what is found does not depend on how the output was read. If the other stream
prints much meanwhile, the end is passed on as well. Then what follows is searched together with it.

Rules see the characters in the order in which they were printed, without escape sequences.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any, Final, Protocol

from hyper_jupyter.recording.plain import cleaned, seen
from hyper_jupyter.recording.recording import Event, Input, Marker, Output, Recording

__all__ = ["REACH", "Policy", "redacted"]

REACH: Final = 1024 * 1024
"""Characters of the longest secret that is found in any case."""

_GATHERED: Final = 4 * REACH
_WAITING: Final = 12 * REACH
"""Characters of both streams that may wait for the rest of one of them."""


class Policy(Protocol):
    """What must not be saved: :class:`hyper_jupyter.settings.saved_output.SavedOutput`."""

    @property
    def redact(self) -> Sequence[Any]:
        """The rules."""

    def clean(self, text: str) -> str:
        """Return a text without what must not be saved."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where a text has what must not be saved, by the regular expressions."""


def redacted(recording: Recording, policy: Policy) -> Recording:
    """Return a recording without what must not be saved.

    Reading its events raises what a function of the user raises. Then nothing may be saved.

    Args:
        recording: the recording.
        policy: what must not be saved. A function that returns another number of lines replaces
            all lines that it got; other lines stay as they are.
    """
    if not policy.redact:
        return recording
    head = recording.header
    header = replace(
        head,
        title=policy.clean(head.title),
        command=policy.clean(head.command),
        container=policy.clean(head.container),
        image=policy.clean(head.image),
    )
    return Recording(header, lambda: _Redactor(policy).events(recording.events()))


class _Item:
    """An event that waits.

    Attributes:
        event: the event.
        text: its text; ``None`` if it has none.
        settled: whether the text may be passed on.
    """

    __slots__ = ("event", "settled", "text")

    def __init__(self, event: Event, text: str | None) -> None:
        self.event = event
        self.text = text
        self.settled = text is None


class _Strand:
    """The text of one stream that waits.

    Attributes:
        decoder: makes text of the bytes.
        items: what waits.
        size: how many characters that are.
        before: what was passed on since the last place at which nothing was cut.
    """

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.items: list[_Item] = []
        self.size = 0
        self.before = ""


class _Redactor:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._functions: list[Callable[[str], Any]] = [
            rule for rule in policy.redact if callable(rule)
        ]
        self._queue: deque[_Item] = deque()
        self._strands: dict[str, _Strand] = {}
        self._waiting = 0

    def events(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events without what must not be saved."""
        last: Event | None = None
        for event in events:
            last = event
            self._take(event)
            while self._waiting > _WAITING:
                self._settle(self._strand(self._queue[0].event), keep=0)
                yield from self._ready()
            yield from self._ready()
        for name, strand in self._strands.items():
            rest = strand.decoder.decode(b"", final=True)
            if rest and last is not None:
                stream = name if name in ("stdout", "stderr") else ""
                self._add(
                    strand,
                    Output(last.time, stream, b"") if stream else Input(last.time, b""),  # type: ignore[arg-type]
                    rest,
                )
            self._settle(strand, keep=0)
        yield from self._ready()

    def _take(self, event: Event) -> None:
        match event:
            case Output() | Input():
                strand = self._strand(event)
                if text := strand.decoder.decode(event.data):
                    self._add(strand, event, text)
                    if strand.size >= _GATHERED:
                        self._settle(strand, keep=REACH)
            case Marker(text=text):
                cleaned_mark = event._replace(text=self._policy.clean(text))
                self._queue.append(_Item(cleaned_mark, None))
            case _:
                self._queue.append(_Item(event, None))

    def _add(self, strand: _Strand, event: Event, text: str) -> None:
        item = _Item(event, text)
        self._queue.append(item)
        strand.items.append(item)
        strand.size += len(text)
        self._waiting += len(text)

    def _strand(self, event: Event) -> _Strand:
        name = event.stream if isinstance(event, Output) else "input"
        return self._strands.setdefault(name, _Strand())

    def _ready(self) -> Iterator[Event]:
        queue = self._queue
        while queue and queue[0].settled:
            item = queue.popleft()
            self._waiting -= len(item.text or "")
            if item.text is None:
                yield item.event
            elif item.text and isinstance(item.event, Output | Input):
                data = item.text.encode("utf-8", "surrogateescape")
                yield item.event._replace(data=data)

    def _settle(self, strand: _Strand, *, keep: int) -> None:
        """Pass on the text of a stream, without what must not be saved.

        Args:
            strand: the stream.
            keep: how many of the last characters may stay, because a secret may begin there.
        """
        texts = [item.text or "" for item in strand.items]
        text = "".join(texts)
        edges = [0, *accumulate(map(len, texts))]
        found = cleaned(strand.before, text, self._policy.spans)
        cut = _cut(text, found.found, keep)
        new = found.text
        places = [found.position(edge) for edge in edges if edge < cut] + [found.position(cut)]
        for function in self._functions:
            edits = _edits(function, new)
            if edits is None:  # it is unknown which line became which
                new = _returned(function, seen(new))
                cut, places = len(text), [0, *[len(new)] * len(texts)]
                continue
            new, places = _spliced(new, edits, places)
        self._pass_on(strand, [new[begin:end] for begin, end in pairwise(places)], cut)
        strand.before = (strand.before + text[:cut])[-REACH:] if not keep else ""

    def _pass_on(self, strand: _Strand, pieces: Sequence[str], cut: int) -> None:
        """Give the first items their new texts; a text that is cut goes on in an item of its own.

        Args:
            strand: the stream.
            pieces: the new texts.
            cut: how many characters of the old ones these stand for.
        """
        settled, strand.items = strand.items[: len(pieces)], strand.items[len(pieces) :]
        left = cut
        for item, piece in zip(settled, pieces, strict=True):
            old = item.text or ""
            left -= len(old)
            if left < 0:  # only in the last one: the rest of it stays
                rest = _Item(item.event, old[left:])
                self._waiting -= left
                self._queue.insert(self._queue.index(item) + 1, rest)
                strand.items.insert(0, rest)
            self._waiting += len(piece) - len(old)
            item.text, item.settled = piece, True
        strand.size -= cut


def _cut(text: str, found: Sequence[tuple[int, int]], keep: int) -> int:
    """Return how much of a text is passed on: whole lines if possible, never half of a secret."""
    if not keep:
        return len(text)
    limit = len(text) - keep
    cut = text.rfind("\n", 0, limit) + 1 or limit
    for begin, end in found:
        if begin < cut < end:
            return begin if begin > 0 else end
    return cut


def _returned(function: Callable[[str], Any], text: str) -> str:
    answer = function(text)
    if not isinstance(answer, str):
        raise TypeError(f"a function of redact returned {type(answer).__name__} instead of str")
    return answer


def _edits(function: Callable[[str], Any], text: str) -> list[tuple[int, int, str]] | None:
    """Return what a function changes in the lines of a text; ``None`` if it changes their number.

    Returns:
        Where each change begins and ends, and what is there instead.
    """
    lines = text.split("\n")
    before = [seen(line) for line in lines]
    after = _returned(function, "\n".join(before)).split("\n")
    if len(after) != len(lines):
        return None
    edits = []
    at = 0
    for line, old, new in zip(lines, before, after, strict=True):
        if old != new:
            edits.append((at, at + len(line), new + ("\r" if line.endswith("\r") else "")))
        at += len(line) + 1
    return edits


def _spliced(
    text: str, edits: Sequence[tuple[int, int, str]], places: Sequence[int]
) -> tuple[str, list[int]]:
    """Make changes in a text.

    Returns:
        The text, and where some places of it are then: after a change if they were in it.
    """
    pieces: list[str] = []
    moved: list[int] = []
    rest = deque(places)
    at = size = 0
    for begin, end, new in edits:
        while rest and rest[0] <= begin:
            moved.append(size + rest.popleft() - at)
        pieces += [text[at:begin], new]
        size += begin - at + len(new)
        at = end
        while rest and rest[0] <= end:
            rest.popleft()
            moved.append(size)
    moved += [size + place - at for place in rest]
    pieces.append(text[at:])
    return "".join(pieces), moved
