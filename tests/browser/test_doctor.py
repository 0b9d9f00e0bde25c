"""What the doctor finds out on the page: in real front ends, on kernels with subshells or not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import LONG
from tests.browser.test_accessibility import findings as axe_findings

DOCTOR = """
%load_ext hyper_jupyter
%hyper_doctor local:
"""
SUBSHELLS = "this page uses the kernel's subshells"
OLD_KERNEL = "ipykernel 6."
OLD_PAGE = "this front end does not use the kernel's subshells"


def summary(notebook: Any) -> Any:
    """What all findings of the page come to."""
    return notebook.cell(0).locator(".hj-doctor").get_by_role("status")


def expect_summary(notebook: Any, ok: int, *, note: int = 0, fail: int = 0) -> None:
    """Wait for the sum of all findings; on a busy machine the round trip is a note, too."""

    def text(ok: int, note: int) -> str:
        counts = {"ok": ok, "note": note, "FAIL": fail}
        return ", ".join(f"{count} {word}" for word, count in counts.items() if count)

    expect(summary(notebook)).to_have_text(
        re.compile(f"^({text(ok, note)}|{text(ok - 1, note + 1)})$")
    )


def expect_trip(notebook: Any) -> None:
    """Wait for the finding about the round trip, of whatever length."""
    finding = notebook.cell(0).locator(".hj-finding[data-topic=trip]")
    expect(finding.locator(".hj-mark")).to_have_text(re.compile("^(ok|note)$"))
    expect(finding).to_contain_text("A message to the kernel and back takes ")


def expect_finding(notebook: Any, topic: str, mark: str, *words: str) -> None:
    """Wait for one finding of the page."""
    finding = notebook.cell(0).locator(f".hj-finding[data-topic={topic}]")
    expect(finding.locator(".hj-mark")).to_have_text(mark)
    for part in words:
        expect(finding).to_contain_text(part)


def test_with_subshells_and_a_link_the_page_finds_nothing_wrong(open_notebook: Any) -> None:
    notebook = open_notebook("doctor.ipynb", [DOCTOR])
    notebook.run(0)
    expect_summary(notebook, 4)
    expect_finding(notebook, "front", "ok", "The front end runs: version ")
    expect_trip(notebook)
    expect_finding(notebook, "typing", "ok", SUBSHELLS)
    expect_finding(notebook, "link", "ok", "straight to the kernel's process: ")
    expect(notebook.cell(0)).to_contain_text("ok    the direct link is on")
    expect(notebook.cell(0).get_by_role("region", name="page self-test")).to_be_visible()
    assert len(notebook.cell(0).get_by_role("listitem").all()) == 4
    # What readers without a page get, beside what is printed.
    outputs = json.loads(notebook.save())["cells"][0]["outputs"]
    plain = ["".join(output["data"]["text/plain"]) for output in outputs if "data" in output]
    assert plain == ["(What %hyper_doctor finds on the page appears only in a live notebook.)"]
    notebook.reload()
    expect_summary(notebook, 4)


def test_axe_finds_nothing_in_light_and_dark(open_notebook: Any, ipykernel6: str) -> None:
    notebook = open_notebook("doctor-axe.ipynb", [DOCTOR], kernel=ipykernel6, linked=False)
    notebook.run(0)
    expect_summary(notebook, 2, note=1, fail=1)
    notebook.hide_sidebar()
    expect(notebook.cell(0).locator(".hj-finding").first).to_have_css("text-align", "start")
    for theme in ("Dark", "Light"):
        notebook.set_theme(f"JupyterLab {theme}")
        assert axe_findings(notebook.page) == [], theme
        notebook.screenshot(f"doctor-{theme.lower()}")
    notebook.cell(0).locator(".hj-findings").evaluate("list => { list.role = 'menu'; }")
    assert axe_findings(notebook.page) != []


def test_a_kernel_without_subshells_and_without_a_link_lets_typing_wait(
    open_notebook: Any, ipykernel6: str
) -> None:
    notebook = open_notebook("doctor-6.ipynb", [DOCTOR], kernel=ipykernel6, linked=False)
    notebook.run(0)
    step = "Install ipykernel 7.1 or newer and restart the kernel."
    expect_finding(notebook, "typing", "FAIL", "Typing waits while a cell runs", OLD_KERNEL, step)
    expect_finding(notebook, "link", "note", "it is turned off", "configure(direct_link=True)")
    expect_trip(notebook)
    text = notebook.cell(0).locator(".jp-OutputArea").inner_text()
    assert "FAIL  the kernel (ipykernel 6." in text


def test_a_kernel_without_subshells_is_told_that_the_link_helps(
    open_notebook: Any, ipykernel6: str
) -> None:
    notebook = open_notebook("doctor-6-linked.ipynb", [DOCTOR], kernel=ipykernel6)
    notebook.run(0)
    expect_summary(notebook, 3, note=1)
    expect_finding(notebook, "typing", "note", "by the direct link only", OLD_KERNEL)
    expect_finding(notebook, "link", "ok")


def test_with_subshells_the_page_is_answered_while_a_cell_runs(open_notebook: Any) -> None:
    notebook = open_notebook("doctor-busy.ipynb", [DOCTOR, LONG], linked=False)
    notebook.run_all()
    expect_finding(notebook, "typing", "ok", SUBSHELLS)
    expect_trip(notebook)
    assert not notebook.has_run(1)
    notebook.interrupt()


def test_without_subshells_the_page_says_that_it_waits_and_fills_in_behind_the_cell(
    open_notebook: Any, ipykernel6: str
) -> None:
    cells = [DOCTOR, LONG]
    notebook = open_notebook("doctor-6-busy.ipynb", cells, kernel=ipykernel6, linked=False)
    notebook.run_all()
    expect_finding(notebook, "trip", "note", "has not answered for 5 s", "comes when it ends")
    expect_finding(notebook, "typing", "FAIL")
    assert notebook.has_run(0)
    assert not notebook.has_run(1)
    notebook.interrupt()
    expect_trip(notebook)


@pytest.mark.parametrize(
    ("front_end", "mark", "words"),
    [("notebook", "ok", SUBSHELLS), ("nbclassic", "FAIL", OLD_PAGE)],
)
def test_a_front_end_that_uses_no_subshells_is_told_from_one_that_does(
    open_notebook: Any, front_end: str, mark: str, words: str
) -> None:
    name = f"doctor-{front_end}.ipynb"
    notebook = open_notebook(name, [DOCTOR], front_end=front_end, linked=False)
    notebook.run(0)
    expect_finding(notebook, "typing", mark, words)
    notebook.screenshot(f"doctor-{front_end}")
