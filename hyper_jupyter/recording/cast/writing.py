"""A recording as an asciicast file, version 3 or 2.

Layer: recording. No I/O of its own; any thread.
"""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Iterator
from typing import Final

from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.cast.notation import (
    BYTES,
    MARK,
    OWN,
    PAST,
    TAIL,
    header_object,
    json_text,
    shown_text,
)
from hyper_jupyter.recording.recording import (
    MICROSECONDS,
    Event,
    Exit,
    Input,
    Marker,
    Output,
    Recording,
    Resize,
)

__all__ = ["LONGEST_EVENT", "VERSIONS", "cast_lines"]

VERSIONS: Final = (3, 2)
"""The versions that are written."""

LONGEST_EVENT: Final = 256 * 1024
"""Characters of output in one event, at most."""


def cast_lines(recording: Recording, version: int = 3) -> Iterator[str]:
    r"""Yield the lines of a file, each with ``\n`` at its end.

    Args:
        recording: the recording.
        version: 3, or 2 for older players.
    """
    yield json.dumps(header_object(recording.header, version), ensure_ascii=False) + "\n"
    yield from _Writer(version, tty=recording.header.tty).lines(recording.events())


class _Writer:
    def __init__(self, version: int, *, tty: bool) -> None:
        self._relative = version == 3
        self._tty = tty
        self._last = 0  # the time of the last event, in microseconds
        self._stream = "stdout"  # of the last output
        self._tails: dict[str, bytes] = {}  # of each stream: a character that has begun

    def lines(self, events: Iterator[Event]) -> Iterator[str]:
        for event in events:
            time = round(event.time * MICROSECONDS)
            match event:
                case Output(stream=stream, data=data):
                    yield from self._data(time, stream, data)
                case Input(data=data):
                    yield from self._data(time, "input", data)
                case Resize(rows=rows, columns=columns):
                    yield from self._event(time, "r", f"{columns}x{rows}")
                case Marker():
                    yield from self._mark(time, event)
                case Exit(code=code):
                    yield from self._event(time, "x", str(code))

    def _data(self, time: int, stream: str, data: bytes) -> Iterator[str]:
        if not data:
            return
        if stream not in ("input", self._stream):
            self._stream = stream
            yield self._line(self._last, OWN, stream)
        whole = self._tails.pop(stream, b"") + data
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        text = decoder.decode(whole)
        tail = decoder.getstate()[0]
        for begin in range(0, len(text) or 1, LONGEST_EVENT):
            part = text[begin : begin + LONGEST_EVENT].encode("utf-8", "surrogateescape")
            if tail and begin + LONGEST_EVENT >= len(text):
                self._tails[stream] = tail
                yield self._own(TAIL, tail)
            if not _is_text(part):
                yield self._own(BYTES, part)
            if stream == "input":
                yield from self._event(time, "i", shown_text(part, tty=True))
            else:
                yield from self._event(time, "o", shown_text(part, tty=self._tty))

    def _own(self, word: str, data: bytes) -> str:
        return self._line(self._last, OWN, word + base64.b64encode(data).decode("ascii"))

    def _mark(self, time: int, mark: Marker) -> Iterator[str]:
        if mark.kind != "note":
            words = [mark.kind]
            for stream, offset, lines in mark.lost:
                words += [stream, str(offset), str(lines)]
            yield self._line(self._last, OWN, MARK + " ".join(words))
        yield from self._event(time, "m", printable(mark.text))

    def _event(self, time: int, code: str, data: str) -> Iterator[str]:
        if time < 0:  # for players it is there at the start
            yield self._line(self._last, OWN, PAST + _seconds(-time))
        yield self._line(max(0, time), code, data)

    def _line(self, time: int, code: str, data: str) -> str:
        shown = time - self._last if self._relative else time
        self._last = time
        return f'[{_seconds(shown)}, "{code}", {json_text(data)}]\n'


def _is_text(data: bytes) -> bool:
    """Return whether bytes are UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _seconds(microseconds: int) -> str:
    whole, part = divmod(microseconds, MICROSECONDS)
    return f"{whole}.{f'{part:06}'.rstrip('0') or '0'}"
