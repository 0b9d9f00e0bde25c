"""The processes of one container, wherever they went: found, signalled, ended.

Layer: engine. Event loop only. Reads ``/proc``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from hyper_jupyter.engine.program.descendants import members_of

__all__ = ["Members"]


class Members:
    """Finds a container's processes.

    Args:
        container_id: that its programs have in their environment.
        sessions: returns the pids of its programs that the engine has started and that run.
    """

    def __init__(self, container_id: str, sessions: Callable[[], set[int]]) -> None:
        self._id = container_id
        self._sessions = sessions

    def pids(self) -> list[int]:
        """Return the pids of the living ones."""
        return [member.pid for member in members_of(self._id, self._sessions())]

    def signal_all(self, number: int) -> None:
        """Send a signal to every one that can be found."""
        sessions = self._sessions()
        for session in sessions:  # whole groups first, before the processes are listed
            try:
                os.killpg(session, number)
            except OSError:
                pass
        for pid in self.pids():
            if pid not in sessions:
                _send(pid, number)

    def kill_session(self, leader: int) -> None:
        """Kill a program that the engine has started, and all that is still in its session."""
        for member in members_of(self._id, {leader}):
            if leader in (member.session, member.pid):
                _send(member.pid, signal.SIGKILL)
        try:
            os.killpg(leader, signal.SIGKILL)
        except OSError:
            pass

    def kill_leftovers(self) -> bool:
        """Kill what the container's program left, as the end of a PID namespace would.

        Returns:
            Whether there was any.
        """
        left = self.pids()
        for pid in left:
            _send(pid, signal.SIGKILL)
        return bool(left)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass
