"""The shipped notebooks; the quickstart has a test of its own, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PATIENCE = 120


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_shipped_notebook_is_valid_and_has_no_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_output_as_data_runs_without_a_page() -> None:
    notebook = nbformat.read(NOTEBOOKS / "02-output-as-data.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3")
    client.execute()  # raises where an assertion of the notebook fails
    shown = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    (ready,) = shown["ready"]
    assert "recovering from the last checkpoint" in ready.text
    assert "not JSON" in result(shown["load"], "text/plain")
    assert "error      3.0" in result(shown["check"], "text/plain")
    assert "linear-gradient" in result(shown["rates"], "text/html")  # the bars
    assert result(shown["send"], "text/plain") == "'only select is understood'"
    assert shown["connect"] == []


def result(outputs: list[Any], kind: str) -> str:
    """Return what a cell's last value shows."""
    (found,) = (output for output in outputs if output.output_type == "execute_result")
    return str(found.data[kind])
