"""Reads a recording from a file.

Layer: recording. Any thread; it blocks while it reads. A file that is named is read in pieces, each
time its events are asked for; an open one is read to its end, into memory.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.cast import reading as cast
from hyper_jupyter.recording.formats import jsonl
from hyper_jupyter.recording.recording import Event, Header, Recording

__all__ = ["load", "path_of"]

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of an open file, which is kept in memory."""

_FORMATS: Final = ".cast (asciicast 1, 2 and 3) and .jsonl can be read"


def load(source: str | os.PathLike[str] | IO[Any]) -> Recording:
    """Return the recording in a file.

    Its contents decide what it is: asciicast of any version, or lines as JSON. Only of a file that
    is neither, or empty, the name says which was meant. The header is read
    now. A line that is malformed is found when the events are read.

    Args:
        source: the file's path, or an open file. The path's file must stay as it is as long as the
            recording is used.

    Raises:
        HyperJupyterError: it cannot be read, or is neither; one line says why.
    """
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "the file"))
        data = source.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise HyperJupyterError(f"{name} is too large: pass its path instead")
        whole = data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data)
        return _recording(lambda: io.BytesIO(whole), name)
    path = path_of(source)
    absolute = path.absolute()  # it is opened again, perhaps in another working directory
    return _recording(lambda: absolute.open("rb"), str(path))


def path_of(named: str | os.PathLike[str]) -> Path:
    """Return the path that a user names. ``~`` at its start is the home folder, as in a shell."""
    path = Path(named)
    try:
        return path.expanduser()
    except RuntimeError:  # no such user: it is a name that begins like that
        return path


def _recording(open_file: Callable[[], IO[bytes]], name: str) -> Recording:
    reads, header = _opened(open_file, name)

    def events() -> Iterator[Event]:
        try:
            with open_file() as file:
                yield from reads(file, name)
        except OSError as error:
            raise _unreadable(name, error) from error

    return Recording(header, events)


def _opened(
    open_file: Callable[[], IO[bytes]], name: str
) -> tuple[Callable[[IO[bytes], str], Iterator[Event]], Header]:
    try:
        with open_file() as file:
            first = file.readline(cast.LONGEST_LINE)
            file.seek(0)
            named = name.lower().endswith(".jsonl")
            # An empty one is of a session that has printed nothing.
            if not first.strip() and not (named and not first):
                raise HyperJupyterError(f"{name} is empty: {_FORMATS}")
            if _is_line(first) or (named and not cast.is_header(first)):
                return jsonl.read_events, jsonl.read_header(file, name)
            return cast.read_events, cast.read_header(file, name)[0]
    except OSError as error:
        raise _unreadable(name, error) from error


def _is_line(first: bytes) -> bool:
    return b'"stream"' in first and b'"version"' not in first


def _unreadable(name: str, error: OSError) -> HyperJupyterError:
    return HyperJupyterError(f"{name} cannot be read: {error.strerror or error}")
