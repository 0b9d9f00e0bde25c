"""The input of a session's container: bytes, the end of the input, the detach keys.

Layer: session, lifecycle. Any thread except the I/O thread; methods that block say for how long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hyper_jupyter.exceptions import Conflict, ConnectionLost, SessionClosed
from hyper_jupyter.protocol import DetachKeys
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.controls import ENGINE_ENDED, Controls
from hyper_jupyter.session.rules.outcome import outcome_text
from hyper_jupyter.session.rules.plan import InputEnd, Plan
from hyper_jupyter.session.rules.state import ENDED, State
from hyper_jupyter.session.store.typed import Typed

__all__ = ["Stdin"]

_KEY_PAUSE: Final = 0.1
"""Seconds between detach keys: Podman and old Docker recognise a key only in its own read."""

_KEYS_DEADLINE: Final = 1.0
"""Seconds to wait for the end of the stream after the keys. Then we close it ourselves."""

_VERDICT: Final = 3.0
"""Seconds that a late send may wait to learn what has ended: the engine is being asked."""


class Stdin:
    """The input of one session.

    Args:
        plan: the session's plan.
        attachment: the session's connections.
        lifecycle: the session's state.
        ending: is notified when the user types our detach keys.
        controls: returns what can be done now.
        typed: keeps what is sent, if the user asked for it.
    """

    __slots__ = (
        "_attachment",
        "_controls",
        "_ending",
        "_kept",
        "_lifecycle",
        "_own",
        "_plan",
        "_typed",
    )

    def __init__(
        self,
        plan: Plan,
        attachment: Attachment,
        lifecycle: Lifecycle,
        ending: Ending,
        controls: Callable[[], Controls],
        typed: Typed,
    ) -> None:
        self._attachment = attachment
        self._lifecycle = lifecycle
        self._ending = ending
        self._controls = controls
        self._kept = typed
        self.renew(plan)

    def renew(self, plan: Plan) -> None:
        """Type into new connections from now on: keys that were typed in part are forgotten."""
        self._plan = plan
        self._typed = DetachKeys(plan.detach_keys) if plan.detach_keys else None
        self._own = DetachKeys(plan.own_keys) if plan.own_keys else None

    def send(
        self, data: bytes | str, timeout: float | None = 10.0, *, hidden: bool = False
    ) -> None:
        """Send bytes or text; see :meth:`Session.send`."""
        # Not bytes(data): bytes(5) would be five zeros.
        raw = data.encode() if isinstance(data, str) else memoryview(data).tobytes()
        if not raw:
            return
        connection = self._connection()
        self._ending.note_input()
        if self._typed is not None and self._typed.receive_data(raw)[1]:
            # The engine detaches at these keys, even if it is the user who typed them.
            self._ending.keys_typed = True
        if self._own is not None:
            # The engine does not look for these keys, and the program must not get them.
            raw, left = self._own.receive_data(raw)
            if raw:
                self._write(connection, raw, timeout, hidden)
            if left and self._ending.begin_detach():
                self._ending.finish_detach()
            return
        self._write(connection, raw, timeout, hidden)

    def _write(
        self, connection: Connection, raw: bytes, timeout: float | None, hidden: bool
    ) -> None:
        place = self._kept.place()  # before: the program's answer comes after it
        if not connection.write(raw, timeout):
            if connection.gone:
                raise self._closed("nothing can be sent", timeout)
            subject = self._plan.subject
            raise Conflict(409, f"{subject} does not read its stdin: 1 MiB is queued")
        if not hidden:
            self._kept.add(raw, place)

    def end(self) -> None:
        """End the input; see :meth:`Session.send_eof`."""
        if self._plan.input_end is InputEnd.BYTE:
            self.send(b"\x04")
            return
        controls = self._controls()
        if controls.stdin:
            raise self._closed("the input cannot be ended", 0)
        if controls.eof:
            raise Conflict(409, f"the input cannot be ended: {controls.eof}")
        connection = self._connection()
        if connection.ended:
            raise self._closed("the input cannot be ended", _VERDICT)
        connection.end_input()
        self._lifecycle.notify()

    def send_detach_keys(self, patience: float) -> None:
        """Send the detach keys one by one, if the engine looks for any; wait for the stream's end.

        Blocks: 0.1 s between two keys, up to a second for that end, then up to ``patience``.

        Args:
            patience: seconds to wait for the engine to say what the end of the stream means.
        """
        lifecycle, output = self._lifecycle, self._attachment.output
        if output is None or not self._plan.detach_keys:
            return
        for number, key in enumerate(self._plan.detach_keys):
            if number and lifecycle.wait_for(lambda: lifecycle.ended, _KEY_PAUSE):
                break
            if not output.write(bytes([key]), 0):
                break
        lifecycle.wait_for(lambda: lifecycle.ended or output.ended, _KEYS_DEADLINE)
        if output.ended:
            # The stream has ended. Wait for the inspect that finds out why.
            lifecycle.wait_for(lambda: lifecycle.ended, patience)

    def _connection(self) -> Connection:
        self._lifecycle.check_process("nothing can be sent")
        if self._controls().stdin:
            raise self._closed("nothing can be sent", 0)
        was_used = self._attachment.input_used
        try:
            connection = self._attachment.input()
        except ConnectionLost:
            raise self._closed("nothing can be sent", _VERDICT) from None
        if not was_used:
            self._lifecycle.notify()  # what detaching does has changed
        return connection

    def _closed(self, what: str, patience: float | None) -> SessionClosed:
        """Make the error for an input that is closed. Blocks if what has ended is being found out.

        Args:
            what: what cannot be done.
            patience: seconds to wait for the engine to say how the session ended.
        """
        lifecycle, output = self._lifecycle, self._attachment.output
        if output is None or output.ended:
            limit = _VERDICT if patience is None else min(patience, _VERDICT)
            known = ENDED | {State.RECONNECTING}
            lifecycle.wait_for_end(
                lambda: lifecycle.state in known or self._attachment.output is not output, limit
            )
        controls = self._controls()
        reason = controls.stdin or "the connection has ended"
        if lifecycle.ended:
            ending = self._ending
            outcome = outcome_text(
                lifecycle.state,
                ending.exit_code,
                ending.error,
                out_of_memory=ending.fate.out_of_memory,
                engine_ended=controls.again == ENGINE_ENDED,
                subject=self._plan.subject,
            )
            reason = f"the session has ended: {outcome}"
        hint = _return(controls)
        if not controls.stdin and self._plan.resumes:  # the engine has not said yet what ended
            hint = "If the container runs on, the session is attached again by itself: see s.state."
        return SessionClosed(f"{what}: {reason}", hint=hint)


def _return(controls: Controls) -> str:
    """Return a hint: how to get a session that takes input again, if this one has ended."""
    if not controls.stdin:
        return ""
    if not controls.again:
        return "s.attach_again() attaches again."
    return "" if controls.start else "s.attach_again(start=True) starts the container."
