"""A real engine of a test's own, whose service can be ended and started again.

It is started as ``scripts/engines`` starts them: in namespaces of its own, with its data in a
folder of the test. What it runs ends with its namespaces, whatever became of its service.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.testbed.catalogue import ENGINES, Engine
from scripts.testbed.material import busybox_image, make_certificates
from scripts.testbed.starting import finish, launch
from scripts.testbed.stopping import end
from scripts.testbed.tools import descend, identity
from tests.real_engines import skip_or_fail

SERVICE: Final = (
    'while :; do "$@"; while [ -e /mnt/hold ]; do /bin/busybox usleep 50000; done; done'
)
"""Starts the service again whenever it ends, as soon as it may."""


@dataclass(frozen=True)
class Supervised(Engine):
    """An engine whose service is started again when it ends.

    Attributes:
        options: of its command line.
    """

    options: tuple[str, ...] = ()

    def command(self) -> list[str]:
        words = [*super().command(), *self.options]
        kept = [word for word in words if not word.startswith(("--host=fd:", "--tls"))]
        return ["/bin/busybox", "sh", "-c", SERVICE, "sh", *kept]


class PrivateEngine:
    """One that runs; :func:`private_engine` starts it.

    Attributes:
        url: where it listens.
        version: its own version.
    """

    def __init__(self, folder: Path, holder: int, version: str) -> None:
        self.url = f"unix://{folder}/engine.sock"
        self.version = version
        self._hold = folder / "hold"
        self._holder = holder

    def stop(self, number: signal.Signals) -> None:
        """End the service by a signal; it is not started again before :meth:`go_on`."""
        self._hold.touch()
        service = descend(self._holder, 3)
        assert service is not None, "the service does not run"
        ended = os.pidfd_open(service)
        try:
            os.kill(service, number)
            ready, _, _ = select.select([ended], [], [], 30)
            assert ready, "the service does not end"
        finally:
            os.close(ended)

    def go_on(self) -> None:
        """Have the service started again."""
        self._hold.unlink()


@contextlib.contextmanager
def private_engine(name: str, *options: str) -> Iterator[PrivateEngine]:
    """Run an engine of the catalogue, with more options on its command line."""
    found = next((each for each in ENGINES if each.name == name), None)
    if found is None or not found.root().exists() or os.geteuid() != 0:
        skip_or_fail(f"no engine {name} that could be started here")
    engine = Supervised(found.name, found.kind, found.suite, found.cgroup2, options)
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        make_certificates(Path(folder) / "certificates")
        place = Path(folder) / "e"
        holder = launch(engine, place)
        known = identity(holder.pid)
        try:
            entry = finish(engine, place, holder.pid, busybox_image())
            yield PrivateEngine(place, holder.pid, entry["version"])
        finally:
            end(known, place)
            holder.wait(10)
