"""Probing an engine's unix socket: what is wrong with it, and what to do about it.

Layer: client. Any thread; connects once, for at most a second, and sends nothing.
"""

from __future__ import annotations

import errno
import getpass
import os
import re
import socket
import stat
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["SocketProblem", "probe_socket"]

_PROBE_SECONDS: Final = 1.0

_STARTERS: Final = (
    ("/.docker/desktop/", "Docker Desktop is not running: start it."),
    ("/.docker/run/", "Docker Desktop is not running: start it."),
    ("/.colima/", "Colima is not running: colima start."),
    ("/.config/colima/", "Colima is not running: colima start."),
    ("/.lima/docker/", "Lima is not running: limactl start docker."),
    ("/.orbstack/", "OrbStack is not running: start it."),
    ("/.rd/", "Rancher Desktop is not running: start it."),
    ("/podman-machine-", "Podman's machine is not running: podman machine start."),
    ("/podman/machine/", "Podman's machine is not running: podman machine start."),
    ("/run/podman/", "Root's Podman service is not running: sudo systemctl start podman.socket."),
    (
        "/podman/podman.sock",
        "Podman's service is not running: systemctl --user start podman.socket.",
    ),
    ("/run/user/", "Rootless Docker is not running: systemctl --user start docker."),
    ("/docker.sock", "Docker is not running: sudo systemctl start docker."),
)

_COLIMA: Final = re.compile(r"colima/(?!default/)([\w.-]+)/docker\.sock$")
"""Matches the socket of one of Colima's profiles other than the default."""


class SocketProblem(NamedTuple):
    """Why a socket accepts no connection of ours.

    Attributes:
        outcome: a few words: ``"not there"``, ``"not a socket"``, ``"nothing listens"``,
            ``"permission denied"``, ``"accepts no connection"`` or the system's own.
        next_step: what to do, in a sentence; empty where no step is known.
    """

    outcome: str
    next_step: str = ""


def probe_socket(path: str) -> SocketProblem | None:
    """Connect to a socket and find out what is wrong.

    Returns:
        The problem; ``None`` if the socket accepts the connection.
    """
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return SocketProblem("not supported on this system", "Name the engine as tcp://host:port.")
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(path)
        except PermissionError:
            return SocketProblem("permission denied", _permission(path))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return SocketProblem("not there", _how_to_start(path))
            if error.errno == errno.ECONNREFUSED and not Path(path).is_socket():
                return SocketProblem(
                    "not a socket", "Name the engine's socket, with its whole path."
                )
            if error.errno == errno.ECONNREFUSED:
                return SocketProblem("nothing listens", _how_to_start(path))
            if isinstance(error, TimeoutError | BlockingIOError):
                return SocketProblem(
                    "accepts no connection", "Its engine does not answer: restart it."
                )
            return SocketProblem(error.strerror or "not a valid path of a socket")
        except ValueError:
            return SocketProblem("not a valid path of a socket")
    return None


def _how_to_start(path: str) -> str:
    """Say how to start the engine of a socket, also where the path is a link to it."""
    try:
        place = os.path.realpath(path)
    except (OSError, ValueError):
        place = path
    if colima := _COLIMA.search(place):
        return f"Colima is not running: colima start {colima[1]}."
    return next(
        (words for part, words in _STARTERS if part in place),
        "Start the engine that listens there, or name another with %hyper_connect HOST.",
    )


def _permission(path: str) -> str:
    """Say why this user may not use a socket, and what to do.

    The user may not enter its folder; or its mode admits no group; or the user is not in its group,
    or joined the group only after logging in.
    """
    try:
        found = Path(path).stat()
    except OSError:
        owner = _owner_of_closed(Path(path))
        return (
            f"It is in a folder of {owner} that you may not enter. Use an engine of your own: "
            "rootless Docker, or Podman (systemctl --user start podman.socket)."
        )
    try:
        import grp
        import pwd

        owner = pwd.getpwuid(found.st_uid).pw_name
        group = grp.getgrgid(found.st_gid)
        user = getpass.getuser()
    except (ImportError, OSError, KeyError):
        return "Ask the engine's administrator for access to its socket, or use a rootless engine."
    if not found.st_mode & stat.S_IWGRP or found.st_gid == 0:
        # A member of root's own group would get more than the socket.
        return f"Only {owner} may use it: ask them for access, or use a rootless engine."
    if group.gr_gid in {*os.getgroups(), os.getegid()}:
        return f"You are in its group {group.gr_name}, but its mode does not admit the group."
    if user in group.gr_mem:
        return (
            f"You are in the group {group.gr_name}, but this server was started before that: log "
            "out and in again, and restart Jupyter."
        )
    return (
        f"Join its group: sudo usermod -aG {group.gr_name} {user}, then log in again and restart "
        "Jupyter. Or use a rootless engine."
    )


def _owner_of_closed(path: Path) -> str:
    """Return the owner of the folder that cannot be entered: the last one that ``stat`` reaches."""
    for folder in path.parents:
        try:
            uid = folder.stat().st_uid
        except OSError:
            continue
        try:
            import pwd

            return pwd.getpwuid(uid).pw_name
        except (ImportError, KeyError):
            return f"user {uid}"
    return "another user"
