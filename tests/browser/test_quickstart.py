"""The quickstart notebook in real JupyterLab, run as a person would, on every engine.

The notebook is the shipped one; only its ``%hyper_connect`` line changes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.real_engines import newest_of_each_kind

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01-quickstart.ipynb"
LAPTOP = {"width": 1440, "height": 780}
"""What a screen of 13 inches (1440 by 900) has below the browser's own bars."""

ENGINES = [
    pytest.param("local:", id="local"),
    *(
        pytest.param(engine.url, id=engine.name, marks=pytest.mark.engines)
        for engine in newest_of_each_kind()
    ),
]


@pytest.mark.parametrize("host", ENGINES)
def test_the_quickstart_attaches_types_detaches_and_attaches_again(
    open_notebook: Any, host: str
) -> None:
    document = json.loads(NOTEBOOK.read_text("utf-8"))
    sources = {cell["id"]: "".join(cell["source"]) for cell in document["cells"]}
    assert sources["connect"].count("%hyper_connect local:") == 1
    sources["connect"] = sources["connect"].replace("local:", host)
    code = [cell["id"] for cell in document["cells"] if cell["cell_type"] == "code"]
    notebook = open_notebook("quickstart.ipynb", [sources[name] for name in code])
    number = {name: index for index, name in enumerate(code)}
    attach = notebook.cell(number["attach"])
    stdout = attach.get_by_role("log", name="stdout log")
    stderr = attach.get_by_role("log", name="stderr log")
    state = attach.locator(".hj-state")

    notebook.run_all()
    expect(state).to_have_text("attached")
    expect(stdout).to_contain_text("tick 1")
    expect(stderr).to_contain_text("warning: 3 can be divided by three")
    expect(stdout).not_to_contain_text("warning")
    expect(stderr).not_to_contain_text("tick")
    expect(notebook.cell(number["send"])).to_contain_text("you said: hello from Python")

    typed = attach.get_by_label("stdin", exact=True)
    typed.fill("hello by hand")
    typed.press("Enter")
    expect(stdout).to_contain_text("you said: hello by hand")
    notebook.screenshot(f"quickstart-attached-{host.partition(':')[0]}")

    attach.get_by_role("button", name="Detach").click()
    expect(state).to_have_text("detached")
    notebook.run(number["list"])
    notebook.wait_for_cell(number["list"])
    expect(notebook.cell(number["list"])).to_contain_text("quickstart")
    expect(notebook.cell(number["list"])).to_contain_text("Up")

    notebook.run(number["attach"])
    expect(state).to_have_text("attached")
    typed.fill("here again")
    typed.press("Enter")
    expect(stdout).to_contain_text("you said: here again")
    notebook.screenshot(f"quickstart-again-{host.partition(':')[0]}")


def test_the_first_line_is_seen_without_scrolling_and_what_makes_it_is_read_whole(
    open_notebook: Any,
) -> None:
    document = json.loads(NOTEBOOK.read_text("utf-8"))
    names = [cell["id"] for cell in document["cells"]]
    notebook = open_notebook("first.ipynb", document["cells"])
    page = notebook.page
    page.set_viewport_size(LAPTOP)
    try:
        for name in ("connect", "create", "attach"):
            notebook.run(names.index(name))
            notebook.wait_for_cell(names.index(name))
        attach = notebook.cell(names.index("attach"))
        expect(attach.get_by_role("log", name="stdout log")).to_contain_text("tick 1")
        # Nothing was scrolled, and the output is there.
        expect(notebook.cell(names.index("intro"))).to_be_in_viewport()
        expect(attach.locator(".hj-session")).to_be_in_viewport(ratio=1)
        notebook.screenshot("quickstart-first-line")
        editor = notebook.cell(names.index("create")).locator(".cm-scroller")
        assert editor.evaluate("it => it.scrollWidth <= it.clientWidth")
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})
