"""Widgets on a recorded comm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import comm
import comm.base_comm
import ipywidgets
import pytest

from hyper_jupyter.session import runtime
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets import choose_front_end, hub
from hyper_jupyter.widgets.session_widget import SessionWidget
from tests.widgets.comms import (
    RecordedComms,
    assert_no_widget_is_left,
    registered_widgets,
    wait_for_jobs,
)


@pytest.fixture
def comms(monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedComms]:
    recorded = RecordedComms()
    shared = runtime().publisher  # tests may bring their own, which they end themselves

    class RecordedComm(comm.base_comm.BaseComm):  # type: ignore[misc]
        def publish_msg(
            self,
            msg_type: str,
            data: Any = None,
            metadata: Any = None,
            buffers: Any = None,
            **_: Any,
        ) -> None:
            recorded.add(self.comm_id, msg_type, data or {}, [bytes(b) for b in buffers or []])

    monkeypatch.setattr(comm, "create_comm", RecordedComm)
    monkeypatch.setattr(hub, "_hub", None)
    choose_front_end("extension")
    yield recorded
    ipywidgets.Widget.close_all()
    wait_for_jobs(shared)
    assert_no_widget_is_left()


@pytest.fixture
def publisher(comms: RecordedComms, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    worker = Worker("hyper_jupyter publisher")
    monkeypatch.setattr(runtime(), "publisher", worker)
    yield worker
    # This thread closes a session's widget, after its last messages.
    for each in registered_widgets():
        if isinstance(each, SessionWidget):
            each.close()
    wait_for_jobs(worker)
    worker.close()
