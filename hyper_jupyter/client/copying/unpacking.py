"""Archives unpacked as they come, never outside of the target.

Layer: client. Blocks its caller; no thread.

What is in a container is a stranger's. So names are checked by the ``data`` filter of
:mod:`tarfile`: owners and special rights are dropped, devices and pipes are left out. Links are
made last, when everything else is written: so nothing is written through them.
"""

from __future__ import annotations

import contextlib
import posixpath
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError, ProtocolError
from hyper_jupyter.protocol.printable import printable

__all__ = ["Copied", "read_file", "unpack"]

_MAX_SKIPPED: Final = 1000
"""Names of what was left out that are kept."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied out of a container.

    Attributes:
        path: of the copy; of the folder, if only the contents of one were copied.
        files: how many files, links among them; folders are not counted.
        size: bytes of all files.
        skipped: what was left out: devices and pipes, and links that lead outside of the target.
    """

    path: str
    files: int
    size: int
    skipped: tuple[str, ...] = ()


class _Reader:
    """Bytes in pieces, as the file that ``tarfile`` reads."""

    def __init__(
        self, pieces: Iterable[bytes], on_data: Callable[[int], object] | None = None
    ) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = memoryview(b"")
        self._done = 0
        self._on_data = on_data

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            if not self._rest:
                piece = next(self._pieces, b"")
                if not piece:
                    break
                self._rest = memoryview(piece)
                self._done += len(piece)
                if self._on_data is not None:
                    self._on_data(self._done)
            taken = self._rest[: size - len(found)]
            found += taken
            self._rest = self._rest[len(taken) :]
        return bytes(found)

    def drain(self) -> None:
        """Read to the end, so that a break of the connection is seen."""
        for _ in self._pieces:
            pass


def read_file(pieces: Iterable[bytes], on_data: Callable[[int], object] | None = None) -> bytes:
    """Return the content of the only file of an archive.

    Raises:
        HyperJupyterError: it has something else.
        ProtocolError: this is not an archive.
    """
    reader = _Reader(pieces, on_data)
    try:
        with tarfile.open(fileobj=reader, mode="r|") as archive:  # type: ignore[call-overload]
            member = archive.next()
            file = None if member is None or not member.isreg() else archive.extractfile(member)
            if file is None:
                raise HyperJupyterError(
                    "it is not a file: only a file can be returned as bytes",
                    hint="Name a folder of this machine as the target.",
                )
            content = file.read()
            assert isinstance(content, bytes)
        reader.drain()
    except tarfile.TarError as error:
        raise ProtocolError("the engine's answer is not an archive") from error
    return content


def unpack(
    pieces: Iterable[bytes],
    root: Path,
    *,
    is_folder: bool,
    contents: bool,
    keep_links: bool = False,
    on_data: Callable[[int], object] | None = None,
) -> Copied:
    """Unpack an archive.

    Args:
        pieces: the archive; its first entry is what was copied, or below that.
        root: the path of the copy, or of the folder that the contents go to.
        is_folder: whether a folder was copied.
        contents: whether the names have no part for the folder itself, except ``.``.
        keep_links: also make symbolic links that lead outside of ``root``.
        on_data: called with the bytes of the archive that have come.

    Raises:
        HyperJupyterError: a file cannot be written, or would be outside of ``root``.
        ProtocolError: this is not an archive.

    If it fails or is interrupted, whole files stay; of the file that it was at, nothing does.
    """
    if not hasattr(tarfile, "data_filter"):
        raise HyperJupyterError(
            "this Python cannot unpack an archive safely", hint="Use Python 3.11.4 or newer."
        )
    reader = _Reader(pieces, on_data)
    copy = _Unpacking(root if is_folder else root.parent, root.name, keep_links)
    try:
        if is_folder:
            root.mkdir(exist_ok=True)
        with tarfile.open(fileobj=reader, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                inside = _inside(member.name, contents)
                copy.add(archive, member, inside if is_folder else copy.name, contents)
        reader.drain()
        copy.make_links()
    except tarfile.TarError as error:
        raise ProtocolError("the engine's answer is not an archive") from error
    except (OSError, RuntimeError) as error:  # before Python 3.13, the latter is a circle of links
        where = getattr(error, "filename", None) or root
        reason = getattr(error, "strerror", None) or error
        raise HyperJupyterError(f"{where} cannot be written: {reason}") from error
    return Copied(str(root), copy.files, copy.size, tuple(copy.skipped))


def _inside(name: str, contents: bool) -> str:
    """Return an entry's path below the root; empty for the root itself."""
    parts = [part for part in posixpath.normpath(name).split("/") if part not in ("", ".")]
    return "/".join(parts if contents else parts[1:])


class _Unpacking:
    """Writes the entries of one archive below a folder."""

    def __init__(self, base: Path, name: str, keep_links: bool) -> None:
        self.name = name
        self.files = 0
        self.size = 0
        self.skipped: list[str] = []
        self._base = base
        self._keep_links = keep_links
        self._links: list[tarfile.TarInfo] = []

    def add(
        self, archive: tarfile.TarFile, member: tarfile.TarInfo, inside: str, contents: bool
    ) -> None:
        """Write one entry; a link is only noted.

        Args:
            archive: it is read from here.
            member: the entry.
            inside: its path below the folder; empty for the folder itself.
            contents: as for :func:`unpack`.
        """
        if not inside:
            return
        entry = member.replace(name=inside, deep=False)
        if member.islnk():
            entry = entry.replace(linkname=_inside(member.linkname, contents), deep=False)
        if not member.isdir() and not member.issym():
            self._unlink(inside)
        try:
            checked = tarfile.data_filter(entry, str(self._base))
        except (tarfile.AbsoluteLinkError, tarfile.LinkOutsideDestinationError):
            if not (member.issym() and self._keep_links):
                self._skip(member)
                return
            checked = entry
        except tarfile.SpecialFileError:
            self._skip(member)
            return
        except tarfile.FilterError as error:
            raise HyperJupyterError(
                f"{printable(member.name)} would be written outside of {self._base}"
            ) from error
        if member.issym():
            self._links.append(checked)
            return
        if member.islnk():
            self._make_hard_link(member, checked)
            return
        try:
            archive.extract(checked, self._base, filter="fully_trusted")  # it was filtered above
        except BaseException:  # an interrupt too
            if not member.isdir():
                self._remove_part(self._base / checked.name)
            raise
        if not member.isdir():
            self.files += 1
            self.size += member.size

    @staticmethod
    def _remove_part(path: Path) -> None:
        """Remove a file of which only a part was written: nothing shows that it is one."""
        with contextlib.suppress(OSError):
            if stat.S_ISREG(path.lstat().st_mode):  # it may be a device, or a pipe, of before
                path.unlink()

    def _make_hard_link(self, member: tarfile.TarInfo, checked: tarfile.TarInfo) -> None:
        """Make a hard link to a file that was written before."""
        file, path = self._base / checked.linkname, self._base / checked.name
        if file.is_symlink() or not file.is_file() or self._leaves(file):
            self._skip(member)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.hardlink_to(file)
        self.files += 1

    def make_links(self) -> None:
        """Make the symbolic links."""
        for link in self._links:
            if self._leaves(self._base / link.name):
                raise HyperJupyterError(
                    f"{printable(link.name)} would be written outside of {self._base}"
                )
            self._unlink(link.name)
            path = self._base / link.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(link.linkname)
            self.files += 1

    def _unlink(self, inside: str) -> None:
        """Remove a link, or for a new link a file, in whose place something is written."""
        path = self._base / inside
        if self._leaves(path) or (path.is_dir() and not path.is_symlink()):
            return
        if path.is_symlink() or inside in {link.name for link in self._links}:
            path.unlink(missing_ok=True)

    def _leaves(self, path: Path) -> bool:
        """Whether a path is outside of the folder, because a folder on the way is a link."""
        base = self._base.resolve()
        parent = path.parent.resolve()
        return parent != base and base not in parent.parents

    def _skip(self, member: tarfile.TarInfo) -> None:
        if len(self.skipped) < _MAX_SKIPPED:
            self.skipped.append(printable(member.name))
