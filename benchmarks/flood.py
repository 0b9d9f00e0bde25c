"""A million lines on the screen: our pane, JupyterLab's terminal, ``print``, ``append_stdout``.

Each way gets a fresh page and a fresh kernel, and they take turns in rounds. "On screen" is the
frame after the one that drew the last line. The engine or the program itself reports when the
program ended. The longest task of the page's main thread is a wall time. The processor time next to
it shows how long the task would take on a machine that does nothing else.

A part of ``benchmarks.page``; ``python -m benchmarks.page --only flood`` runs it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.part import median, progress, table
from tests.browser.front_ends import JupyterLabPage, write_notebook
from tests.jupyter_server import JupyterServer

TRACED: Final = ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline"]
"""The categories of the browser's trace that contain the tasks of its threads."""

PATIENCE: Final = 60_000
"""Milliseconds that the last line may take; ``inf`` in the table means that it took longer."""

OURS: Final = """
import hyper_jupyter
client = hyper_jupyter.connect({engine!r})
shell = client.run("default", ["sh", "-c", "read go; seq 1 {lines}"])
shell.view()
"""
OURS_END: Final = """
shell.wait(60)
print("ended", client.inspect(shell.container.id)["State"]["FinishedAt"])
client.remove(shell.container.id)
shell.close(True)
"""
PRINT: Final = """
import pathlib, time
for number in range(1, {lines} + 1):
    print(number)
_ = pathlib.Path("ended").write_text(str(time.time()))
"""
OUTPUT: Final = "import ipywidgets\nout = ipywidgets.Output()\nout"
APPEND: Final = """
import pathlib, time
for first in range(1, {lines} + 1, 100):
    out.append_stdout("".join(f"{{n}}\\n" for n in range(first, first + 100)))
_ = pathlib.Path("ended").write_text(str(time.time()))
"""


@dataclass(frozen=True)
class Seen:
    """The figures of one way in one round. Times are in seconds since the start.

    Attributes:
        lines: how many lines it had to show.
        ended: when the program ended.
        drawn: when the last line was on the screen; infinite if it did not come in time.
        longest: milliseconds of the longest task of the page's main thread.
        processor: the most milliseconds of processor time in one such task.
        heap: megabytes by which the page's heap and array buffers grew, after a garbage collection.
        note: what our pane shows about its bytes.
    """

    lines: int
    ended: float
    drawn: float
    longest: float
    processor: float
    heap: float
    note: str = ""


@dataclass
class Stage:
    """A notebook in a fresh page; measures its time, its tasks and its memory."""

    notebook: JupyterLabPage
    before: float = 0.0

    @property
    def page(self) -> Any:
        """Playwright's page."""
        return self.notebook.page

    def memory(self) -> float:
        """Return the megabytes of heap and array buffers, after a garbage collection.

        xterm keeps its lines in array buffers.
        """
        client = self.page.context.new_cdp_session(self.page)
        client.send("HeapProfiler.collectGarbage")
        usage = client.send("Runtime.getHeapUsage")
        client.detach()
        return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6

    def watch(self, screen: str, text: str) -> None:
        """Start watching for a line on a screen, which is an expression of ``page.js``."""
        self.before = self.memory()
        self.page.evaluate(f"text => bench.awaitLine({screen}, text)", text)
        self.page.context.browser.start_tracing(page=self.page, categories=TRACED)

    def start_clock(self) -> None:
        """Start the clock; the next step has to start the program."""
        self.page.evaluate("() => { bench.began = performance.now(); }")

    def result(self, lines: int, ended: Callable[[], float], note: Callable[[], str] = str) -> Seen:
        """Wait for the line and return the figures.

        Args:
            lines: how many lines are shown.
            ended: called after the line has come; returns when the program ended, in seconds since
                the epoch.
            note: called at the end; returns a note for the table.
        """
        late = not self.comes("() => bench.ended")
        trace = self.page.context.browser.stop_tracing()
        tasks = main_thread_tasks(json.loads(trace)["traceEvents"])
        longest = max(task["dur"] for task in tasks) / 1000
        processor = max(task.get("tdur", 0) for task in tasks) / 1000
        if late:
            return Seen(lines, math.nan, math.inf, longest, processor, math.nan)
        began, painted, origin = self.page.evaluate(
            "() => [bench.began, bench.ended.painted, performance.timeOrigin]"
        )
        return Seen(
            lines=lines,
            ended=ended() - (origin + began) / 1000,
            drawn=(painted - began) / 1000,
            longest=longest,
            processor=processor,
            heap=self.memory() - self.before,
            note=note(),
        )

    def comes(self, condition: str) -> bool:
        """Wait for a condition on the page; return whether it came in time."""
        from playwright.sync_api import TimeoutError as TooLate

        try:
            self.page.wait_for_function(condition, timeout=PATIENCE)
        except TooLate:
            return False
        return True

    def written_end(self) -> float:
        """Return the time that the program wrote into a file when it ended."""
        return float(Path(self.notebook.server.folder, "ended").read_text())

    def run(self, number: int) -> None:
        """Start the clock and run a cell."""
        self.start_clock()
        self.notebook.run(number)


def main_thread_tasks(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tasks of the page's main thread: the one in the trace that worked most."""
    threads: dict[tuple[int, int], list[dict[str, Any]]] = {}
    names = {}
    for event in events:
        thread = event["pid"], event["tid"]
        if event["name"] == "RunTask" and event["ph"] == "X":
            threads.setdefault(thread, []).append(event)
        elif event["name"] == "thread_name":
            names[thread] = event["args"]["name"]
    return max(
        (tasks for thread, tasks in threads.items() if names.get(thread) == "CrRendererMain"),
        key=lambda tasks: sum(task["dur"] for task in tasks),
    )


def ours(stage: Stage, lines: int) -> Seen:
    """Show a container in our view; a line to its stdin starts its output."""
    stage.notebook.run(0)
    page = stage.page
    page.locator(".hj-stdout .xterm-rows").wait_for()
    page.locator(".hj-word", has_text="attached").wait_for()
    stage.watch("{root: bench.cell(0).querySelector('.hj-stdout .xterm-rows')}", str(lines))
    stdin = page.get_by_label("stdin", exact=True)
    stdin.fill("go")
    stage.start_clock()
    stdin.press("Enter")

    def ended() -> float:
        stage.notebook.run(1)
        stage.notebook.wait_for_cell(1, 60)
        text = stage.notebook.cell(1).locator(".jp-OutputArea-output").first.inner_text()
        found = re.search(r"ended (\S+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text)
        assert found, text
        zone = found[3].replace("Z", "+00:00")
        whole = dt.datetime.fromisoformat(f"{found[1]}{zone}").timestamp()
        return whole + float(f"0.{found[2] or 0}")

    def note() -> str:
        return str(page.locator(".hj-stdout .hj-bytes").inner_text())

    return stage.result(lines, ended, note)


def terminal(stage: Stage, lines: int) -> Seen:
    """Show the same program in JupyterLab's terminal."""
    page = stage.page
    page.evaluate(
        """async () => {
          const made = await window.jupyterapp.commands.execute("terminal:create-new");
          await made.content.ready;
          bench.terminal = made.content;
        }"""
    )
    page.locator(".jp-Terminal .xterm-helper-textarea").focus()
    page.evaluate("() => bench.watch(bench.theirs(), () => {})")
    page.wait_for_function("() => /[$#]\\s*$/.test(bench.lines().join('').trimEnd())")
    page.keyboard.type(f"seq 1 {lines}; date +%s.%N > '{stage.notebook.server.folder}/ended'")
    stage.watch("bench.theirs()", str(lines))
    stage.start_clock()
    page.keyboard.press("Enter")
    seen = stage.result(lines, stage.written_end)
    page.evaluate("() => bench.terminal.session.shutdown()")
    return seen


def print_loop(stage: Stage, lines: int) -> Seen:
    """Show the lines by a cell that prints."""
    stage.watch("bench.output(0)", str(lines))
    stage.run(0)
    return stage.result(lines, stage.written_end)


def append_stdout(stage: Stage, lines: int) -> Seen:
    """Show the lines by ``Output.append_stdout``, a hundred at a time, from the next cell."""
    stage.notebook.run(0)
    stage.notebook.wait_for_cell(0)
    stage.watch("bench.output(0)", str(lines))
    stage.run(1)
    return stage.result(lines, stage.written_end)


@dataclass(frozen=True)
class Way:
    """A way to show lines: its name, the function that runs it, its cells, its share of the lines.

    The share is one in ``share`` lines.
    """

    name: str
    run: Callable[[Stage, int], Seen]
    cells: Sequence[str]
    share: int = 1
    """More than 1, because `print` takes minutes and `append_stdout` sends all lines each time."""


WAYS: Final = (
    Way("ours", ours, (OURS, OURS_END)),
    Way("JupyterLab's terminal", terminal, ("",)),
    Way("`print` in a cell", print_loop, (PRINT,), 10),
    Way("`Output.append_stdout`", append_stdout, (OUTPUT, APPEND), 200),
)


def measure(
    server: JupyterServer,
    new_page: Callable[[], Any],
    *,
    engine: str,
    lines: int,
    rounds: int,
    ways: Sequence[Way] = WAYS,
) -> dict[str, list[Seen]]:
    """Measure all ways, in turns."""
    found: dict[str, list[Seen]] = {way.name: [] for way in ways}
    for turn in range(rounds):
        for number, way in enumerate(ways):
            share = lines // way.share
            cells = [cell.format(engine=engine, lines=share) for cell in way.cells]
            page = new_page()
            name = write_notebook(server.folder, f"flood-{turn}-{number}.ipynb", cells, "python3")
            notebook = JupyterLabPage(page, server, name).open()
            seen = way.run(Stage(notebook), share)
            found[way.name].append(seen)
            progress(f"round {turn + 1}, {way.name}: {seen}")
            page.evaluate("() => window.jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")
            page.close()
    return found


def report(found: Mapping[str, list[Seen]]) -> str:
    """Return the table, as Markdown."""

    def middle(name: str, pick: Callable[[Seen], float]) -> float:
        return median(pick(seen) for seen in found[name])

    def rate(name: str) -> float:
        return middle(name, lambda seen: seen.lines / seen.drawn)

    rows = [
        [
            name,
            f"{each[0].lines:,}",
            f"{middle(name, lambda seen: seen.drawn):.2f}",
            f"{middle(name, lambda seen: seen.drawn - seen.ended):.2f}",
            f"{middle(name, lambda seen: seen.longest):.0f}",
            f"{middle(name, lambda seen: seen.processor):.0f}",
            f"{middle(name, lambda seen: seen.heap):+.1f}",
            f"{rate('ours') / rate(name):.1f}",
        ]
        for name, each in found.items()
    ]
    head = ["shown by", "lines", "s in all", "s from the program's end to the last line"]
    head += ["longest task ms", "most processor ms in a task", "MB more in the page"]
    head += ["lines per s, ours : it"]
    notes = {seen.note for seen in found["ours"] if seen.note}
    return f"{table(head, rows)}\n\nOur pane says of its bytes: {'; '.join(sorted(notes))}."
