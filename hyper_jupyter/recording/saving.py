"""Writes a recording into a file.

Layer: recording. Any thread; it blocks while it writes. A file appears when it is whole: until then
it has another name, in the same folder.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.cast.writing import VERSIONS, cast_lines
from hyper_jupyter.recording.formats.jsonl import json_lines
from hyper_jupyter.recording.formats.text import text_lines
from hyper_jupyter.recording.loading import path_of
from hyper_jupyter.recording.page import html_pieces
from hyper_jupyter.recording.recording import Output, Recording, Stream
from hyper_jupyter.recording.redaction import Policy, redacted

__all__ = ["FORMATS", "Target", "check_target", "format_of", "save"]

Target = str | os.PathLike[str] | IO[Any]
"""A path, or an open file."""

FORMATS: Final = {
    ".cast": "cast",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".log": "log",
    ".txt": "txt",
}
"""What a name's end says about the format."""

_BLOCK: Final = 256 * 1024

logger = logging.getLogger(__name__)


def save(
    recording: Recording,
    target: Target,
    *,
    format: str | None = None,  # noqa: A002
    version: int = 3,
    stream: str | None = None,
    overwrite: bool = True,
    policy: Policy | None = None,
) -> None:
    """Write a recording into a file.

    Args:
        recording: the recording.
        target: the file's path, or an open file, which stays open.
        format: ``"cast"``, ``"html"``, ``"jsonl"``, ``"log"`` or ``"txt"``; ``None`` takes it from
            the name's end.
        version: of asciicast: 3 or 2.
        stream: only ``"stdout"`` or ``"stderr"``; ``None`` is both. For lines and logs.
        overwrite: replace a file that is there.
        policy: what must not be saved.

    Raises:
        HyperJupyterError: it cannot be written, or not in that way; one line says why. There is no
            file then, or still the one that was there.
    """
    chosen = format_of(target, format)
    _check(chosen, version, stream)
    made = _made(recording, policy, chosen, version, cast("Stream | None", stream))
    parts = _encoded(made)
    if hasattr(target, "write"):
        name = str(getattr(target, "name", "the file"))
        text = isinstance(target, io.TextIOBase)
        with _errors(name):
            for part in parts:
                target.write(part.decode("utf-8", "replace") if text else part)
        return
    path = path_of(target)
    with _errors(str(path)):
        _write(path, parts, overwrite=overwrite)


def format_of(target: Target, chosen: str | None = None) -> str:
    """Return the format of a file.

    Args:
        target: the file.
        chosen: what the user named; ``None`` is what the file's name says.

    Raises:
        HyperJupyterError: there is no such format.
    """
    known = ", ".join(dict.fromkeys(f".{name}" for name in FORMATS.values()))
    if chosen is not None:
        if chosen.removeprefix(".") not in FORMATS.values():
            raise HyperJupyterError(f"{chosen!r} is not a format: {known} are")
        return chosen.removeprefix(".")
    name = getattr(target, "name", None) if hasattr(target, "write") else os.fspath(target)
    suffix = Path(name).suffix if isinstance(name, str) else ""
    if suffix.lower() not in FORMATS:
        what = f"{suffix} is not known" if suffix else f"{name or 'the file'} has no known ending"
        raise HyperJupyterError(f"{what}: {known} are", hint='format="cast" chooses one as well.')
    return FORMATS[suffix.lower()]


def check_target(target: Target) -> Target:
    """Check early that a file can be written later.

    Returns:
        The same file, wherever the working directory is then.

    Raises:
        HyperJupyterError: its format is not known, or its folder does not exist.
    """
    try:
        format_of(target)
    except HyperJupyterError as error:
        raise HyperJupyterError(str(error)) from None  # the name alone can choose the format here
    if hasattr(target, "write"):
        return target
    absolute = path_of(target).absolute()
    path = Path(os.path.realpath(absolute))
    if path.is_dir():
        raise _is_folder(path)
    if not path.parent.is_dir():
        raise _no_folder(path)
    return absolute


def _is_folder(path: Path) -> HyperJupyterError:
    return HyperJupyterError(f"{path} is a folder", hint="Name a file in it.")


def _is_there(name: str) -> HyperJupyterError:
    return HyperJupyterError(f"{name} is there already", hint="overwrite=True replaces it.")


def _no_folder(path: Path) -> HyperJupyterError:
    return HyperJupyterError(
        f"there is no folder {path.parent}", hint="Make it, or name another place."
    )


def _check(chosen: str, version: int, stream: str | None) -> None:
    if version not in VERSIONS:
        raise HyperJupyterError(f"asciicast version {version!r} cannot be written: 3 and 2 can")
    if stream not in (None, "stdout", "stderr"):
        raise HyperJupyterError(f'{stream!r} is not a stream: "stdout" and "stderr" are')
    if stream is not None and chosen in ("cast", "html"):
        raise HyperJupyterError(
            f"a .{chosen} file has both streams; .jsonl, .log and .txt can have one"
        )


def _made(
    recording: Recording,
    policy: Policy | None,
    chosen: str,
    version: int,
    stream: Stream | None,
) -> Iterator[str | bytes]:
    """Yield a file in parts, without what must not be saved."""
    if policy is None or not policy.redact:
        yield from _parts(recording, chosen, version, stream)
        return
    try:
        yield from _parts(redacted(recording, policy), chosen, version, stream)
    except (HyperJupyterError, OSError):
        raise
    except Exception as error:
        # Any error: what a broken rule did not remove must not be saved.
        logger.warning("! nothing is saved because redact failed", exc_info=True)
        reason = f"redact failed with {type(error).__name__}"
        raise HyperJupyterError(f"nothing is saved because {reason}") from error


def _parts(
    recording: Recording, chosen: str, version: int, stream: Stream | None
) -> Iterable[str | bytes]:
    writers: dict[str, Callable[[], Iterable[str | bytes]]] = {
        "cast": partial(cast_lines, recording, version),
        "html": partial(html_pieces, recording),
        "jsonl": partial(json_lines, recording, stream),
        "log": partial(_bytes, recording, stream),
        "txt": partial(text_lines, recording, stream),
    }
    return writers[chosen]()


def _bytes(recording: Recording, stream: Stream | None) -> Iterator[bytes]:
    for event in recording.events():
        if isinstance(event, Output) and stream in (None, event.stream):
            yield event.data


def _encoded(parts: Iterable[str | bytes]) -> Iterator[bytes]:
    """Yield the parts of a file in larger blocks."""
    block = bytearray()
    for part in parts:
        block += part.encode("utf-8", "replace") if isinstance(part, str) else part
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _write(path: Path, parts: Iterator[bytes], *, overwrite: bool) -> None:
    path = Path(os.path.realpath(path))  # a link stays one
    with contextlib.suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _is_folder(path)
        if not overwrite:
            raise _is_there(str(path))
        if not stat.S_ISREG(mode):  # a pipe, a device: it cannot be replaced
            with path.open("wb") as file:
                file.writelines(parts)
            return
    if not path.parent.is_dir():
        raise _no_folder(path)
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            file.writelines(parts)
        if overwrite:
            temporary.replace(path)
        else:
            os.link(temporary, path)  # unlike a rename it fails if the file is there by now
            temporary.unlink()
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


@contextlib.contextmanager
def _errors(name: str) -> Iterator[None]:
    """Say in one line what kept a file from being written."""
    try:
        yield
    except FileExistsError as error:
        raise _is_there(name) from error
    except OSError as error:
        raise HyperJupyterError(f"{name} cannot be written: {error.strerror or error}") from error
