"""The kernel's process stands still for a while, as in a laptop that sleeps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hyper_jupyter.api import client_for
from tests.engines.scenarios import NUMBERS
from tests.faults import FaultProxy

PATIENCE = 30.0

KERNEL = """
import json, sys
from hyper_jupyter.api import client_for

session = client_for(sys.argv[1], timeout=20).attach(sys.argv[2])
print("attached", flush=True)
session.expect("out 60\\n", 20)
print("reads", flush=True)
session.join(60)
gaps = [gap.filled for gap in session.gaps]
marks = [mark.kind for mark in session.marks]
output = session.stdout.text, session.stderr.text
print(json.dumps([session.exit_code, session.complete, gaps, marks, output]), flush=True)
"""


@pytest.mark.parametrize("cut", [True, False], ids=["cut meanwhile", "connected"])
def test_a_session_goes_on_where_it_was(cut: bool) -> None:
    client = client_for("local:", timeout=PATIENCE)
    made = client.create("default", ["sh", "-c", NUMBERS])
    upstream = f"unix://{client._endpoint.path}"
    with (
        tempfile.TemporaryDirectory(prefix="hj-") as folder,
        FaultProxy(upstream, Path(folder) / "f") as proxy,
        subprocess.Popen(
            [sys.executable, "-P", "-c", KERNEL, proxy.url, made], stdout=subprocess.PIPE, text=True
        ) as kernel,
    ):
        try:
            assert kernel.stdout is not None
            assert kernel.stdout.readline() == "attached\n"
            here = client.attach(made)
            client.start(made)
            assert kernel.stdout.readline() == "reads\n"
            os.kill(kernel.pid, signal.SIGSTOP)
            if cut:
                assert proxy.cut(None) > 0
            here.expect("out 400\n", PATIENCE)
            os.kill(kernel.pid, signal.SIGCONT)
            if cut:
                proxy.wait_for(lambda counts: counts.connections["attach"] > 1)
            here.expect("out 500\n", PATIENCE)
            client.kill(made, "USR1")
            assert here.wait(PATIENCE) == 3
            code, complete, gaps, marks, output = json.loads(kernel.stdout.readline())
            assert proxy.counts.connections["attach"] == (2 if cut else 1)
        finally:
            kernel.kill()
    assert output == [here.stdout.text, here.stderr.text]
    assert (code, complete) == (3, True)
    assert gaps == ([True, True] if cut else [])
    assert marks == (["cut"] if cut else [])
    here.close()
    client.remove(made)
