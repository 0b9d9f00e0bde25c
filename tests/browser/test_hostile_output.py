"""Output that means harm changes nothing outside its pane and types nothing, live and after F5."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import Notes

pytestmark = pytest.mark.timeout(110)

SESSION = """
from hyper_jupyter.widgets import SessionWidgets
from tests.hostile_output import corpus
from tests.widgets.fakes import ScriptedSession
{name} = ScriptedSession("{name}", tty={tty})
{name}.output(b"before\\r\\n" * 20)  # a pane of lines grows with them, up to its limit
SessionWidgets({name}).view()
"""
CORPUS = """
for session in (tty, log):
    for name, data in corpus().items():
        session.output(data)
    # CAN ends a sequence that is open, RIS puts the terminal back. A pane that is drawn anew may
    # get all of this at once, and is as high as what is there at the end.
    session.output(b"\\x18\\x1bcall of it came\\r\\n" + corpus()["links that run or read"])
    session.output(b"\\r\\n" + b"after\\r\\n" * 20 + b"the end")
"""
SENT = """
print("typed:", [x.encode() if isinstance(x, str) else x for x in log.sent + tty.sent], "end")
"""
WORKSPACE = re.compile(r"(/workspaces/| - )auto-\w+")
"""JupyterLab's name for a page beside others of the same browser; it may change with a reload."""

ANSWER = re.compile(
    rb"\x1b(\[[?>]?[0-9;]*(c|n|R|\$y)|\[[IO]|\](4;[0-9]+|1[012]);rgb:[0-9a-f/]{14}\x1b\\"
    rb"|P[01]\$r[0-9;]*( q|\"[pq]|[mr])?\x1b\\)"
)
"""What a terminal may say to a program that it shows: nothing in it is the program's own text."""


def typed(notebook: Any) -> list[bytes]:
    notebook.run(3)
    notebook.wait_for_cell(3)
    line = re.compile(r"typed: \[(.*)\] end")
    expect(notebook.cell(3)).to_contain_text(line)
    found = line.search(notebook.cell(3).inner_text())
    assert found is not None
    return [
        eval(item) for item in re.findall(r"b'(?:[^'\\]|\\.)*'|b\"(?:[^\"\\]|\\.)*\"", found[1])
    ]


@pytest.mark.claim(
    "What containers print is text: markup, links, terminal titles and clipboard sequences in it "
    "do nothing, on the page or in a saved output."
)
def test_hostile_output_changes_nothing_outside_its_pane_and_types_nothing(
    open_notebook: Any, page: Any
) -> None:
    cells = [SESSION.format(name="tty", tty=True), SESSION.format(name="log", tty=False)]
    notebook = open_notebook("hostile.ipynb", [*cells, CORPUS, SENT])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    events: list[str] = []
    page.on("dialog", lambda dialog: (events.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: events.append(str(error)))
    page.on("request", lambda request: outside(request, notebook, events))
    page.on("download", lambda download: events.append(download.url))
    panes = [notebook.cell(number).locator(".hj-pane").first for number in (0, 1)]
    logs = [notebook.cell(number).get_by_role("log", name="stdout log") for number in (0, 1)]
    for number in (0, 1):
        notebook.run(number)
        expect(panes[number].locator(".xterm-rows > div")).to_have_count(14)
    notebook.save()
    page.evaluate("() => navigator.clipboard.writeText('untouched')")

    def surroundings() -> list[Any]:
        return [
            WORKSPACE.sub("", page.title().removesuffix("*").strip()),
            WORKSPACE.sub("", page.url),
            page.evaluate("() => navigator.clipboard.readText()"),
            len(page.context.pages),
            page.locator(".hyper-jupyter").locator("script, iframe, img, object, a").count(),
            [(box["width"], box["height"]) for box in (pane.bounding_box() for pane in panes)],
        ]

    before = surroundings()
    assert before[2] == "untouched"
    notebook.run(2)
    for log in logs:
        expect(log).to_contain_text("the end")
    assert surroundings() == before
    answers = typed(notebook)
    assert len(answers) > 20  # it is a terminal
    assert [answer for answer in answers if not ANSWER.fullmatch(answer)] == []
    notebook.screenshot("hostile")
    notebook.save()
    notebook.reload()
    for log, pane in zip(logs, panes, strict=True):
        expect(log).to_contain_text("the end")
        expect(pane.locator(".xterm-rows > div")).to_have_count(14)  # it grows with the output
    assert surroundings() == before
    # Not a single one of them again, and none from the log pane at any time.
    assert typed(notebook) == answers

    # Both still work, and what looks like a link to a script is none.
    screen = panes[0].locator(".xterm-screen")
    for x in (10, 60, 120):
        screen.click(position={"x": x, "y": 22})
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    page.keyboard.press("y")
    stdin = notebook.cell(1).get_by_label("stdin", exact=True)
    stdin.fill("hello")
    notes = Notes(notebook.cell(1))
    stdin.press("Enter")
    notes.expect("sent: hello")
    assert typed(notebook) == [b"hello\n", *answers, b"y"]
    assert surroundings() == before
    assert events == []


def outside(request: Any, notebook: Any, events: list[str]) -> None:
    """Note what is asked from anybody but the notebook's server."""
    if not request.url.startswith((notebook.server.url.split("/?")[0], "data:", "blob:")):
        events.append(request.url)
