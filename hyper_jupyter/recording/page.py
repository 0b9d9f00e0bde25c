"""A page that plays a recording: one file, without a network.

Layer: recording. It reads the built player; any thread.

The data is gzip in base64, so nothing that a program printed can be markup or a script. The text
that stands in the player's place until it runs is escaped. The page's policy allows the player's
script by its hash, and no connections.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.moment import Tail
from hyper_jupyter.recording.recording import Event, Header, Recording
from hyper_jupyter.recording.screen.style import FONT

__all__ = ["Packed", "html_page", "html_pieces", "packed", "page_of", "tail_html"]

_STATIC: Final = Path(__file__).parent.parent / "static"
_LINES: Final = 100
"""Lines of each stream that stand there as text."""

_ROWS: Final = 20
"""Lines of a pane without a terminal."""

_BLOCK: Final = 192 * 1024
"""Bytes that are written at once; a multiple of three, which base64 needs."""

_STYLE: Final = """\
:root { color-scheme: light dark; }
body { margin: 0; background: #ffffff; color: #1f2328; font-size: 13px; }
pre { margin: 8px; }
@media (prefers-color-scheme: dark) {
  body { background: #111111; color: #e6e6e6; }
}
"""
"""The player takes its colours from these."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A recording as a page takes it.

    Attributes:
        data: an asciicast of version 3, in gzip.
        size: how many characters the asciicast has.
        tail: the last lines of each stream, for readers without the player.
    """

    data: bytes
    size: int
    tail: list[tuple[str, list[str]]]


def packed(recording: Recording) -> Packed:
    """Pack a recording. It is read once."""
    tail = Tail()
    size = 0

    def sizes(lines: Iterator[str]) -> Iterator[bytes]:
        nonlocal size
        for line in lines:
            size += len(line)
            yield line.encode("utf-8", "replace")

    data = b"".join(_gzip(sizes(cast_lines(_noted(recording, tail)))))
    return Packed(data, size, tail.lines(recording.header, _LINES))


def html_page(recording: Recording) -> str:
    """Return a page that plays a recording.

    Raises:
        HyperJupyterError: the player is not built, in a checkout.
    """
    return "".join(html_pieces(recording))


def html_pieces(recording: Recording) -> Iterator[str]:
    """Yield the page in pieces, while the recording is read.

    Raises:
        HyperJupyterError: the player is not built, in a checkout.
    """
    tail = Tail()
    lines = (line.encode("utf-8", "replace") for line in cast_lines(_noted(recording, tail)))
    header = recording.header
    yield from _page(header, _ROWS, _gzip(lines), lambda: tail.lines(header, _LINES))


def page_of(header: Header, content: Packed, rows: int) -> str:
    """Return the page of a recording that is packed already.

    Args:
        header: of the recording.
        content: the recording.
        rows: how many lines a pane without a terminal shows.
    """
    return "".join(_page(header, rows, iter([content.data]), lambda: content.tail))


def tail_html(tail: list[tuple[str, list[str]]]) -> str:
    """Return the last lines as HTML. No markup comes from the output."""
    parts = []
    for stream, lines in tail:
        name = f"<div>{stream}</div>" if len(tail) > 1 else ""
        parts.append(f"{name}{_pre(html.escape(chr(10).join(lines)))}")
    return "".join(parts) or _pre("(no output)")


def _pre(text: str) -> str:
    return f'<pre style="{FONT}">{text}</pre>'


def _page(
    header: Header,
    rows: int,
    data: Iterator[bytes],
    tail: Callable[[], list[tuple[str, list[str]]]],
) -> Iterator[str]:
    script, hashed = _player()
    policy = (
        f"default-src 'none'; script-src 'sha256-{hashed}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = header.title or header.container or header.command or "recording"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(printable(title))}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        '<body>\n<script type="application/json" id="hj-recording">'
        f'{{"rows": {rows}, "recording": "'
    )
    rest = b""
    for piece in data:
        whole = rest + piece
        end = len(whole) - len(whole) % 3
        rest = whole[end:]
        yield base64.b64encode(whole[:end]).decode("ascii")
    yield base64.b64encode(rest).decode("ascii")
    yield '"}</script>\n<main id="hj-player">'
    yield tail_html(tail())
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _noted(recording: Recording, tail: Tail) -> Recording:
    """Return a recording of which a tail is gathered while it is read."""

    def events() -> Iterator[Event]:
        for event in recording.events():
            tail.add(event)
            yield event

    return Recording(recording.header, events)


def _gzip(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Compress some lines; without a time, so that the same lines give the same bytes."""
    compressor = zlib.compressobj(wbits=31)
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= _BLOCK:
            yield compressor.compress(bytes(block))
            block.clear()
    yield compressor.compress(bytes(block)) + compressor.flush()


@functools.cache
def _player() -> tuple[str, str]:
    """Return the player's script and its hash."""
    try:
        script = (_STATIC / "replay.js").read_text("utf-8")
    except FileNotFoundError:
        raise HyperJupyterError(
            "the front end is not built", hint="Run npm ci and npm run build in js/."
        ) from None
    hashed = hashlib.sha256(script.encode()).digest()
    return script, base64.b64encode(hashed).decode("ascii")
