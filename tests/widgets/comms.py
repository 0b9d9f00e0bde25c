"""Comms without a kernel: what widgets publish is kept, what a page says is written in the test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets

from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets.delivery.page_state import EVERYONE

TIMEOUT = 5.0


class RecordedComms:
    """What every comm published, in order; tests wait for what they expect."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str, dict[str, Any], list[bytes]]] = []
        self.threads: list[str] = []
        self._condition = threading.Condition()

    def add(self, comm_id: str, kind: str, data: dict[str, Any], buffers: list[bytes]) -> None:
        with self._condition:
            self.published.append((comm_id, kind, data, buffers))
            self.threads.append(threading.current_thread().name)
            self._condition.notify_all()

    def wait_for(self, found: Callable[[], Any]) -> Any:
        with self._condition:
            assert self._condition.wait_for(lambda: bool(found()), TIMEOUT), self.published
            return found()

    def custom(self, kind: str) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Return the messages of a kind to pages that said hello."""
        return [each for each in self._all_custom(kind) if each[0].get("page") != EVERYONE]

    def greetings(self) -> list[bytes]:
        """Return the output to pages that have not said hello."""
        return [
            buffers[0]
            for message, buffers in self._all_custom("output")
            if message["page"] == EVERYONE
        ]

    def _all_custom(self, kind: str) -> list[tuple[dict[str, Any], list[bytes]]]:
        return [
            (data["content"], buffers)
            for _, _, data, buffers in list(self.published)
            if data.get("method") == "custom" and data["content"]["type"] == kind
        ]

    def replies(self) -> list[tuple[int, str | None]]:
        return [reply for message, _ in self.custom("output") for reply in message["replies"]]

    def statuses(self) -> list[dict[str, Any]]:
        states = [data.get("state", {}) for _, _, data, _ in list(self.published)]
        return [state["status"] for state in states if "status" in state]


def assert_no_widget_is_left() -> None:
    """What another test finds must not be a widget without what belongs to it."""
    left = [type(each).__name__ for each in registered_widgets()]
    assert not left, f"widgets outlived the test: {left}"


def registered_widgets() -> list[ipywidgets.Widget]:
    return list(ipywidgets.widgets.widget._instances.values())


def wait_for_jobs(worker: Worker) -> None:
    """Until what was submitted before is done: closing a worker drops what waits."""
    done = threading.Event()
    worker.submit(done.set)
    assert done.wait(TIMEOUT)


def from_page(widget: ipywidgets.Widget, **content: Any) -> None:
    """Deliver a custom message as the comm would."""
    message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    widget.comm.handle_msg(message)
