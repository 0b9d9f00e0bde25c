"""Notebooks without a page: run by nbclient, as papermill and ``nbconvert --execute`` do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CONNECT = """
%load_ext hyper_jupyter
import sys, hyper_jupyter as hj
%hyper_connect local:
"""


def run_notebook(
    *cells: str, allow_errors: bool = False, on_execute: Callable[[Any, int], None] | None = None
) -> list[Any]:
    """Run a notebook; return its cells, with their outputs, without the first one, which connects.

    Args:
        cells: sources.
        allow_errors: continue after a cell that fails.
        on_execute: called with the client and the number of a cell, just before that is executed.
    """
    sources = [CONNECT, *cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    client = NotebookClient(
        notebook, timeout=40, kernel_name="python3", allow_errors=allow_errors, record_timing=False
    )
    if on_execute is not None:
        listener = on_execute
        client.on_cell_execute = lambda cell, cell_index: listener(client, cell_index)
    client.execute()
    return list(notebook.cells[1:])


def streams(cell: Any) -> dict[str, str]:
    """Return what a cell printed, by stream."""
    printed = {"stdout": "", "stderr": ""}
    for output in cell.outputs:
        if output.output_type == "stream":
            printed[output.name] += output.text
    return printed


def python(script: str) -> str:
    """The words of ``%hyper run`` that run a script; it has no quotes but double ones."""
    assert "'" not in script
    return f"default {sys.executable} -P -c '{script}'"


__all__ = ["CellExecutionError", "python", "run_notebook", "streams"]
