"""Real JupyterLab in real Chromium.

``jupyterlab`` is a server of this very interpreter with every Jupyter folder in a temporary
one; ``page`` a fresh browser page; ``open_notebook`` opens and runs a notebook on it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from tests.browser.lab import (
    RESULTS,
    JupyterLab,
    Missing,
    NotebookPage,
    StartFailed,
    chromium,
    start_jupyterlab,
)

REQUIRED: Final = os.environ.get("HYPER_JUPYTER_TEST_REQUIRE") == "all"


if REQUIRED and importlib.util.find_spec("playwright") is None:
    # The modules skip themselves without it: here is where a forbidden skip is seen.
    raise pytest.UsageError("HYPER_JUPYTER_TEST_REQUIRE=all: the package playwright is missing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _missing(reason: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(f"required by HYPER_JUPYTER_TEST_REQUIRE=all: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium of this machine, no longer than a module."""
    with contextlib.ExitStack() as stack:
        try:
            launched = stack.enter_context(chromium())
        except Missing as problem:
            _missing(str(problem))
        yield launched


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """JupyterLab of this interpreter, with no settings but ours, on a free port."""
    with contextlib.ExitStack() as stack:
        try:
            lab = stack.enter_context(start_jupyterlab(tmp_path_factory.mktemp("jupyterlab")))
        except Missing as problem:
            _missing(str(problem))
        except StartFailed as problem:
            pytest.fail(str(problem), pytrace=False)
        yield lab


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of its own profile; a screenshot of its end is kept in test-results."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    opened = context.new_page()
    yield opened
    RESULTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name)
    with contextlib.suppress(Exception):
        opened.screenshot(path=RESULTS / f"{name}.png")
    context.close()


@pytest.fixture
def open_notebook(jupyterlab: JupyterLab, page: Any) -> Any:
    """A function: name and cells in, :class:`NotebookPage` out, its kernel running."""

    def opener(name: str, cells: Sequence[str]) -> NotebookPage:
        notebook = NotebookPage(page, jupyterlab, jupyterlab.write(name, cells))

        def listen(websocket: Any) -> None:
            def keep(payload: str | bytes) -> None:
                notebook.frames.append(payload.encode() if isinstance(payload, str) else payload)

            websocket.on("framereceived", keep)

        page.on("websocket", listen)
        return notebook.open()

    return opener
