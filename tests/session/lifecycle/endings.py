"""The end of a session, attached to an engine that is a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hyper_jupyter.client import Container
from hyper_jupyter.exceptions import (
    HyperJupyterError,
)
from hyper_jupyter.session import State
from hyper_jupyter.session.attach.exec_target import ExecTarget
from hyper_jupyter.session.attach.target import Target, target_of
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.store.journal import Journal
from tests.session.attachments import ScriptedAttachment
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, plan_of

PATIENCE = 10.0


class ScriptedProof:
    """Says when a test lets it that the output was compared with the log, and with what result.

    Attributes:
        complete: the result.
        held: whether the result is not there yet.
        starts: how often it was begun.
    """

    def __init__(self) -> None:
        self.complete: bool | None = None
        self.held = False
        self.starts = 0
        self.exits = 0
        self.callbacks: list[Callable[[], object]] = []

    @property
    def pending(self) -> bool:
        return self.held and self.starts > 0

    def start(self) -> None:
        self.starts += 1

    def exit_known(self) -> None:
        self.exits += 1

    def then(self, callback: Callable[[], object]) -> None:
        self.callbacks.append(callback)

    def finish(self, complete: bool | None) -> None:
        self.complete, self.held = complete, False
        for callback in self.callbacks:
            callback()


class ScriptedSession:
    """A session's end and all that it drives, attached to an engine that is a test.

    Attributes:
        woken: at each change: whether the outcome was known.
        ends: how often it has ended.
    """

    def __init__(self, of: Plan | None = None, *, attached: bool = True) -> None:
        of = of or plan_of(DOCKER)
        self.client: Any = PairedClient(of.profile)
        self.attachment: Any = ScriptedAttachment()
        self.lifecycle = Lifecycle(Journal())
        self.woken: list[bool] = []
        self.ends = 0
        container = Container("f00d", "web", "busybox")
        target: Target = (
            ExecTarget(self.client, container, of, of.exec_id, lambda: b"")
            if of.command
            else target_of(self.client, container, of)
        )
        self.proof = ScriptedProof()
        self.ending = Ending(
            self.client,
            target,
            of,
            self.attachment,
            self.lifecycle,
            self.proof,  # type: ignore[arg-type]
            self,
        )
        if attached:
            self.ending.opened()
        self.lifecycle.subscribe(lambda: self.woken.append(self.ending.is_known()))

    @property
    def state(self) -> State:
        return self.lifecycle.state

    # -- what its end asks of it --

    def ended(self) -> None:
        self.ends += 1

    def cut(self, error: HyperJupyterError | None) -> bool:
        return False

    def exited(self) -> None:
        pass

    def renew(self, plan: Plan) -> None:
        pass

    # -- what happens --

    def inspects(self) -> int:
        return [call[0] for call in self.client.calls].count("inspect")

    def stream_ends(self, error: HyperJupyterError | None = None) -> None:
        self.attachment.output.ended = True
        self.attachment.output.error = error
        self.ending.receive_end(self.attachment.output, error)

    def container_exits(self, code: int | None) -> None:
        """The wait request is answered."""
        self.ending.receive_exit(code)

    def detaches(self) -> None:
        assert self.ending.begin_detach()
        self.ending.finish_detach()

    def join(self) -> State:
        assert self.lifecycle.wait_for_end(lambda: self.lifecycle.ended, PATIENCE)
        return self.state
