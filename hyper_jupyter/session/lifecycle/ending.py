"""The end of a session: what the other parts of a session do about it.

Layer: session, lifecycle. Any thread. :meth:`Ending.watch`, :meth:`Ending.watch_again` and
:meth:`Ending.watch_life` block; the other methods here do not.

Four modules share the work. ``findings.py`` has what is known, ``exit_watching.py`` waits for the
exit, ``judging.py`` takes evidence and acts on what it means. This one begins, suspends and leaves.
The state changes first in :meth:`Ending.opened` or :meth:`Ending.fail`, later only in
:meth:`Judging._move`, by the table in :mod:`hyper_jupyter.session.rules.state`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.lifecycle.input_cut import InputCut
from hyper_jupyter.session.lifecycle.judging import Follower, Judging, Owner
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.rules.verdict import StreamEnd

__all__ = ["Ending", "Follower", "Owner"]

logger = logging.getLogger(__name__)


class Ending(Judging):
    """Finds out how one session ends, and ends it.

    It is made, and judges, as :class:`Judging` says.
    """

    __slots__ = ("__weakref__",)

    # -- the beginning ------------------------------------------------------------------

    def renew(self, plan: Plan) -> None:
        """Begin again after an end: what is known is about connections that have ended.

        Args:
            plan: the new plan; it may be for another run of the container.
        """
        with self._lock:
            self._plan = plan
            self._round += 1
            self._closed = False
            self._begin()
        self._watching.renew(self)

    def watch(self, deadline: Deadline) -> None:
        """Ask for the exit code, before the output is attached. Blocks.

        Call :meth:`await_watch` before anything that may end the container.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        self._watching.open(self, self._plan, deadline)

    def await_watch(self, deadline: Deadline) -> None:
        """Wait until the engine waits for the exit, after :meth:`watch`. Blocks."""
        self._watching.await_answer(deadline)

    def opened(self) -> None:
        """Become attached, now that everything is open."""
        if not self._lifecycle.move(State.ATTACHED, only_from=State.CONNECTING):
            # While it was being opened it ended, or other code detached it by its name.
            self._disconnect(keep_watch=self._lifecycle.state is State.DETACHED)
        else:
            self._judge(StreamEnd.OPEN)  # the exit may already be known

    def await_start(self) -> None:
        """Wait for the start of a container that could not be attached yet."""
        self.between_lives = self.exited = True
        self._lifecycle.move(State.RECONNECTING, only_from=State.CONNECTING)

    def reopened(self) -> None:
        """Become attached again, to the container's next life. I/O thread."""
        self._lifecycle.move(State.ATTACHED, only_from=State.RECONNECTING)

    def watch_life(self) -> None:
        """Ask for the exit code of the life that was attached. Blocks.

        It is no loss if that fails: the end of the stream shows its end, too.
        """
        try:
            if self._lifecycle.state is State.ATTACHED:
                self.watch_again(Deadline(self._client.timeout))
                self.recheck()
        except HyperJupyterError as error:
            logger.info("! the exit of %s is not watched: %s", self._target.describe(), error)

    def learn_run(self, run: str) -> None:
        """Take note of which of the container's runs it is: inspect's ``StartedAt``."""
        if not self._plan.run:
            self._plan = replace(self._plan, run=run)
            self._attachment.plan = replace(self._attachment.plan, run=run)

    def learn_end(self, code: int | None, *, restarting: bool) -> None:
        """Take note of how the newest life has ended, while the session waits for the next one.

        Args:
            code: its exit code; ``None`` if it is not known.
            restarting: whether the engine starts the container again by itself.
        """
        if self.between_lives:
            self.exit_code, self.fate.restarting = code, restarting

    def cease(self, error: HyperJupyterError | None) -> None:
        """End for good, while waiting for a next life that does not come.

        Args:
            error: why nobody can know; ``None`` if the container is gone.
        """
        self.following = None
        if error is not None:
            self.error = error
        self._move(State.EXITED if error is None else State.LOST)

    @property
    def renewed(self) -> bool:
        """Whether the session has begun again after an end."""
        return self._watching.renewals > 0

    def fail(self, error: HyperJupyterError | None = None) -> None:
        """Fail because the session could not be opened; nothing is left open.

        A session that was renewed is lost: what it has received stays what it is.

        Args:
            error: why.
        """
        self._closed = True
        with self._lifecycle.ending():
            if self.renewed:
                self.error = error or ConnectionLost("attaching was interrupted")
                if self._lifecycle.move(State.LOST):
                    self._owner.ended()
            else:
                self._lifecycle.move(State.FAILED)
            self._disconnect()

    # -- reconnecting -------------------------------------------------------------------

    def suspend(self) -> bool:
        """Leave the connections after a cut: new ones are opened. I/O thread.

        Returns:
            ``False`` if the session is not attached, or is being detached.
        """
        with self._lock:
            if self.detaching:
                return False
        if not self._lifecycle.move(State.RECONNECTING, only_from=State.ATTACHED):
            return False
        self._round += 1
        self._attachment.unsubscribe()
        return True

    def resume(self, plan: Plan) -> None:
        """Begin with new connections to the same run of the container."""
        with self._lock:
            self._plan = plan
            self._round += 1
            self.input_cut = InputCut(kept=plan.profile.keeps_stdin_connection)
            self.traffic.connect()
        self._proof.resume()

    def doubt(self, *, marked: bool) -> None:
        """Note that a cut has left a gap: what comes at the end does not show that all is here.

        Args:
            marked: whether a mark says that output may be missing here.
        """
        self._proof.doubt(marked=marked)

    def watch_again(self, deadline: Deadline) -> None:
        """Ask for the exit code, unless that is still asked for. Blocks.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        if not (self.exited or self._closed):
            self._watching.open_again(self, self._plan, deadline)

    def attached_again(self) -> None:
        """Be attached again, now that new connections are open."""
        if not self._lifecycle.move(State.ATTACHED, only_from=State.RECONNECTING):
            self._disconnect(keep_watch=self._lifecycle.state is State.DETACHED)

    def check(self) -> None:
        """Judge what is known: the exit may have been learned meanwhile."""
        output = self._attachment.output
        if output is not None and not output.ended:
            self._judge(StreamEnd.OPEN)

    def lose(self, error: HyperJupyterError) -> None:
        """End the session as lost: it cannot be attached again."""
        if self._lifecycle.state is State.RECONNECTING:
            self.error = error
            self._move(State.LOST if self.traffic.received else State.FAILED)

    def conclude_exit(self, state: Mapping[str, Any], *, proven: bool = False) -> None:
        """End the session because the container has ended while it was not attached.

        Args:
            state: inspect's ``State``.
            proven: whether its last output is known to be here, though the log goes on.
        """
        self._proof.resume()
        self._proof.exit_known()
        if proven:
            self._proof.settle()
        else:
            self._proof.start()
        self._judge(StreamEnd.CLOSED, state)

    # -- detaching ----------------------------------------------------------------------

    def begin_detach(self) -> bool:
        """Begin to detach; return ``False`` if it has ended or another thread detaches it."""
        with self._lock:
            if self._lifecycle.ended or self.detaching:
                return False
            self.detaching = True
            return True

    def finish_detach(self) -> None:
        """Finish detaching, unless the session has ended in another way."""
        if not self._lifecycle.ended:
            self._disconnect(keep_watch=True)
            self._move(State.DETACHED)

    def close(self) -> None:
        """Stop watching for the exit, since no caller will wait for it any more."""
        self._closed = True
        self._disconnect()
        self._watching.unshare(self)
        self._lifecycle.notify()

    # -- waiting ------------------------------------------------------------------------

    def ensure_watched(self) -> None:
        """Start watching for the exit because somebody called wait().

        A session that only reads the log has not watched it before.
        """
        left = self._lifecycle.ended
        if left and self._lifecycle.state is not State.DETACHED:
            return
        if self.exited or self._closed or not (self._target.waits or left):
            return  # its end shows in the end of its stream, and is watched once we leave
        self._watching.begin(self, self._plan.run, left=left)
