"""A page that is loaded again: ten sessions of 10,000 lines each, beside ten cells with as many.

The kernel lives on. The clock starts when the browser begins to load the page. Printed lines are in
the notebook's file and need no kernel; ours come from the kernel, so how long after it they come is
said, too. The longest task is that of the page after it has the kernel; the memory is what the page
has more than with an empty notebook.

``python -m benchmarks.reload`` prints Markdown tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from benchmarks.page import jupyter_pages
from benchmarks.part import Options, alone, median, progress, table
from tests.browser.front_ends import JupyterLabPage, write_notebook
from tests.jupyter_server import JupyterServer

CELLS: Final = 10
IN_SIGHT: Final = 3
"""Cells that are waited for: JupyterLab draws those out of sight when somebody scrolls there."""

LINES: Final = 10_000
TEXT: Final = (
    "line %07.0f of a log, with as many words as a line of a log often has: a hundred bytes"
)
SETTLE: Final = 3_000
"""Milliseconds after the last first line in which nothing long may come."""

OURS: Final = """
import hyper_jupyter
client = hyper_jupyter.connect("local:")
"""
VIEW: Final = (
    f"""client.run("default", ["sh", "-c", 'seq -f "{TEXT}" {LINES}; sleep 1000']).view()"""
)
PRINT: Final = f"""for n in range({LINES}): print("{TEXT}" % n)"""

WATCH: Final = """() => {
  const seen = (window.seen = { kernel: null, tasks: [], shown: {} });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.tasks.push([startTime, duration]);
  }).observe({ type: "longtask" });
  const look = () => {
    const now = performance.now();
    const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
    if (kernel) seen.kernel ??= now;
    for (const [n, cell] of document.querySelectorAll(".jp-NotebookPanel .jp-Cell").entries()) {
      const lines = ".xterm-rows > div, .jp-OutputArea-output pre";
      if (seen.shown[n]) continue;
      for (const line of cell.querySelectorAll(lines)) {
        if (line.textContent.startsWith("line ")) seen.shown[n] = now;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@dataclass(frozen=True)
class Way:
    """A way to have lines in a notebook: its name, and its cells."""

    name: str
    setup: str
    cell: str


WAYS: Final = (Way("`print`", "pass", PRINT), Way("ours", OURS, VIEW))


@dataclass(frozen=True)
class Seen:
    """What a page did: milliseconds, and megabytes."""

    first: float
    waited: float
    last: float
    task: float
    heap: float
    file: float


def measure(
    server: JupyterServer, new_page: Callable[[], Any], rounds: int
) -> dict[str, list[Seen]]:
    """Load the page of each way again, in turns."""
    pages = {way.name: _prepared(server, new_page(), way) for way in WAYS}
    empty = _prepared(server, new_page(), Way("empty", "pass", ""))
    found: dict[str, list[Seen]] = {way.name: [] for way in WAYS}
    for turn in range(rounds):
        base = _loaded(empty, 0).heap
        for name, notebook in pages.items():
            seen = _loaded(notebook, IN_SIGHT)
            found[name].append(replace(seen, heap=seen.heap - base))
            progress(f"round {turn + 1}, {name}: {seen.first:.0f} ms, {seen.last:.0f} ms")
    return found


def _prepared(server: JupyterServer, page: Any, way: Way) -> JupyterLabPage:
    """Return a notebook whose cells have run, and that is saved."""
    cells = [way.setup, *([way.cell] * (CELLS if way.cell else 0))]
    name = f"reload-{WAYS.index(way) if way in WAYS else 'empty'}.ipynb"
    page.add_init_script(f"({WATCH})()")
    notebook = JupyterLabPage(page, server, write_notebook(server.folder, name, cells, "python3"))
    notebook.open()
    notebook.run_all()
    notebook.wait_for_cell(len(cells) - 1, timeout=120)
    page.wait_for_timeout(SETTLE)
    notebook.save()
    return notebook


def _loaded(notebook: JupyterLabPage, cells: int) -> Seen:
    """Load a page again, and return what it did until some time after its first lines."""
    page = notebook.page
    page.bring_to_front()
    page.goto(notebook.url)
    page.wait_for_function("() => window.seen.kernel", timeout=60_000)
    page.wait_for_function(
        "cells => Object.keys(window.seen.shown).length >= cells", arg=cells, timeout=60_000
    )
    page.wait_for_timeout(SETTLE)
    seen = page.evaluate("() => window.seen")
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    kinds = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
    heap = sum(usage[kind] for kind in kinds) / 1e6
    size = (notebook.server.folder / notebook.name).stat().st_size / 1e3
    began, shown = seen["kernel"], sorted(seen["shown"].values())[:cells]
    tasks = [length for at, length in seen["tasks"] if at > began]
    first, last = (shown[0], shown[-1]) if shown else (0.0, 0.0)
    return Seen(first, first - began, last, max(tasks, default=0.0), heap, size)


def section(options: Options) -> str:
    """Return the figures, as Markdown."""
    with jupyter_pages() as (server, new_page):
        found = measure(server, new_page, options.times(7, 2))
    rows = []
    for name, seen in found.items():
        pairs = zip(seen, found[WAYS[0].name], strict=True)
        rows.append(
            [
                name,
                f"{median(each.first for each in seen):.0f}",
                f"{median(one.first / other.first for one, other in pairs):.2f}",
                f"{median(each.waited for each in seen):.0f}",
                f"{median(each.last for each in seen):.0f}",
                f"{median(each.task for each in seen):.0f}",
                f"{median(each.heap for each in seen) / CELLS:.1f}",
                f"{median(each.file for each in seen) / CELLS:.1f}",
            ]
        )
    head = [
        "lines by",
        "first line, ms",
        f": {WAYS[0].name}",
        "after the kernel, ms",
        f"in the first {IN_SIGHT} cells, ms",
    ]
    head += ["longest task, ms", "MB of the page for each cell", "kB of the file for each cell"]
    load = f"Load over the last five minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores."
    title = f"## A page that is loaded again, {CELLS} cells with {LINES:,} lines each"
    return f"{title}\n\n{table(head, rows)}\n\n{load}"


if __name__ == "__main__":
    alone(section, __doc__)
