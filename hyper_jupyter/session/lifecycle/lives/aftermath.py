"""What became of a container shortly after its session had ended: removed, or started again.

Layer: session, lifecycle. Any thread; the engine is asked on the calls worker.

``rm -f`` first kills the process, a restart first stops it, and Compose removes a container before
it makes the next one. So when the session ends, the engine mostly does not say yet what comes next:
it is asked twice more, a moment later. While the container is started again, or was, it is asked
again and again, each time after twice as long: its restart policy may give up.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.attach.target import Target, has_successor
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.container_state import has_ended, is_unstarted
from hyper_jupyter.session.rules.state import State

__all__ = ["Aftermath"]

_LOOKS: Final = (0.3, 1.5)
"""Seconds from the end to the first look, and from that to the second."""

_LATER: Final = 3.0
_LATEST: Final = 300.0
"""Seconds to the look after those, and to any at most, while the container is started again."""


class Aftermath:
    """Looks after one session's container.

    Args:
        client: the engine.
        target: what the session was attached to.
        ending: keeps what is learned.
        lifecycle: the session's state.
    """

    __slots__ = ("__weakref__", "_client", "_ending", "_lifecycle", "_target")

    def __init__(
        self, client: EngineClient, target: Target, ending: Ending, lifecycle: Lifecycle
    ) -> None:
        self._client = client
        self._target = target
        self._ending = ending
        self._lifecycle = lifecycle

    def begin(self) -> None:
        """Look soon: the session has ended."""
        self._look_later(0)

    def learn(self, state: Mapping[str, Any] | None) -> None:
        """Take note of what has become of the container. May block for one call.

        Args:
            state: inspect's ``State``; ``None`` if the container is gone.
        """
        ending = self._ending
        before = ending.fate.removed, ending.fate.recreated, ending.fate.restarting
        if state is None or state.get("Status") == "removing":
            ending.fate.removed, ending.fate.restarting = True, False
            ending.fate.recreated = has_successor(self._client, self._target.container)
        else:
            runs = not (has_ended(state) or is_unstarted(state))
            ending.fate.restarting = runs or bool(state.get("Restarting"))
        if before != (ending.fate.removed, ending.fate.recreated, ending.fate.restarting):
            self._lifecycle.notify()

    def _look_later(self, number: int) -> None:
        later = number - len(_LOOKS)
        if later >= 0 and not self._ending.fate.restarting:
            return
        pause = _LOOKS[number] if later < 0 else min(_LATEST, _LATER * 2 ** min(later, 10))
        look = partial(_look, weakref.ref(self), self._lifecycle.ended_at, number)
        runtime().calls.call_later(pause, look)

    def _look(self, ended_at: float | None, number: int) -> None:
        lifecycle = self._lifecycle
        if lifecycle.state is not State.EXITED or lifecycle.ended_at != ended_at:
            return  # it was attached again since
        try:
            state = self._target.state()
        except ConnectionLost:
            return  # the engine has ended
        except HyperJupyterError:
            pass
        else:
            self.learn(state)
        self._look_later(number + 1)


def _look(aftermath: weakref.ref[Aftermath], ended_at: float | None, number: int) -> None:
    """Look, unless nothing refers to the session any more. Calls worker."""
    if (found := aftermath()) is not None:
        found._look(ended_at, number)
