"""Files of this machine as tar archives, packed and unpacked piece by piece.

Layer: engine. Blocks for one piece at a time; its callers let others run in between. All is done as
this user: what this user cannot read or write is an error.

What is unpacked stays inside its folder: neither ``..`` nor a link in the archive leads out of it.
And no folder is ever replaced by something else, whatever an archive asks for: in a container that
would cost a layer of an image, here it would cost the user's own files.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from typing import IO, Any, Final

from hyper_jupyter.engine.program.lines import rfc3339

__all__ = ["BadArchive", "describe", "pack", "unpack"]

PIECE: Final = 64 * 1024
"""Bytes of a file that are read or written in one turn."""

_GO_KINDS: Final = (
    (stat.S_ISDIR, 1 << 31),
    (stat.S_ISLNK, 1 << 27),
    (stat.S_ISBLK, 1 << 26),
    (stat.S_ISCHR, 1 << 26 | 1 << 21),
    (stat.S_ISFIFO, 1 << 25),
    (stat.S_ISSOCK, 1 << 24),
)
_GO_BITS: Final = ((stat.S_ISUID, 1 << 23), (stat.S_ISGID, 1 << 22), (stat.S_ISVTX, 1 << 20))


class BadArchive(Exception):
    """An archive cannot be read, or asks for what is not done; the text says what."""


def describe(path: str) -> dict[str, Any]:
    """Return what Docker tells of a path beside an archive of it.

    Args:
        path: absolute; a link at its end is described itself, unless a slash follows it.

    Raises:
        OSError: there is none, or this user may not look.
    """
    found = os.lstat(path)
    link = ""
    if stat.S_ISLNK(found.st_mode):
        link = os.path.join(os.path.dirname(path), os.readlink(path))  # noqa: PTH115, PTH118, PTH120
    return {
        "name": _base_name(path),
        "size": found.st_size,
        "mode": _go_mode(found.st_mode),
        "mtime": _go_time(found.st_mtime_ns),
        "linkTarget": link,
    }


def pack(path: str) -> Iterator[bytes]:
    """Give the archive of a file, or of a folder and all that is in it, in pieces.

    Args:
        path: absolute; a link at its end is packed itself, unless a slash follows it.

    Raises:
        OSError: something cannot be read.
    """
    archive = tarfile.TarFile(fileobj=_Nothing(), mode="w", format=tarfile.PAX_FORMAT)  # type: ignore[arg-type]
    todo = [(path, _base_name(path))]
    while todo:
        source, name = todo.pop()
        member = archive.gettarinfo(source, name)
        if member is None:
            continue  # a socket
        member.name = name  # "." too, which gettarinfo would keep out of it
        member.uname = member.gname = ""
        member.mtime = int(member.mtime)  # a fraction would be a header more for each
        yield member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        if member.isreg():
            yield from _contents(source, member.size)
        elif member.isdir():
            inside = sorted(os.listdir(source), reverse=True)  # noqa: PTH208
            todo += [(f"{source.rstrip('/')}/{each}", f"{name}/{each}") for each in inside]
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def unpack(file: IO[bytes], folder: str, *, keep_owners: bool, keep_kinds: bool) -> Iterator[None]:
    """Unpack an archive into a folder that exists; gives control back after each piece.

    Args:
        file: the archive, perhaps compressed; empty for an archive of nothing.
        folder: absolute.
        keep_owners: whether files get the owners that the archive names; only root can do that.
        keep_kinds: whether a folder must not replace anything else.

    Raises:
        BadArchive: it cannot be read, or leads out of the folder, or would replace a folder.
        OSError: something cannot be written.
    """
    if not file.seek(0, os.SEEK_END):
        return
    file.seek(0)
    folder = os.path.realpath(folder)  # a link to a folder is not what gets replaced
    folders: list[tuple[str, tarfile.TarInfo]] = []
    try:
        with tarfile.open(fileobj=file, mode="r:*") as archive:
            for member in archive:
                target = _inside(folder, member.name)
                if target == folder:
                    continue  # the folder itself stays as it is
                if _is_in_the_way(target, member, folder, keep_kinds=keep_kinds):
                    os.unlink(target)  # noqa: PTH108
                if member.isdir():
                    os.makedirs(target, exist_ok=True)  # noqa: PTH103
                    folders.append((target, member))
                else:
                    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
                    yield from _make(archive, member, target, folder)
                    _dress(target, member, keep_owners=keep_owners)
                yield
    except (tarfile.TarError, EOFError) as error:
        raise BadArchive(str(error) or "unexpected EOF") from error
    for target, member in reversed(folders):  # last: what is in them changes their times
        _dress(target, member, keep_owners=keep_owners)


class _Nothing:
    """What a TarFile wants to write to, that only describes files."""

    def tell(self) -> int:
        return 0


def _contents(path: str, size: int) -> Iterator[bytes]:
    """Give a file's contents, filled up to a whole block."""
    left = size
    with open(path, "rb") as file:  # noqa: PTH123
        while left:
            data = file.read(min(PIECE, left))
            if not data:
                raise OSError(f"{path} became shorter while it was read")
            left -= len(data)
            yield data
    yield b"\0" * (-size % tarfile.BLOCKSIZE)


def _inside(folder: str, name: str) -> str:
    """Return where an archive's entry goes.

    Raises:
        BadArchive: that is not in the folder.
    """
    target = os.path.normpath(os.path.join(folder, name.lstrip("/")))  # noqa: PTH118
    parent = target if target == folder else os.path.dirname(target)  # noqa: PTH120
    if os.path.commonpath([folder, os.path.realpath(parent)]) != folder:
        raise BadArchive(f'"{name}" is outside of "{folder}"')
    return target


def _is_in_the_way(target: str, member: tarfile.TarInfo, folder: str, *, keep_kinds: bool) -> bool:
    """Whether something has to go first."""
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        if not member.isdir():
            raise BadArchive(f'cannot overwrite directory "{target}" with non-directory "{folder}"')
        return False
    if member.isdir() and keep_kinds:
        raise BadArchive(f'cannot overwrite non-directory "{target}" with directory "{folder}"')
    return True


def _make(
    archive: tarfile.TarFile, member: tarfile.TarInfo, target: str, folder: str
) -> Iterator[None]:
    if member.isreg():
        source = archive.extractfile(member)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(target, flags, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            while source is not None and (data := source.read(PIECE)):
                file.write(data)
                yield
    elif member.issym():
        os.symlink(member.linkname, target)  # noqa: PTH211
    elif member.islnk():
        os.link(_inside(folder, member.linkname), target, follow_symlinks=False)
    elif member.isfifo():
        os.mkfifo(target)
    else:
        device = os.makedev(member.devmajor, member.devminor)
        os.mknod(target, (stat.S_IFCHR if member.ischr() else stat.S_IFBLK) | 0o600, device)


def _dress(target: str, member: tarfile.TarInfo, *, keep_owners: bool) -> None:
    """Give a path the owner, mode and time of its entry."""
    if keep_owners and os.geteuid() == 0:
        os.lchown(target, member.uid, member.gid)
    if not member.issym():
        os.chmod(target, stat.S_IMODE(member.mode))  # noqa: PTH101
    os.utime(target, (member.mtime, member.mtime), follow_symlinks=False)


def _base_name(path: str) -> str:
    if path.endswith("/."):
        return "."
    return os.path.basename(path.rstrip("/")) or "/"  # noqa: PTH119


def _go_mode(mode: int) -> int:
    """Return a mode as Go's ``fs.FileMode`` has it."""
    result = stat.S_IMODE(mode) & 0o777
    result |= sum(bit for is_kind, bit in _GO_KINDS if is_kind(mode))
    return result | sum(bit for ours, bit in _GO_BITS if mode & ours)


def _go_time(nanoseconds: int) -> str:
    """Return a time as Go writes it: without zeros at the end of the fraction."""
    text = rfc3339(nanoseconds)
    whole, dot, fraction = text.removesuffix("Z").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{dot if fraction else ''}{fraction}Z"
