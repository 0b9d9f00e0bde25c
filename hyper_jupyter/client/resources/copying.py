"""Copying files into and out of containers, as ``docker cp`` does.

Layer: client. Any thread; calls block the caller for as long as the copy takes.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, overload

from hyper_jupyter.client.copying.packing import pack_bytes, pack_path
from hyper_jupyter.client.copying.plan import (
    Destination,
    Source,
    asserts_folder,
    means_contents,
    place_copy,
)
from hyper_jupyter.client.copying.unpacking import Copied, read_file, unpack
from hyper_jupyter.client.resources.requests import ContainerRequests, container_path
from hyper_jupyter.exceptions import ApiError, HyperJupyterError, NotFound, ProtocolError

__all__ = ["CopyCalls"]

_IDLE: Final = 300.0
"""Seconds without a byte after which a copy has failed."""

_FOLDER: Final = 1 << 31
_LINK: Final = 1 << 27
"""Bits of a mode, as Go's ``os.FileMode`` has them."""

OnProgress = Callable[[int], object]
"""Called with the number of bytes that have been copied so far."""


class CopyCalls(ContainerRequests):
    """Calls that copy files."""

    def cp_to(
        self,
        container: str,
        source: str | os.PathLike[str] | bytes,
        target: str,
        *,
        follow_links: bool = False,
        container_owner: bool = False,
        on_progress: OnProgress | None = None,
    ) -> str:
        """Copy a file or folder into a container, running or not, or write a file there.

        The rules are those of ``docker cp``. If ``target`` is a folder, the copy goes into it under
        its own name. If it does not exist, the copy gets that name; its parent must exist. If it
        ends with a slash, it must be a folder. If ``source`` ends with ``/.``, the folder's
        contents are copied, not the folder. Owners keep the numbers that they have on this machine.

        Args:
            container: its name or id.
            source: a path of this machine, or the content of a file as bytes.
            target: a path in the container; a relative one is taken from ``/``.
            follow_links: if the source is a symbolic link, copy what it leads to.
            container_owner: the copy belongs to the user of the container's program.
            on_progress: called with the bytes that have been sent.

        Returns:
            The path of the copy.

        Raises:
            NotFound: there is no such container, or no such folder in it.
            HyperJupyterError: there is no such source, or it cannot go there.
            ConnectionLost: the connection broke; a part may have been copied.
        """
        target = _absolute(target)
        destination = self._destination(container, target)
        if isinstance(source, bytes | bytearray | memoryview):
            if destination.is_folder or asserts_folder(target):
                raise HyperJupyterError(
                    f"{target} is a folder: the new file needs a name",
                    hint=f"Name it: {posixpath.join(target, 'NAME')}.",
                )
            path = place_copy(Source("", False), destination)
            folder, name = posixpath.split(path)
            pieces = pack_bytes(bytes(source), name)
        else:
            text = os.fspath(source)
            local, shape = _local_source(text, follow_links)
            path = place_copy(shape, destination)
            if shape.contents and destination.exists:
                folder, name = path, ""
            else:
                folder, name = posixpath.split(path)
            pieces = pack_path(local, name, contents=not name)
        params = {
            "path": folder or "/",
            "noOverwriteDirNonDir": "true",
            "copyUIDGID": str(container_owner).lower(),
        }
        with self.stream_about(
            container,
            "PUT",
            "/archive",
            params,
            upload=_counted(pieces, on_progress),
            headers={"Content-Type": "application/x-tar"},
            timeout=_IDLE,
            idle=_IDLE,
        ) as response:
            for _ in response:
                pass
        return path

    @overload
    def cp_from(
        self,
        container: str,
        path: str,
        target: None = None,
        *,
        follow_links: bool = ...,
        keep_links: bool = ...,
        on_progress: OnProgress | None = ...,
    ) -> bytes: ...

    @overload
    def cp_from(
        self,
        container: str,
        path: str,
        target: str | os.PathLike[str],
        *,
        follow_links: bool = ...,
        keep_links: bool = ...,
        on_progress: OnProgress | None = ...,
    ) -> Copied: ...

    def cp_from(
        self,
        container: str,
        path: str,
        target: str | os.PathLike[str] | None = None,
        *,
        follow_links: bool = False,
        keep_links: bool = False,
        on_progress: OnProgress | None = None,
    ) -> bytes | Copied:
        """Copy a file or folder out of a container, running or not, or read a file in it.

        The rules for ``target`` are those of :meth:`cp_to`. Nothing is ever written outside of it:
        files belong to the user of this process, special rights are dropped, and devices, pipes and
        links that lead elsewhere are left out; the result names them.

        Args:
            container: its name or id.
            path: a path in the container; a relative one is taken from ``/``. With ``/.`` at its
                end the folder's contents are copied, not the folder.
            target: a path of this machine; ``None`` returns the content of a file.
            follow_links: if ``path`` is a symbolic link, copy what it leads to. Podman always does,
                and so does reading a file.
            keep_links: also make links that lead outside of the target, such as those to
                ``/etc/…``. Here they lead to files of this machine.
            on_progress: called with the bytes that have come.

        Returns:
            The file's content, or with a target what was copied.

        Raises:
            NotFound: there is no such container, or no such path in it.
            HyperJupyterError: it cannot be written there, or without a target it is not a file.
            ConnectionLost: the connection broke; a part may have been copied.
        """
        wanted = _absolute(path)
        asked = wanted
        if follow_links or target is None:
            link = self._stat(container, wanted.rstrip("/") or "/")
            if link is not None and _mode(link) & _LINK and link.get("linkTarget"):
                asked = str(link["linkTarget"])
        with self.stream_about(
            container, "GET", "/archive", {"path": asked}, timeout=_IDLE, idle=_IDLE
        ) as response:
            if target is None:
                return read_file(response, on_progress)
            stat = _read_stat(response.headers.get("x-docker-container-path-stat", ""))
            is_folder = bool(_mode(stat) & _FOLDER) or stat.get("isDir") is True
            contents = means_contents(wanted)
            if asserts_folder(wanted) and not is_folder:
                raise HyperJupyterError(f"{wanted} is not a folder in the container")
            name = posixpath.basename(wanted.rstrip("/")) or "/"
            place = place_copy(
                Source(name, is_folder, contents), _local_destination(os.fspath(target))
            )
            return unpack(
                response,
                Path(place),
                is_folder=is_folder,
                contents=contents,
                keep_links=keep_links,
                on_data=on_progress,
            )

    # -- the container's side -----------------------------------------------------------

    def _destination(self, container: str, target: str) -> Destination:
        """Look at where a copy goes. What cannot be seen counts as missing: the copy then tells."""
        path = target.rstrip("/") or "/"
        if means_contents(path):
            path = posixpath.normpath(path)
        must_be_folder = asserts_folder(target)
        stat = self._stat(container, path)
        if stat is not None and _mode(stat) & _LINK and stat.get("linkTarget"):
            path = str(stat["linkTarget"])
            stat = self._stat(container, path)
        if stat is None:
            return Destination(path, False, False, must_be_folder)
        return Destination(path, True, bool(_mode(stat) & _FOLDER), must_be_folder)

    def _stat(self, container: str, path: str) -> dict[str, Any] | None:
        """Return what the engine says about a path; ``None`` if there is none."""
        try:
            reply = self.call("HEAD", container_path(container, "/archive"), {"path": path})
        except NotFound:  # it does not say whether the path or the container is missing
            return None
        except ApiError as error:
            if error.status == 500:  # a part on the way is not a folder
                return None
            raise
        return _read_stat(reply.headers.get("x-docker-container-path-stat", ""))


def _read_stat(header: str) -> dict[str, Any]:
    """Read the header with what the engine says about a path.

    Raises:
        ProtocolError: it is malformed.
    """
    try:
        # Docker writes the standard alphabet of base64, Podman the one for URLs.
        stat = json.loads(base64.urlsafe_b64decode(header.replace("+", "-").replace("/", "_")))
    except (ValueError, RecursionError) as error:
        raise ProtocolError("the engine's answer does not say what the path is") from error
    if not isinstance(stat, dict):
        raise ProtocolError("the engine's answer does not say what the path is")
    return stat


def _mode(stat: dict[str, Any]) -> int:
    mode = stat.get("mode")
    return mode if isinstance(mode, int) else 0


def _absolute(path: str) -> str:
    """Return a container's path from its root; a drive of Windows stays."""
    if not path:
        raise HyperJupyterError("the path in the container is empty", hint="Name one: /data.")
    return path if path.startswith("/") or path[1:2] == ":" else f"/{path}"


# -- this machine's side --------------------------------------------------------------------

_UNRESOLVED: Final = (OSError, RuntimeError)
"""What ``Path.resolve`` raises. Before Python 3.13 a circle of links is a ``RuntimeError``."""


def _reason_of(error: BaseException) -> str:
    if isinstance(error, RuntimeError):
        return os.strerror(errno.ELOOP)
    return getattr(error, "strerror", None) or str(error)


def _require_path(text: str) -> None:
    """Refuse an empty path. Python takes it for the working directory, but a variable is empty.

    Raises:
        HyperJupyterError: it is empty.
    """
    if not text:
        raise HyperJupyterError(
            "the path on this machine is empty", hint="A dot stands for the working directory."
        )


def _local_source(text: str, follow_links: bool) -> tuple[Path, Source]:
    """Look at what is copied.

    Raises:
        HyperJupyterError: there is no such file.
    """
    _require_path(text)
    contents, folder = means_contents(text), asserts_folder(text)
    path = Path(text).absolute()
    try:
        if path.name == "..":
            folder, path = True, path.resolve(strict=True)
        name = path.name
        if folder or follow_links:
            path = path.resolve(strict=True)
        path.lstat()
    except _UNRESOLVED as error:
        raise HyperJupyterError(f"{text} cannot be copied: {_reason_of(error).lower()}") from error
    is_folder = path.is_dir() and not path.is_symlink()
    if folder and not is_folder:
        raise HyperJupyterError(f"{text} is not a folder")
    return path, Source(name or "/", is_folder, contents and is_folder)


def _local_destination(text: str) -> Destination:
    """Look at where a copy goes.

    Raises:
        HyperJupyterError: the folder that it would be in does not exist.
    """
    _require_path(text)
    try:
        path = Path(text).resolve()
    except _UNRESOLVED as error:
        raise HyperJupyterError(f"{text} cannot be written: {_reason_of(error)}") from error
    if not path.parent.is_dir():
        raise HyperJupyterError(
            f"there is no folder {path.parent}", hint="Make it first: a copy makes only its target."
        )
    return Destination(str(path), path.exists(), path.is_dir(), asserts_folder(text))


def _counted(pieces: Iterable[bytes], on_progress: OnProgress | None) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        if on_progress is not None:
            on_progress(done)
