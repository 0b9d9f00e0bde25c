"""What a kernel leaves behind that ends with sessions in every state: nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.driver import until

PATIENCE = 30.0

KERNEL = """
import os, sys, threading
from hyper_jupyter.api import client_for
from hyper_jupyter.client.transport import embedded
from hyper_jupyter.session.store import journal
from tests.faults import FaultProxy
from pathlib import Path

journal.MEMORY = 1000  # what comes is in a file soon
client = client_for("local:", timeout=20)
pids = [embedded._running.process.pid]
for name in ("web", "left", "cut"):
    made = client.create("default", ["cat"], stdin=True, name=name)
    client.start(made)
    pids.append(client.inspect(made)["State"]["Pid"])
proxy = FaultProxy(f"unix://{client._endpoint.path}")
live, left = client.attach("web"), client.attach("left")
cut = client_for(proxy.url, timeout=20).attach("cut")
for each in (live, left, cut):
    each.send_line("x" * 5000)
    each.expect("x\\n", 20)
left.detach()
changed = threading.Event()
cut.subscribe(changed.set)
proxy.unplug()
while str(cut.state) != "reconnecting":
    changed.wait(20)
    changed.clear()
proxy.close()
child = os.fork()
if not child:
    os._exit(0)  # it has all descriptors of this process, and must not end what they are for
os.waitpid(child, 0)
live.send_line("still here")
live.expect("still here", 20)
print(*pids, flush=True)
sys.stdin.read()
"""


def is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except FileNotFoundError:
        return False


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose name leaves room for that of a unix socket."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        yield Path(folder)


@pytest.mark.parametrize("way", ["exit", "kill"])
def test_a_kernel_that_ends_leaves_no_process_and_no_file(short_path: Path, way: str) -> None:
    folders = {"TMPDIR": short_path / "t", "XDG_RUNTIME_DIR": short_path / "r"}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    with subprocess.Popen(
        [sys.executable, "-P", "-W", "ignore::DeprecationWarning", "-c", KERNEL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **{name: str(path) for name, path in folders.items()},
        },
    ) as kernel:
        try:
            assert kernel.stdout is not None
            pids = [int(word) for word in kernel.stdout.readline().split()]
            assert len(pids) == 4
            assert all(is_running(pid) for pid in pids)
            if way == "kill":
                kernel.send_signal(signal.SIGKILL)
            _, errors = kernel.communicate(timeout=PATIENCE)
        finally:
            kernel.kill()
    assert kernel.returncode == (-signal.SIGKILL if way == "kill" else 0)
    assert errors == b""
    until(lambda: not any(is_running(pid) for pid in pids), "the end of all processes")
    until(lambda: not [*short_path.glob("*/*/*")], "the end of all files")
    assert [path for path in short_path.glob("*/*") if path.is_file()] == []
