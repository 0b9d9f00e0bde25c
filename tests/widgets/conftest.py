"""Widgets on a recorded comm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import comm
import comm.base_comm
import ipywidgets
import pytest

from hyper_jupyter.session import runtime
from hyper_jupyter.widgets import hub
from tests.widgets.comms import RecordedComms, assert_no_widget_is_left, wait_for_jobs


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
    yield recorded
    ipywidgets.Widget.close_all()
    wait_for_jobs(shared)
    assert_no_widget_is_left()
