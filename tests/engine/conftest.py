"""An engine for each module of tests; containers that a test leaves are removed after it.

With HYPER_JUPYTER_COMPARE_WITH=unix:///path,image the tests of attach run against another engine
instead: what fails there is where ours differs from it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.driver import Engine, other_engine, start_engine
from tests.engine.processes import processes_of


@pytest.fixture(scope="module")
def running_engine() -> Iterator[Engine]:
    compared = other_engine()
    if compared is not None:
        yield compared
        return
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:  # short: socket paths are
        started = start_engine(Path(folder) / "s")
        try:
            yield started
        finally:
            status = started.stop()
        assert status == 0
        assert not Path(started.path).exists()


@pytest.fixture
def engine(running_engine: Engine) -> Iterator[Engine]:
    yield running_engine
    running_engine.prefix = "/v1.45"
    running_engine.hang_up()
    for container in running_engine.created:
        running_engine.remove(container)
        assert processes_of(container) == []
    running_engine.created.clear()
