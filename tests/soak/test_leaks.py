"""The short form of the rounds: nothing stays of the sessions that were left, or have ended."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import client_for
from tests.soak.leaks import KINDS, rounds

NUMBER = 12
FEW = 10
"""Threads and files that workers may have at any moment, whatever the number of rounds."""


@pytest.mark.parametrize("kind", KINDS)
def test_rounds_leave_no_object_no_thread_and_no_file(kind: str) -> None:
    growth = rounds(client_for("local:", timeout=30), kind, NUMBER, 6, idle=False)
    for before, after in zip(growth.before, growth.after, strict=True):
        assert after.files - before.files < FEW
        assert after.threads - before.threads < FEW
    assert growth.circles == 0
    assert sum(growth.objects.values()) < 20 * NUMBER  # a session has 200
