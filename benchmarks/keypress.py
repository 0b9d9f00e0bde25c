"""Keypress to screen: a shell on a TTY in our pane, and in JupyterLab's own terminal.

Both are in one page of one JupyterLab and take turns in rounds. Keys are real input events at a
person's speed. A key's time begins with the event's time stamp. It ends in the animation frame in
which xterm has drawn the key's echo (see ``page.js``).

A part of ``benchmarks.page``; ``python -m benchmarks.page --only keypress`` runs it.
"""

from __future__ import annotations

import random
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.part import median, progress, table
from tests.browser.front_ends import JupyterLabPage, write_notebook
from tests.jupyter_server import JupyterServer

PROMPT: Final = "bench$ "
LINE: Final = 30
"""Keys until the line is deleted and the next one begins."""

STEPS: Final = ("key → send", "send → first frame", "first → echo frame", "echo frame → drawn")

CELL: Final = """
import hyper_jupyter
client = hyper_jupyter.connect({engine!r})
shell = client.run("default", ["sh"], tty=True, auto_remove=True)
shell.view()
"""


@dataclass
class Keys:
    """The figures of one of the two: milliseconds per key, in all and for its four steps."""

    times: list[float] = field(default_factory=list)
    steps: list[tuple[float, float, float, float]] = field(default_factory=list)

    def add(self, seen: dict[str, Any], path: str) -> None:
        """Add what the page saw in one round, on the websockets whose path contains ``path``."""
        sends = [at for at, where in seen["sends"] if path in where]
        frames = [(at, echo) for at, where, echo in seen["receipts"] if path in where]
        for key in seen["keys"]:
            began, drawn = key["at"], key["drawn"]
            self.times.append(drawn - began)
            sent = next((at for at in sends if at >= began), None)
            if sent is None or sent > drawn:
                continue
            after = [(at, echo) for at, echo in frames if sent < at <= drawn]
            echoed = [at for at, echo in after if echo]
            if echoed:
                first, last = after[0][0], echoed[-1]
                self.steps.append((sent - began, first - sent, last - first, drawn - last))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a ``share`` of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Typist:
    """Types on the screen that has the focus, at ``rate`` keys per second."""

    def __init__(self, page: Any, rate: float, seed: int) -> None:
        self._page = page
        self._rate = rate
        self._random = random.Random(seed)

    def type(self, screen: str, count: int) -> dict[str, Any]:
        """Type ``count`` keys on a screen; return what the page saw.

        Args:
            screen: an expression of ``page.js``.
            count: how many keys.
        """
        self._page.evaluate(f"prompt => bench.startKeys({screen}, prompt)", PROMPT)
        seen: dict[str, Any] = {"keys": [], "sends": [], "receipts": []}
        while count > 0:
            keys = min(LINE, count)
            self._line(keys)
            count -= keys
        for name in seen:
            seen[name] = self._page.evaluate(f"bench.{name}")
        return seen

    def _line(self, keys: int) -> None:
        due = time.monotonic()
        for _ in range(keys):
            self._page.keyboard.press(self._random.choice(string.ascii_lowercase))
            due += self._random.uniform(0.7, 1.3) / self._rate
            time.sleep(max(0.0, due - time.monotonic()))
        self._page.wait_for_function("() => bench.undrawn() === 0")
        self._page.keyboard.press("Control+u")
        self._page.evaluate("() => { bench.typed = ''; }")
        self._page.wait_for_function("prompt => bench.ready(prompt)", arg=PROMPT)


@dataclass
class Desk:
    """A page with both shells, each in its own tab."""

    notebook: JupyterLabPage

    def set_up(self) -> None:
        """Open both and give them the same prompt."""
        page = self.notebook.page
        self.notebook.run(0)
        page.locator(".hj-terminal .xterm-rows").wait_for()
        self.to_ours()
        self._set_prompt("bench.ours(0)")
        page.evaluate(
            """async () => {
              const made = await window.jupyterapp.commands.execute("terminal:create-new");
              await made.content.ready;
              bench.terminal = made.content;
              bench.tab = made.id;
            }"""
        )
        self.to_theirs()
        self._set_prompt("bench.theirs()")

    def to_ours(self) -> None:
        """Show the notebook and focus our pane."""
        self.notebook.page.evaluate(
            "() => window.jupyterapp.shell.activateById(bench.notebookTab ??="
            " window.jupyterapp.shell.currentWidget.id)"
        )
        self.notebook.page.locator(".hj-terminal .xterm-helper-textarea").focus()
        self._settle()

    def to_theirs(self) -> None:
        """Show JupyterLab's terminal and focus it."""
        self.notebook.page.evaluate("() => window.jupyterapp.shell.activateById(bench.tab)")
        self.notebook.page.locator(".jp-Terminal .xterm-helper-textarea").focus()
        self._settle()

    def _settle(self) -> None:
        # Terminals send their sizes shortly after a tab is shown. The page shows no sign of it.
        time.sleep(0.6)

    def _set_prompt(self, screen: str) -> None:
        page = self.notebook.page
        page.evaluate(f"() => bench.watch({screen}, () => {{}})")
        page.wait_for_function("() => /[$#]\\s*$/.test(bench.lines().join('').trimEnd())")
        # The quotes keep the typed line from looking like the prompt.
        page.keyboard.type(f"PS1='{PROMPT[:3]}''{PROMPT[3:]}'; clear\n")
        page.wait_for_function("prompt => bench.ready(prompt)", arg=PROMPT)


def measure(
    server: JupyterServer, page: Any, *, engine: str, keys: int, rounds: int, rate: float, seed: int
) -> tuple[Keys, Keys]:
    """Measure our pane and JupyterLab's terminal, ``keys`` keys each, in turns."""
    name = write_notebook(
        server.folder, f"keypress-{rate:g}.ipynb", [CELL.format(engine=engine)], "python3"
    )
    notebook = JupyterLabPage(page, server, name).open()
    desk = Desk(notebook)
    desk.set_up()
    typist = Typist(page, rate, seed)
    ours, theirs = Keys(), Keys()
    typist.type("bench.theirs()", 3)
    desk.to_ours()
    typist.type("bench.ours(0)", 3)
    for turn in range(rounds):
        count = keys // rounds + (turn < keys % rounds)
        desk.to_ours()
        seen = typist.type("bench.ours(0)", count)
        linked = any("/link/" in where for _, where in seen["sends"])
        ours.add(seen, "/link/" if linked else "/channels")
        desk.to_theirs()
        theirs.add(typist.type("bench.theirs()", count), "/terminals/")
        progress(
            f"{rate:g} keys/s, round {turn + 1}: ours {median(ours.times):.1f} ms,"
            f" JupyterLab's terminal {median(theirs.times):.1f} ms so far"
        )
    desk.to_ours()
    page.keyboard.type("exit\n")
    page.locator(".hj-state").get_by_text("exited with code").wait_for()
    page.evaluate("() => bench.terminal.session.shutdown()")
    return ours, theirs


def rows(rate: float, ours: Keys, theirs: Keys) -> list[list[str]]:
    """Return one row for each of the two."""
    made = []
    for name, keys in (("ours", ours), ("JupyterLab's terminal", theirs)):
        made.append(
            [
                f"{rate:g}",
                name,
                str(len(keys.times)),
                f"{median(keys.times):.1f}",
                f"{percentile(keys.times, 0.95):.1f}",
                f"{median(keys.times) / median(theirs.times):.1f}",
                *(f"{median(step):.1f}" for step in zip(*keys.steps, strict=True)),
            ]
        )
    return made


def report(found: Sequence[tuple[float, Keys, Keys]]) -> str:
    """Return the table, as Markdown."""
    head = ["keys/s", "shell in", "keys", "median ms", "p95 ms", ": JupyterLab's terminal", *STEPS]
    return table(head, [row for each in found for row in rows(*each)])
