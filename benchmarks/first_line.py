"""From running a cell to the first line on the screen: our view, beside ``ipywidgets.Output``.

The same program prints one line. Each way gets a fresh page and a fresh kernel, which has imported
everything and has an engine; the ways take turns in rounds. Two cells of a page are measured: the
first one needs our code, which the page does not have yet, the second one has it. "On the screen"
is the frame after the one that drew the line.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.page import jupyter_pages
from benchmarks.part import Options, alone, median, progress, table
from tests.browser.front_ends import JupyterLabPage, write_notebook
from tests.jupyter_server import JupyterServer

OURS: Final = """
import hyper_jupyter
hyper_jupyter.configure(front_end={choice!r})
client = hyper_jupyter.connect("local:")
"""
VIEW: Final = 'client.run("default", ["sh", "-c", "echo line {number}"]).view()'
THEIRS: Final = """
import subprocess, ipywidgets
from IPython.display import display
"""
OUTPUT: Final = """
out = ipywidgets.Output()
display(out)
done = subprocess.run(["sh", "-c", "echo line {number}"], capture_output=True, text=True)
out.append_stdout(done.stdout)
"""


@dataclass(frozen=True)
class Way:
    """A way to show a line: its name, the cells, and where the line is in the cell's output."""

    name: str
    setup: str
    cell: str
    where: str


WAYS: Final = (
    Way("`ipywidgets.Output`", THEIRS, OUTPUT, "pre"),
    Way("ours, by the extension", OURS.format(choice="extension"), VIEW, ".xterm-rows > div"),
    Way("ours, by anywidget", OURS.format(choice="anywidget"), VIEW, ".xterm-rows > div"),
)


def measure(
    server: JupyterServer, new_page: Callable[[], Any], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Return the milliseconds of the first and the second cell, by way and round."""
    found: dict[str, list[tuple[float, float]]] = {way.name: [] for way in WAYS}
    for turn in range(rounds):
        for number, way in enumerate(WAYS):
            cells = [way.setup, *(way.cell.format(number=n) for n in (1, 2))]
            name = write_notebook(server.folder, f"first-{turn}-{number}.ipynb", cells, "python3")
            page = new_page()
            notebook = JupyterLabPage(page, server, name).open()
            notebook.run(0)
            notebook.wait_for_cell(0)
            seen = (_milliseconds(notebook, way, 1), _milliseconds(notebook, way, 2))
            found[way.name].append(seen)
            progress(f"round {turn + 1}, {way.name}: {seen[0]:.0f} ms, {seen[1]:.0f} ms")
            page.evaluate("() => window.jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")
            page.close()
    return found


def _milliseconds(notebook: JupyterLabPage, way: Way, number: int) -> float:
    """Run a cell, and return the milliseconds until its line is on the screen."""
    page = notebook.page
    page.evaluate(
        "([number, where, text]) => bench.awaitFirst(number, where, text)",
        [number, way.where, f"line {number}"],
    )
    notebook.run(number)
    page.wait_for_function("() => bench.ended", timeout=60_000)
    began, ended = page.evaluate("() => [bench.began, bench.ended.painted]")
    return float(ended - began)


def section(options: Options) -> str:
    """Return the figures, as Markdown."""
    with jupyter_pages() as (server, new_page):
        found = measure(server, new_page, options.times(9, 2))
    yardstick = WAYS[0].name

    def row(name: str) -> list[str]:
        cells = [name]
        for cell in (0, 1):
            pairs = zip(found[name], found[yardstick], strict=True)
            ratio = median(ours[cell] / theirs[cell] for ours, theirs in pairs)
            cells += [f"{median(each[cell] for each in found[name]):.0f}", f"{ratio:.2f}"]
        return cells

    head = ["shown by", "first on the page, ms", f": {yardstick}"]
    head += ["next on the page, ms", f": {yardstick}"]
    load = f"Load over the last five minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores."
    return f"## The first line on the screen\n\n{table(head, map(row, found))}\n\n{load}"


if __name__ == "__main__":
    alone(section, __doc__)
