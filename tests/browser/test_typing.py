"""Typing into a container, and leaving it, while the kernel runs a cell.

Where nothing else is said without a link, as on a page in a browser on another machine: a link
passes the kernel's queue by.

The real path: the embedded engine, the magics, a container that answers each line. Each test
reads the container's answers, byte by byte, from the transcript; the cell that keeps the
kernel busy writes them down as its last act, so what is in that file came before its end.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.front_ends import NotebookPage
from tests.browser.parts import Notes, note_of

# Opening, attaching and a sleep of 20 s: half of the time is left for a slow machine.
pytestmark = pytest.mark.timeout(110)

CONNECT = """
%load_ext hyper_jupyter
%hyper_connect local:
"""
START = """
%hyper run -d -i --name web default sh -c 'while IFS= read -r l; do printf "got %s\\n" "$l"; done'
"""
FLOOD = """
import sys
from pathlib import Path

Path("flood.py").write_text('''
import os, sys, threading, time

def write(data):
    global written
    with lock:
        written += os.write(1, data)
        return written

def answer():
    for number, line in enumerate(open(0, "rb"), 1):
        total = write(b"got " + line)
        if number == 20:  # whoever has received so many bytes has all answers
            with open(sys.argv[1] + ".new", "w") as file:
                file.write(str(total))
            os.replace(sys.argv[1] + ".new", sys.argv[1])
            answered.set()

written, answered = 0, threading.Event()
lock = threading.Lock()
threading.Thread(target=answer, daemon=True).start()
end = time.monotonic() + 80
while not answered.wait(0.04) and time.monotonic() < end:  # as long as somebody types
    write(b"flood flood flood flood flood!!\\\\n" * 2048)
''')
program = f"{sys.executable} -P {Path('flood.py').absolute()} {Path('answered').absolute()}"
get_ipython().run_line_magic("hyper", f"run -d -i --name web default {program}")
"""
ATTACH = "s = %hyper_attach web"
BUSY = """
import time
from contextlib import suppress
from pathlib import Path

print("started", flush=True)
with suppress(KeyboardInterrupt):  # a test that has seen enough need not wait for the end
{busy}
answers = [line for line in s.stdout.getvalue().splitlines(True) if line.startswith(b"got ")]
Path("{file}").write_bytes(b"".join(answers))
"""
LATER = 'Path("{file}").write_bytes(s.stdout.getvalue())'
SLEEP = "time.sleep(20)"
LOOP = """
end = time.time() + {seconds}
while time.time() < end:
    pass
"""
LONG_LOOP = LOOP.format(seconds=40)  # interrupted as soon as all is seen
# A flood shows no answers: the cell itself sees when all of them have been received.
FLOODED_LOOP = """
end, due = time.time() + 70, None
while time.time() < end and (due is None or len(s.stdout) < due):
    for _ in range(1_000_000):
        pass
    if due is None and Path("answered").exists():
        due = int(Path("answered").read_text())
"""
LINES = [f"line {number}: 'a' \\ ü  €" for number in range(1, 21)]
ANSWERS = "".join(f"got {line}\n" for line in LINES).encode()
ATTACHED, RUNNING, READING = 2, 3, 4


def stdout_of(notebook: NotebookPage) -> Any:
    return notebook.cell(ATTACHED).get_by_role("log", name="stdout log")


def enter(notebook: NotebookPage, line: str) -> None:
    stdin = notebook.cell(ATTACHED).get_by_label("stdin", exact=True)
    stdin.fill(line)
    stdin.press("Enter")


def busy_notebook(
    opener: Callable[..., NotebookPage],
    name: str,
    start: str,
    busy: str,
    *,
    at_once: bool,
    first: str = "",
    **where: Any,
) -> NotebookPage:
    """A notebook whose fourth cell has begun to keep the kernel busy.

    Args:
        opener: the fixture.
        name: of the notebook, and of the file that its cells write.
        start: starts the container.
        busy: keeps the kernel busy.
        at_once: run all cells, instead of each as soon as the one before it has ended.
        first: a line that is typed and answered before, so that kernel and page know each other.
        where: front end and kernel, and whether it may be reached by a link.
    """
    running = BUSY.format(busy=indent(busy, "    "), file=f"{name}-{RUNNING}.txt")
    reading = LATER.format(file=f"{name}-{READING}.txt")
    cells = [CONNECT, start, ATTACH, running, reading]
    notebook = opener(f"{name}.ipynb", cells, **where)
    if at_once:
        notebook.run_all()
    else:
        for number in range(RUNNING):
            notebook.run(number)
            notebook.wait_for_cell(number)
        if first:
            enter(notebook, first)
            expect(stdout_of(notebook)).to_contain_text(f"got {first}")
        notebook.run(RUNNING)
    expect(notebook.cell(RUNNING)).to_contain_text("started")
    return notebook


def written(notebook: NotebookPage, number: int) -> bytes:
    """What the container had answered when a cell, RUNNING or READING, ended."""
    notebook.wait_for_cell(number, timeout=75)
    return (
        notebook.server.folder / f"{notebook.name.removesuffix('.ipynb')}-{number}.txt"
    ).read_bytes()


@pytest.mark.parametrize(
    ("front_end", "at_once", "start", "busy"),
    [
        pytest.param("jupyterlab", False, START, SLEEP, id="jupyterlab-one by one-sleep"),
        pytest.param("jupyterlab", True, START, SLEEP, id="jupyterlab-run all-sleep"),
        pytest.param("notebook", True, START, SLEEP, id="notebook-run all-sleep"),
        pytest.param("notebook", False, START, LONG_LOOP, id="notebook-one by one-loop"),
        pytest.param("jupyterlab", True, FLOOD, FLOODED_LOOP, id="jupyterlab-run all-loop-flood"),
    ],
)
def test_twenty_lines_are_answered_in_order_while_a_cell_runs(
    open_notebook: Any, front_end: str, at_once: bool, start: str, busy: str
) -> None:
    notebook = busy_notebook(
        open_notebook, "typed", start, busy, at_once=at_once, front_end=front_end, linked=False
    )
    on_screen = expect(stdout_of(notebook))
    for line in LINES:
        enter(notebook, line)
        if not at_once:  # a patient person, who waits for each answer
            on_screen.to_contain_text(f"got {line}", timeout=10_000)
    if start is START:  # a flood leaves nothing on the screen for long
        on_screen.to_contain_text(f"got {LINES[-1]}", timeout=10_000)
    notebook.screenshot(f"typed-{front_end}")
    if start is START:  # beside a flood the cell ends by itself, as soon as all are answered
        assert not notebook.has_run(RUNNING)
        notebook.interrupt()
    assert written(notebook, RUNNING) == ANSWERS


@pytest.mark.parametrize("front_end", ["jupyterlab", "notebook"])
def test_detach_leaves_while_a_cell_runs(open_notebook: Any, front_end: str) -> None:
    busy = "with suppress(KeyboardInterrupt):\n    time.sleep(40)\nprint('it was', s.state)"
    notebook = busy_notebook(
        open_notebook, "left", START, busy, at_once=True, front_end=front_end, linked=False
    )
    cell = notebook.cell(ATTACHED)
    cell.get_by_role("button", name="Detach").click()
    expect(cell.locator(".hj-state")).to_have_text("detached")
    assert not notebook.has_run(RUNNING)
    notebook.interrupt()
    notebook.wait_for_cell(RUNNING)
    expect(notebook.cell(RUNNING)).to_contain_text("it was detached")


FROM_THE_CELL = """
s.send_line("from the cell")
end = time.monotonic() + 20
while b"got from the cell\\n" not in s.stdout.getvalue() and time.monotonic() < end:
    time.sleep(0.02)
time.sleep(40)
"""


@pytest.mark.parametrize(
    ("front_end", "kernel"), [("jupyterlab", "ipykernel6"), ("nbclassic", "python3")]
)
def test_without_subshells_lines_wait_visibly_and_arrive_in_order_behind_the_cell(
    open_notebook: Any, ipykernel6: str, front_end: str, kernel: str
) -> None:
    notebook = busy_notebook(
        open_notebook,
        "queued",
        START,
        FROM_THE_CELL,
        at_once=False,
        front_end=front_end,
        kernel=kernel,
        linked=False,
    )
    status = note_of(notebook.cell(ATTACHED))
    enter(notebook, LINES[0])
    expect(status).to_have_text("kernel busy, 1 input queued")
    for line in LINES[1:3]:
        enter(notebook, line)
    expect(status).to_have_text("kernel busy, 3 inputs queued")
    notebook.screenshot(f"queued-{front_end}")
    assert not notebook.has_run(RUNNING)
    notes = Notes(notebook.cell(ATTACHED))
    # Only what the cell itself has sent was answered before its end.
    notebook.interrupt()
    assert written(notebook, RUNNING) == b"got from the cell\n"
    expect(stdout_of(notebook)).to_contain_text(f"got {LINES[2]}")
    notes.expect(f"sent: {LINES[2]}")
    notebook.run(READING)
    everything = "got from the cell\n" + "".join(f"got {line}\n" for line in LINES[:3])
    assert written(notebook, READING) == everything.encode()


@pytest.mark.parametrize(
    ("front_end", "kernel"),
    [("jupyterlab", "ipykernel6"), ("nbclassic", "python3"), ("jupyterlab", "python3")],
)
def test_by_a_link_lines_are_answered_while_a_cell_runs_without_subshells_too(
    open_notebook: Any, ipykernel6: str, front_end: str, kernel: str
) -> None:
    notebook = busy_notebook(
        open_notebook,
        "linked",
        START,
        LONG_LOOP,
        at_once=False,
        first=LINES[0],
        front_end=front_end,
        kernel=kernel,
    )
    for line in LINES[1:]:
        enter(notebook, line)
    expect(stdout_of(notebook)).to_contain_text(f"got {LINES[-1]}", timeout=10_000)
    notebook.cell(ATTACHED).get_by_role("button", name="Detach").click()
    expect(notebook.cell(ATTACHED).locator(".hj-state")).to_have_text("detached")
    assert not notebook.has_run(RUNNING)
    notebook.interrupt()
    assert written(notebook, RUNNING) == ANSWERS
