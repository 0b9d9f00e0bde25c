"""The lines of a recording as JSON, one object a line: the fields of ``Session.records``.

Layer: recording. No I/O of its own except reading the file that it is given; any thread.

Only lines of output are written: no marks, no input, no exit code. So a file is a table. Lines of
a history come first. Their numbers count back: -1 is the last one of its stream.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.cast.notation import bytes_of, number_of
from hyper_jupyter.recording.formats.lines import LineCutter, RecordedLine
from hyper_jupyter.recording.recording import (
    BEFORE,
    Event,
    Header,
    Lost,
    Marker,
    Output,
    Recording,
    Stream,
)

__all__ = ["json_lines", "read_events", "read_header"]

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes."""

_DROPPED: Final = re.compile(r"\[([0-9]{1,18}) bytes are not kept\]")


def json_lines(recording: Recording, stream: Stream | None = None) -> Iterator[str]:
    r"""Yield the lines of a file, each with ``\n`` at its end.

    Args:
        recording: the recording.
        stream: only this one; ``None`` is both.
    """
    head = recording.header
    begin = head.started_at or 0.0

    for line, clock in _lines(recording, "engine" if head.clock == "engine" else "arrival"):
        if stream is None or line.stream == stream:
            written = {**line._asdict(), "time": round(begin + line.time, 6), "clock": clock}
            yield json.dumps(written, ensure_ascii=False) + "\n"


def _lines(recording: Recording, clock: str) -> Iterator[tuple[RecordedLine, str]]:
    """Yield all lines, with the clock of each one's time."""
    past: list[RecordedLine] | None = []
    cutter = LineCutter()
    for event in recording.events():
        if not isinstance(event, Output | Marker):
            continue
        if past is not None and event.time >= 0:
            yield from _counted_back([*past, *cutter.finish()])
            past, cutter = None, LineCutter()
        if past is None:
            yield from ((line, clock) for line in cutter.feed(event))
        else:
            past += cutter.feed(event)
    rest = list(cutter.finish())
    yield from ((line, clock) for line in rest) if past is None else _counted_back([*past, *rest])


def _counted_back(lines: list[RecordedLine]) -> Iterator[tuple[RecordedLine, str]]:
    counts = Counter(line.stream for line in lines)
    for line in lines:
        number = -counts[line.stream]
        counts[line.stream] -= 1
        yield line._replace(number=number), "engine"


def read_header(file: IO[bytes], name: str) -> Header:
    """Return what the first line says.

    Args:
        file: at its beginning; an empty one is a recording without output.
        name: what errors call it.

    Raises:
        HyperJupyterError: it is no such file.
        OSError: it cannot be read.
    """
    header = Header(tty=False)
    for found in _objects(file, name):
        clock = "engine" if found.get("clock") == "engine" else "arrival"
        past = _is_past(found)
        begin = found["time"] - BEFORE if past else found["time"]
        header = Header(tty=False, clock=clock, started_at=round(float(begin), 6))
        if not past:
            break
    return header


def read_events(file: IO[bytes], name: str) -> Iterator[Event]:
    """Yield the lines of a file as output.

    Args:
        file: at its beginning.
        name: what errors call it.

    Raises:
        HyperJupyterError: a line is none of these.
        OSError: it cannot be read.
    """
    begin = read_header(file, name).started_at or 0.0
    file.seek(0)
    missing: dict[Stream, tuple[float, int, str]] = {}
    offsets: dict[Stream, int] = {"stdout": 0, "stderr": 0}
    for found in _objects(file, name):
        past = _is_past(found)
        after = found["time"] - begin
        time = min(after, BEFORE) if past else max(after, 0.0)
        stream: Stream = found["stream"]
        text: str = found["text"]
        number, complete = found.get("number"), found.get("complete") is not False
        if number == 0 and (dropped := _DROPPED.fullmatch(text)):
            missing[stream] = (time, int(dropped[1]), text)
            continue
        gap = missing.pop(stream, None)
        if gap is not None and isinstance(number, int) and number > 0:
            offsets[stream] += gap[1]
            lost = Lost(stream, offsets[stream], number - 1)
            yield Marker(gap[0], gap[2], "dropped", (lost,))
        end = b"\n" if complete or gap is not None else b""
        if end and text.endswith("\r"):  # the line ended in two: with one it would be its end
            end = b"\r\n"
        data = bytes_of(text) + end
        offsets[stream] += 0 if past else len(data)
        yield Output(time, stream, data)


def _is_past(found: dict[str, Any]) -> bool:
    """Return whether a line was printed before the session began."""
    number = found.get("number")
    return isinstance(number, int) and number < 0


def _objects(file: IO[bytes], name: str) -> Iterator[dict[str, Any]]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise HyperJupyterError(f"{name}, line {number}: it is too long")
        if not line.strip():
            continue
        found = _parsed(line)
        if found is None:
            if number > 1 and not line.endswith(b"\n"):
                return  # cut off
            raise HyperJupyterError(
                f"{name}, line {number}: it is not a line of output",
                hint="Each line is an object with time, stream and text, as s.save writes it.",
            )
        yield found


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    match found:
        case {"time": time, "stream": "stdout" | "stderr", "text": str()}:
            return found if number_of(time) is not None else None
    return None
