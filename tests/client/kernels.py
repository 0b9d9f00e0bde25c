"""A Python process of its own that has an embedded engine, as a kernel has.

Started from an empty folder; it prints what it has as lines of JSON, and ends with its stdin.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.client.servers import TIMEOUT, is_running
from tests.engine.driver import until

ROOT = Path(__file__).parents[2]

PREAMBLE = """
import json, os, sys
from hyper_jupyter.client import Discovery, Endpoint, EngineClient
from hyper_jupyter.client.transport import embedded

def connect():
    return EngineClient(Discovery(Endpoint("local"), "you named it"))

def report(client, **more):
    engine = embedded._running
    print(json.dumps({"engine": engine.process.pid, "socket": engine.socket_path, **more}))
    sys.stdout.flush()
"""

WITH_CONTAINER = """
client = connect()
container = client.create("default", ["sleep", "1000"])
client.start(container)
report(client, process=client.inspect(container)["State"]["Pid"])
"""


class Kernel:
    """Runs PREAMBLE and the script.

    Args:
        script: what it does.
        folder: its working folder, and where its engine's folder is to be.
    """

    def __init__(self, script: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", PREAMBLE + script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": str(folder)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its pipes and waits
            if self.process.poll() is None:
                self.process.kill()

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        facts: dict[str, Any] = json.loads(self.process.stdout.readline())
        return facts

    def end(self) -> int:
        """Let it end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(TIMEOUT)


def assert_gone(facts: dict[str, Any]) -> None:
    """Wait until the engine, its process and its folder are gone."""
    pids = [facts[name] for name in ("engine", "process") if name in facts]
    until(lambda: not any(map(is_running, pids)), f"the end of {pids}")
    until(lambda: not Path(facts["socket"]).parent.exists(), "the end of the folder")
