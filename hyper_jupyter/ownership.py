"""Other users of this machine: whether they can exchange what lies at a path, or are a peer.

Layer: bottom, beside the exceptions: client and engine ask the same questions. Any thread. Looks at
the file system and at sockets; opens and changes nothing.

A path is a chain of names, and whoever may rename one of them decides where the path leads. So
each folder on the way has to belong to this user or to root, and nobody else may write to it. In a
sticky folder (``/tmp``) others may create entries but not rename ours. A symbolic link on the way
is followed by these rules, and has to belong to this user or to root itself: in a sticky folder
anybody may make one.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Collection
from pathlib import Path
from typing import Final

__all__ = ["exchangeable", "peer_user"]

_MOST_LINKS: Final = 40
"""Symbolic links on one way; Linux follows as many."""

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_UID_MAP: Final = Path("/proc/self/uid_map")
_OVERFLOW: Final = Path("/proc/sys/kernel/overflowuid")


def peer_user(connected: socket.socket) -> int | None:
    """Return the user id of the process at the other end of a unix socket.

    For a client that is the process that listens, and for a server the one that connected.

    Returns:
        The id; ``None`` on systems that do not tell it by ``SO_PEERCRED``.

    Raises:
        OSError: the socket is not connected.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    credentials = connected.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", credentials)[1]
    return uid


def exchangeable(folder: Path, *, shared: bool = False) -> str | None:
    """Say why other users could exchange an entry of a folder, or the folder itself.

    Args:
        folder: an absolute path.
        shared: whether the folder itself may be a sticky one that others write to: enough for an
            entry that is made there under an unused name and belongs to this user.

    Returns:
        The reason, as the rest of a sentence that begins with the path of a file; ``None`` if
        nobody can, root excepted.

    Raises:
        OSError: something on the way does not exist or cannot be looked at.
    """
    me, roots = os.geteuid(), _root_ids()
    here, links = Path("/"), 0
    names = list(reversed(folder.parts[1:]))
    while True:
        reason = _folder_fault(here, {me, *roots}, sticky=bool(names) or shared)
        if reason is not None:
            return reason
        if not names:
            break
        name = names.pop()
        if name == "..":
            here = here.parent  # no link is left in it
            continue
        state = (here / name).lstat()
        if not stat.S_ISLNK(state.st_mode):
            here /= name
            continue
        if state.st_uid not in {me, *roots}:
            return f"{here / name} is a link of user {state.st_uid}"
        links += 1
        if links > _MOST_LINKS:
            return f"{folder} has too many symbolic links"
        target = (here / name).readlink()
        if target.is_absolute():
            here = Path("/")
        names += reversed([part for part in target.parts if part != "/"])
    owner = here.stat().st_uid
    if owner != me and not (shared and owner in roots):
        return f"{here} belongs to user {owner}"
    return None


def _folder_fault(folder: Path, trusted: Collection[int], *, sticky: bool) -> str | None:
    state = folder.stat()
    if state.st_uid not in trusted:
        return f"{folder} belongs to user {state.st_uid}"
    if not state.st_mode & _OTHERS_WRITE or (sticky and state.st_mode & stat.S_ISVTX):
        return None
    return f"other users may write to {folder}"


def _root_ids() -> set[int]:
    """Return the ids that root's files show.

    In a user namespace that does not have the machine's root, as that of Apptainer on a cluster,
    root's files show the "overflow" id instead, and so do those of all others who are not in it.
    """
    try:
        ranges = [[int(word) for word in line.split()] for line in _UID_MAP.read_text().split("\n")]
        overflow = int(_OVERFLOW.read_text())
    except (OSError, ValueError):
        return {0}
    ranges = [each for each in ranges if len(each) == 3]
    has_root = any(outer == 0 for _, outer, _ in ranges)
    has_overflow = any(inner <= overflow < inner + size for inner, _, size in ranges)
    return {0} if has_root or has_overflow else {0, overflow}
