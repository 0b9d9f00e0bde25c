"""Archives made on the fly, of a file, a folder or bytes.

Layer: client. Blocks its caller while it reads files; no thread. At most one piece is in memory.
"""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["pack_bytes", "pack_path"]

_PIECE: Final = 256 * 1024


def pack_path(source: Path, name: str, *, contents: bool = False) -> Iterator[bytes]:
    """Yield an archive of a file or folder.

    Links stay links, also hard ones inside the folder. Owners, modes and times are kept; sockets
    are left out.

    Args:
        source: the file or folder; a link is packed as a link.
        name: what it is called in the archive.
        contents: leave out the entry of the folder itself, and its name from those in it.

    Raises:
        HyperJupyterError: a file cannot be read, or has changed its size meanwhile.
    """
    headers = tarfile.TarFile(fileobj=io.BytesIO(), mode="w", format=tarfile.PAX_FORMAT)
    waiting = [(source, "" if contents else name)]
    try:
        while waiting:
            path, inside = waiting.pop()
            if inside:
                info = headers.gettarinfo(path, inside)
                if info is None:
                    continue  # a socket
                yield _header(info)
                if info.isreg():
                    yield from _pack_content(path, info.size)
            if path.is_dir() and (not path.is_symlink() or (path is source and contents)):
                below = sorted((each.name for each in path.iterdir()), reverse=True)
                waiting += [(path / each, f"{inside}/{each}".lstrip("/")) for each in below]
    except OSError as error:
        raise HyperJupyterError(
            f"{error.filename or source} cannot be read: {error.strerror or error}"
        ) from error
    yield bytes(2 * tarfile.BLOCKSIZE)


def pack_bytes(content: bytes, name: str) -> Iterator[bytes]:
    """Yield an archive of one file with this content, which everybody may read."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mtime = int(time.time())
    info.mode = 0o644
    yield _header(info)
    for at in range(0, len(content), _PIECE):
        yield content[at : at + _PIECE]
    yield bytes(-len(content) % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _pack_content(path: Path, size: int) -> Iterator[bytes]:
    left = size
    with path.open("rb") as file:
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise HyperJupyterError(
                    f"{path} became shorter while it was copied", hint="Copy it again."
                )
            left -= len(piece)
            yield piece
    yield bytes(-size % tarfile.BLOCKSIZE)
