"""What the extension itself costs: ``%load_ext``, the front end's size, one more session.

Times are from fresh interpreters that have loaded what every kernel has before its first cell
(IPython and ipykernel), and keep byte code as users' do. The steps take turns. Sizes are those of
everything published on the widgets' comms, as JSON and buffers, for one view each, by the extension
and through anywidget. There the first session sends the core too, the next ones only their own
state.
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import comm
import comm.base_comm
import ipywidgets

import hyper_jupyter
from benchmarks.part import Options, alone, median, progress, table
from hyper_jupyter.widgets import SessionWidgets, choose_front_end
from tests.widgets.fakes import ScriptedSession

KERNEL = """\
import time
from ipykernel.ipkernel import IPythonKernel
from IPython.core.displaypub import CapturingDisplayPublisher
from ipykernel.zmqshell import ZMQInteractiveShell
shell = ZMQInteractiveShell.instance()
began = time.perf_counter()
{}
print(time.perf_counter() - began)
"""
LOAD = "shell.run_line_magic('load_ext', 'hyper_jupyter')"
ATTACH = f"""\
{LOAD}
shell.display_pub = CapturingDisplayPublisher()
shell.run_line_magic("hyper_connect", "local:")
shell.run_line_magic("hyper", "run -d -i --name box default cat")
shell.run_line_magic("hyper_attach", "box")"""
STEPS = {
    "`import ipywidgets`": "import ipywidgets",
    "`%load_ext hyper_jupyter`": LOAD,
    "the same, when ipywidgets is imported": LOAD,
    "`%load_ext`, `%hyper_connect local:`, `%hyper run -d`, `%hyper_attach`": ATTACH,
}


def seconds(name: str) -> float:
    """Return the seconds that one step takes in a fresh interpreter."""
    code = KERNEL.format(STEPS[name])
    if "when" in name:
        code = "import ipywidgets\n" + code
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True, text=True, timeout=60, check=True, env=env,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


class Wire:
    """Counts what comms publish."""

    def __init__(self) -> None:
        self.bytes = 0
        self.messages = 0

    def publish(self, data: Any, metadata: Any, buffers: Any) -> None:
        content = json.dumps({"data": data or {}, "metadata": metadata or {}})
        self.bytes += len(content.encode()) + sum(len(bytes(b)) for b in buffers or [])
        self.messages += 1

    def taken(self) -> tuple[int, int]:
        """Return the bytes and messages since the last call."""
        counted = self.bytes, self.messages
        self.bytes = self.messages = 0
        return counted


def over_the_wire() -> list[tuple[str, int, int]]:
    """Return bytes and messages of the first session's view, another session's, a second view."""
    wire = Wire()

    class CountedComm(comm.base_comm.BaseComm):  # type: ignore[misc]
        def publish_msg(
            self,
            _msg_type: str,
            data: Any = None,
            metadata: Any = None,
            buffers: Any = None,
            **_: Any,
        ) -> None:
            wire.publish(data, metadata, buffers)

    found = []
    with mock.patch.object(comm, "create_comm", CountedComm):
        for way in ("extension", "anywidget"):
            choose_front_end(way)
            for what in ("the first session", "one more session"):
                widgets = SessionWidgets(ScriptedSession(f"session-{len(found)}"))
                widgets.view()
                found.append((f"{what}, {way}", *wire.taken()))
            widgets.view()
            found.append((f"one more view of a session, {way}", *wire.taken()))
            ipywidgets.Widget.close_all()
            wire.taken()
    return found


def section(options: Options) -> str:
    """Return the figures, as Markdown."""
    times: dict[str, list[float]] = {name: [] for name in STEPS}
    for _ in range(options.times(9, 3)):
        for name in STEPS:
            times[name].append(seconds(name))
    progress("sizes")
    yardstick = next(iter(STEPS))

    def row(name: str) -> list[str]:
        pairs = zip(times[name], times[yardstick], strict=True)
        ratio = median(ours / theirs for ours, theirs in pairs)
        return [name, f"{median(times[name]) * 1000:.0f} ms", f"{ratio:.2f}"]

    index = Path(hyper_jupyter.__file__).with_name("static") / "index.js"
    pieces = [
        "## Loading, and one more session",
        table(("in a fresh kernel", "time", f": {yardstick}"), map(row, STEPS)),
    ]
    if index.exists():
        code = index.read_bytes()
        kilobytes = functools.partial("{:.1f} kB".format)
        rows = [
            ("the core of the page (`static/index.js`)", kilobytes(len(code) / 1000), ""),
            ("the core, gzip", kilobytes(len(gzip.compress(code, 9)) / 1000), ""),
            *((what, kilobytes(size / 1000), str(count)) for what, size, count in over_the_wire()),
        ]
        pieces.append(table(("what", "size", "messages"), rows))
    else:
        pieces.append("Sizes not measured: the front end is not built.")
    return "\n\n".join(pieces)


if __name__ == "__main__":
    alone(section, __doc__)
