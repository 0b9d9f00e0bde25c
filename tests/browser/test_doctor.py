"""The doctor's page self-test in real JupyterLab, Notebook 7 and nbclassic."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

DOCTOR = """
%load_ext hyper_jupyter
%hyper_doctor local:
"""
DONE = 15_000


def found(notebook: Any, topic: str) -> Any:
    """One finding of the page."""
    return notebook.cell(0).locator(f".hj-finding[data-topic={topic}]")


def diagnosed(notebook: Any) -> str:
    """Run the doctor; what is summed up once everything is known."""
    notebook.run(0)
    status = notebook.cell(0).get_by_role("status")
    expect(status).to_contain_text("ok", timeout=DONE)
    return str(status.inner_text())


def test_with_subshells_and_a_link_the_page_finds_nothing_wrong(open_notebook: Any) -> None:
    notebook = open_notebook("doctor.ipynb", [DOCTOR])
    assert diagnosed(notebook) == "4 ok"
    cell = notebook.cell(0)
    expect(cell).to_contain_text("ok    the engine is local:")
    print(cell.inner_text())
    notebook.screenshot("doctor-light")
