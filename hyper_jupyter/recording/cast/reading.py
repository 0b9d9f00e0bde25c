"""Reads asciicast files: ours, and those of other programs, in versions 1, 2 and 3.

Layer: recording. Any thread. It reads a line at a time; no line may be longer than a limit.

What it does not know it skips, as the format asks for. The last line may be cut off: a recorder may
have been killed.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final, cast

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.cast.notation import (
    BYTES,
    MARK,
    OWN,
    PAST,
    TAIL,
    bytes_of,
    header_of,
    number_of,
    shown_text,
)
from hyper_jupyter.recording.recording import (
    Event,
    Exit,
    Header,
    Input,
    Lost,
    Marker,
    Output,
    Resize,
    Stream,
)

__all__ = ["LONGEST_LINE", "is_header", "read_events", "read_header"]

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of a line, and of a whole file of version 1."""

_REPLAYED: Final = ".cast files and the .jsonl of s.save are read; .html, .log and .txt are not."

_SIZE: Final = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
_CODE: Final = re.compile(r"[0-9]{1,9}|-[0-9]{1,9}")
_KIND: Final = re.compile(r"[a-z]{1,20}")
_SECONDS: Final = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}")
_STREAMS: Final = ("stdout", "stderr")


def read_header(file: IO[bytes], name: str) -> tuple[Header, int, bool]:
    """Read the header, and leave the file where the events begin.

    Args:
        file: at its beginning.
        name: what errors call it.

    Returns:
        The header, the version, and whether the file is ours.

    Raises:
        HyperJupyterError: it is no asciicast.
        OSError: it cannot be read.
    """
    first = _line(file, name, 1).removeprefix(b"\xef\xbb\xbf")
    found = _parsed(first)
    if not isinstance(found, dict) or found.get("version") == 1:
        found = _parsed(first + file.read(LONGEST_LINE))  # version 1 is one object on many lines
    if not isinstance(found, dict) or "version" not in found:
        raise _no_cast(name, "its first line is not a header", _REPLAYED)
    version = found["version"]
    if isinstance(version, bool) or version not in (1, 2, 3):
        shown = printable(repr(version), 40)
        raise _no_cast(name, f"version {shown} is not known; 1, 2 and 3 are")
    try:
        header, ours = header_of(found)
    except ValueError as error:
        raise _no_cast(name, str(error)) from None
    return header, version, ours


def read_events(file: IO[bytes], name: str) -> Iterator[Event]:
    """Yield the events of a file.

    Args:
        file: at its beginning.
        name: what errors call it.

    Raises:
        HyperJupyterError: a line is no event.
        OSError: it cannot be read.
    """
    header, version, ours = read_header(file, name)
    if version == 1:
        file.seek(0)
        whole = file.read(LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
        yield from _first_version(_parsed(whole), name)
        return
    reader = _Reader(version, name, tty=header.tty, ours=ours)
    number = 1
    while line := _line(file, name, number := number + 1):
        yield from reader.read(line, number)


def _first_version(found: Any, name: str) -> Iterator[Event]:
    frames = found.get("stdout") if isinstance(found, dict) else None
    if not isinstance(frames, list):
        raise _no_cast(name, "it has no output")
    now = 0.0
    for number, frame in enumerate(frames, 1):
        match frame:
            case [delay, str(text)] if (seconds := number_of(delay)) is not None:
                now = max(0.0, now + seconds)
                yield Output(now, "stdout", bytes_of(text))
            case _:
                raise _no_cast(name, f"entry {number} of its output is malformed")


class _Reader:
    def __init__(self, version: int, name: str, *, tty: bool, ours: bool) -> None:
        self._relative = version == 3
        self._name = name
        self._tty = tty
        self._ours = ours
        self._now = 0.0
        self._stream: Stream = "stdout"
        self._bytes: bytes | None = None
        self._tail = b""
        self._tails: dict[str, bytes] = {}
        self._kind = "note"
        self._lost: tuple[Lost, ...] = ()
        self._past: float | None = None

    def read(self, line: bytes, number: int) -> Iterable[Event]:
        """Return the event of a line, if it is one that is known."""
        text = line.strip()
        if not text or text.startswith(b"#"):
            return ()
        match _parsed(text):
            case [time, str(code), data] if (seconds := number_of(time)) is not None:
                # Microseconds that are added up must stay whole: the sum is rounded.
                now = round(self._now + seconds, 6) if self._relative else seconds
                self._now = max(0.0, now)
                return self._event(code, data, number)
            case _ if not line.endswith(b"\n"):
                return ()  # cut off
            case _:
                raise self._fault(number, "it is not an event")

    def _event(self, code: str, data: Any, number: int) -> Iterable[Event]:
        if code == OWN and self._ours and isinstance(data, str):
            self._describe(data)
            return ()
        exact, self._bytes = self._bytes, None
        tail, self._tail = self._tail, b""
        kind, self._kind = self._kind, "note"
        lost, self._lost = self._lost, ()
        past, self._past = self._past, None
        now = self._now if past is None else -past
        if code not in ("o", "i", "r", "m", "x"):
            return ()
        if code == "x":
            found = str(data) if not isinstance(data, bool) else ""
            return (Exit(now, int(found)),) if _CODE.fullmatch(found) else ()
        if not isinstance(data, str):
            raise self._fault(number, f"its data is {type(data).__name__} instead of text")
        match code:
            case "o":
                shown = self._shown(data, exact, tty=self._tty)
                whole = self._joined(self._stream, shown, tail)
                return (Output(now, self._stream, whole),) if whole else ()
            case "i":
                whole = self._joined("input", self._shown(data, exact, tty=True), tail)
                return (Input(now, whole),) if whole else ()
            case "r":
                if not (size := _SIZE.fullmatch(data)) or not int(size[1]) or not int(size[2]):
                    raise self._fault(number, "it has no size")
                rows, columns = min(int(size[2]), 0xFFFF), min(int(size[1]), 0xFFFF)
                return (Resize(now, rows, columns),)
        return (Marker(now, printable(data), kind, lost),)

    def _describe(self, data: str) -> None:
        """Take note of what is said about the next event."""
        if data in _STREAMS:
            self._stream = cast("Stream", data)
        elif data.startswith(BYTES):
            self._bytes = _decoded(data[len(BYTES) :])
        elif data.startswith(TAIL):
            self._tail = (_decoded(data[len(TAIL) :]) or b"")[:3]
        elif data.startswith(PAST) and _SECONDS.fullmatch(seconds := data[len(PAST) :]):
            self._past = float(seconds)
        elif data.startswith(MARK):
            kind, *words = data[len(MARK) :].split()[:7] or [""]
            self._kind = kind if _KIND.fullmatch(kind) else "note"
            self._lost = tuple(
                Lost(cast("Stream", stream), int(offset), int(lines))
                for stream, offset, lines in zip(*[iter(words)] * 3, strict=False)
                if stream in _STREAMS and _is_count(offset) and _is_count(lines)
            )

    def _joined(self, stream: str, shown: bytes, tail: bytes) -> bytes:
        """Return the bytes of an event.

        Args:
            stream: its stream.
            shown: what its text stands for.
            tail: a character that has begun; its first bytes may be of earlier events.
        """
        before = self._tails.pop(stream, b"")
        if tail:
            self._tails[stream] = tail
        return (shown + tail).removeprefix(before)

    def _shown(self, text: str, exact: bytes | None, *, tty: bool) -> bytes:
        # What players show, and what we take, must not be two things.
        if exact is not None and shown_text(exact, tty=tty) == text:
            return exact
        return bytes_of(text if tty else text.replace("\r\n", "\n"))

    def _fault(self, number: int, what: str) -> HyperJupyterError:
        return HyperJupyterError(f"{self._name}, line {number}: {what}")


def _line(file: IO[bytes], name: str, number: int) -> bytes:
    line = file.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise HyperJupyterError(f"{name}, line {number}: it is longer than {LONGEST_LINE:,} bytes")
    return line


def _parsed(text: bytes) -> Any:
    """Return JSON as a value; ``None`` if it is none."""
    try:
        return json.loads(text.decode("utf-8", "replace"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def is_header(line: bytes) -> bool:
    """Return whether a line begins an asciicast: an object with a version."""
    found = _parsed(line)
    return isinstance(found, dict) and isinstance(found.get("version"), int)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a number")


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_count(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 19


def _no_cast(name: str, why: str, hint: str = "") -> HyperJupyterError:
    return HyperJupyterError(f"{name} is not an asciicast: {why}", hint=hint)
