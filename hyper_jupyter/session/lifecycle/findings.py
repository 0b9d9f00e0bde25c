"""What is known about the end of one session.

Layer: session, lifecycle. Any thread; nothing here blocks, and no lock is held.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from hyper_jupyter.exceptions import HyperJupyterError, SessionClosed
from hyper_jupyter.session.lifecycle.exit_watching import ExitWatching
from hyper_jupyter.session.lifecycle.input_cut import InputCut
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.log.proof import Proof
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.state import State

__all__ = ["Fate", "Findings", "Traffic"]


@dataclass(slots=True)
class Fate:
    """What has become of a container at, or after, the end of its session, as far as that was seen.

    Attributes:
        restarting: whether it is started again, or was.
        out_of_memory: whether it was killed because it had no memory left.
        removed: whether somebody has removed it.
        recreated: whether another container has its name now.
    """

    restarting: bool = False
    out_of_memory: bool = False
    removed: bool = False
    recreated: bool = False


class Traffic:
    """What came and went on a session's connections, and when; all by ``time.monotonic``.

    Attributes:
        received: whether any output was stored.
        last_output: when output came last; 0 until then.
        last_input: when something was typed last.
        last: when one of both happened last, or the connections were made.
        closed_at: when the stream ended in order; 0 until then.
        idle: for how many seconds a connection whose end ends an input had carried nothing when it
            ended in order, before the process was known to have exited; else 0.
        outlived: for how many seconds what runs was seen to run on after its stream had ended in
            order, though it has ended since: what it printed then did not come.
    """

    __slots__ = (
        "closed_at",
        "idle",
        "last",
        "last_input",
        "last_output",
        "outlived",
        "received",
    )

    def __init__(self) -> None:
        self.received = False
        self.last_output = 0.0
        self.last_input = -math.inf
        self.closed_at = 0.0
        self.connect()

    def connect(self) -> None:
        """Note that there are new connections."""
        self.last = time.monotonic()
        self.idle = self.outlived = 0.0

    def receive_output(self, *, kept: bool) -> None:
        """Note that output came; ``kept`` says whether any of it was stored."""
        self.last_output = self.last = time.monotonic()
        self.received = self.received or kept

    def note_input(self) -> None:
        """Note that input was sent. Any thread."""
        self.last = self.last_input = time.monotonic()


class Findings:
    """The evidence about the end of one session, and what it amounts to.

    Args:
        plan: the session's plan.
        lifecycle: the session's state.
        proof: compares what was received with the log, once the stream has ended.
        watching: waits for the container's exit.

    Attributes:
        exit_code: the exit code of the container's process; ``None`` until it is known.
        error: what broke, in the states ``lost`` and ``failed``.
        exited: whether the container's process is known to have ended.
        detaching: whether the session is being detached, or is detached.
        keys_typed: whether the user has typed our detach keys.
        fate: what has become of the container since.
        traffic: what came and went on the connections, and when.
        input_cut: whether the connection that carries stdin, and nothing else, was cut.
        between_lives: whether the container's next life is waited for.
    """

    __slots__ = (
        "_closed",
        "_lifecycle",
        "_plan",
        "_proof",
        "_watching",
        "between_lives",
        "detaching",
        "error",
        "exit_code",
        "exited",
        "fate",
        "input_cut",
        "keys_typed",
        "traffic",
    )

    def __init__(
        self, plan: Plan, lifecycle: Lifecycle, proof: Proof, watching: ExitWatching
    ) -> None:
        self.exit_code: int | None
        self.error: HyperJupyterError | None
        self._plan = plan
        self._lifecycle = lifecycle
        self._proof = proof
        self._watching = watching
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        """Have no evidence."""
        self.exit_code = None
        self.error = None
        self.exited = False
        self.detaching = False
        self.keys_typed = False
        self.between_lives = False
        self.fate = Fate()
        self.traffic = Traffic()
        self.input_cut = InputCut(kept=self._plan.profile.keeps_stdin_connection)

    def is_known(self) -> bool:
        """Whether :meth:`outcome` has an answer."""
        # Knowing the exit code is not enough: the last output may still be on its way.
        state = self._lifecycle.state
        return state in (State.EXITED, State.LOST, State.FAILED) or (
            state is State.DETACHED
            and (self.exited or self._closed or self._watching.failure is not None)
        )

    def fault(self) -> HyperJupyterError | None:
        """Return what broke, in the states ``lost`` and ``failed``."""
        return self.error

    def outcome(self) -> int | None:
        """Return the exit code; ``None`` if it can no longer be learned.

        Raises:
            HyperJupyterError: what broke, if the session was lost or failed and the engine has not
                said since how the container ended; else the reason why the exit could not be
                watched to the end.
        """
        error = None
        state = self._lifecycle.state
        if state in (State.LOST, State.FAILED) and self.exit_code is None:
            error = self.error
        elif state is State.DETACHED and not self.exited:
            error = (
                SessionClosed(f"the session was closed before {self._plan.subject} ended")
                if self._closed
                else self._watching.failure
            )
        if error is not None:
            raise error.with_traceback(None)  # without the traceback of an earlier call
        return self.exit_code

    def receive_output(self, *, kept: bool) -> None:
        """Note that output came, and say so; ``kept`` says whether any of it was stored."""
        self.traffic.receive_output(kept=kept)
        self._lifecycle.notify_output()

    def note_input(self) -> None:
        """Note that input was sent. Any thread."""
        self.traffic.note_input()

    def _set_exited(self, code: int | None) -> None:
        self.exited = True
        self.input_cut.container_ended()
        self._proof.exit_known()
        if self.exit_code is None:
            self.exit_code = code
        self._lifecycle.notify()
