"""Real front ends in real Chromium: JupyterLab, Notebook 7 and nbclassic, on one server.

``jupyter`` is a server of this very interpreter with every Jupyter folder in a temporary
one; ``page`` a fresh browser page; ``open_notebook`` opens a notebook, in JupyterLab on a page
that tests share, unless the test asks for ``page`` too. Kernels are ``python3``,
which is this interpreter, and ``ipykernel6``, made when it is first asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from tests.browser.chromium import Missing, chromium
from tests.browser.front_ends import (
    FRONT_ENDS,
    OPTIONS,
    RESULTS,
    NotebookPage,
    silence,
    write_notebook,
)
from tests.browser.lab import SIZE, KeptPage
from tests.browser.wire import is_link
from tests.jupyter_server import ROOT, JupyterServer, Settings, jupyter_server

REQUIRED: Final = os.environ.get("HYPER_JUPYTER_TEST_REQUIRE") == "all"
STREAM_LIMIT: Final = "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit"
"""Bytes a second of cells' output above which the server drops everything: a tenth of stock, so
that a test is noisy on a slow machine too. Other limits are the stock ones."""
PASSED: Final = pytest.StashKey[bool]()
"""Whether a test's own part has passed."""
PACKAGES: Final = ("jupyterlab", "notebook", "nbclassic")
EMPTY_STORAGE: Final = """
try {
  if (!sessionStorage.getItem("begun")) localStorage.clear();
  sessionStorage.setItem("begun", "yes");
} catch {
  // A frame that is sandboxed has no storage.
}
"""
"""JavaScript: forget, when a tab is used first, what another tab of this browser has stored."""


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of this machine, with one profile, for all files of this process.

    And the event loop that playwright runs in this thread.
    """
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)  # a kernel's start on a busy machine takes long
    with contextlib.ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="hj-", ignore_cleanup_errors=True)
        try:
            context = stack.enter_context(
                chromium(Path(stack.enter_context(folder)), viewport=SIZE)
            )
        except Missing as missing:
            _missing(str(missing))
        context.set_default_timeout(40_000)
        # Playwright leaves its event loop as the one that runs in this thread, and needs it so in
        # each of its calls. Tests of other files run their own.
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield context, loop
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="module")
def profile(browser: Any, lab: KeptPage) -> Iterator[Any]:
    """That browser, as long as a file's tests use it."""
    context, loop = browser
    asyncio._set_running_loop(loop)
    yield context
    _close_pages(context, lab)
    asyncio._set_running_loop(None)
    sys.set_asyncgen_hooks(None, None)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The server's folders: no dialogs about news, no look-ups."""
    settings = Settings(tmp_path_factory.mktemp("jupyter"))
    silence(settings)
    return settings


@pytest.fixture(scope="session")
def jupyter(settings: Settings) -> Iterator[JupyterServer]:
    """A server with all front ends, with no settings but ours, on a free port."""
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            _missing(f"browser tests need the package {package}")
    with jupyter_server(settings, *OPTIONS, f"{STREAM_LIMIT}=100_000") as running:
        yield running


@pytest.fixture(scope="session")
def another_environment(request: pytest.FixtureRequest) -> Callable[[Settings], str]:
    """A function that makes a server's kernel ``ipykernel6``, and gives its name.

    It has ipykernel 6, what the package needs and nothing more, and this checkout's source. The
    environment is kept in pytest's cache, because it takes half a minute to make.
    """
    with (ROOT / "pyproject.toml").open("rb") as file:
        needs = tomllib.load(file)["project"]["dependencies"]
    [kernel] = [need for need in needs if need.startswith("ipykernel")]
    needs = [need for need in needs if need != kernel] + [f"{kernel},<7"]
    version = "{}.{}".format(*sys.version_info)
    folder = Path(request.config.cache.mkdir(f"ipykernel6-{version}"))
    # Of the processes that run the tests, one makes it and the others wait.
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_environment(folder, needs)

    def add(settings: Settings) -> str:
        name = "ipykernel6"
        spec = Path(settings.env["JUPYTER_DATA_DIR"], "kernels", name)
        spec.mkdir(parents=True, exist_ok=True)
        command = [str(folder / "bin" / "python"), "-m", "ipykernel_launcher"]
        (spec / "kernel.json").write_text(
            json.dumps(
                {
                    "argv": [*command, "-f", "{connection_file}"],
                    "display_name": name,
                    "language": "python",
                }
            )
        )
        return name

    return add


@pytest.fixture(scope="session")
def ipykernel6(settings: Settings, another_environment: Callable[[Settings], str]) -> str:
    """The name of that kernel, on the server of all front ends."""
    return another_environment(settings)


def _make_environment(folder: Path, needs: list[str]) -> None:
    """Make a virtual environment that has these packages, unless it is there."""
    done = folder / "done"
    if done.exists() and done.read_text() == "\n".join(needs):
        return
    venv.create(folder, clear=True, symlinks=True, with_pip=False)
    installed = subprocess.run(
        [
            sys.executable, "-P", "-m", "pip", "--python", folder / "bin" / "python", "install",
            "--quiet", "--disable-pip-version-check", *needs,
        ],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    if installed.returncode:
        _missing(f"tests of ipykernel 6 need a package registry:\n{installed.stderr}")
    done.write_text("\n".join(needs))


def unlinked(settings: Settings, kernel: str) -> str:
    """The name of a kernel as that one, but without links, as for a page on another machine."""
    kernels = Path(settings.env["JUPYTER_DATA_DIR"], "kernels")
    spec = kernels / kernel / "kernel.json"
    command = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    argv = json.loads(spec.read_text())["argv"] if spec.exists() else command
    name = f"{kernel}-unlinked"
    (kernels / name).mkdir(parents=True, exist_ok=True)
    (kernels / name / "kernel.json").write_text(
        json.dumps(
            {
                "argv": [*argv, "--DirectLink.enabled=False"],
                "display_name": name,
                "language": "python",
            }
        )
    )
    return name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


def _new_page(profile: Any) -> Any:
    """A page for which the browser remembers nothing.

    It remembers what the test chooses, also when the page is loaded again.
    """
    opened = profile.new_page()
    opened.add_init_script(EMPTY_STORAGE)
    return opened


def _keep_picture(page: Any, request: pytest.FixtureRequest) -> None:
    """Put a screenshot of a test's end into test-results."""
    RESULTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name)
    with contextlib.suppress(Exception):
        page.screenshot(path=RESULTS / f"{name}.png")


def _close_pages(profile: Any, lab: KeptPage) -> None:
    """Close what the test has opened, and take back what it has allowed."""
    profile.clear_permissions()
    profile.unroute_all()
    for page in profile.pages[1:]:  # Chromium has opened the first one itself
        if not lab.is_at(page):
            page.close()


@pytest.fixture(scope="session")
def lab(browser: Any) -> KeptPage:
    """The page that has JupyterLab for all tests."""
    context, _ = browser
    return KeptPage(lambda: _new_page(context))


@pytest.fixture
def page(profile: Any, lab: KeptPage, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of the test's own; a screenshot of its end is in test-results."""
    opened = _new_page(profile)
    yield opened
    _keep_picture(opened, request)
    _close_pages(profile, lab)


@pytest.fixture
def open_notebook(
    request: pytest.FixtureRequest,
    jupyter: JupyterServer,
    settings: Settings,
    profile: Any,
    lab: KeptPage,
) -> Iterator[Callable[..., NotebookPage]]:
    """A function that opens a notebook.

    Name and cells in, and where it is to be: a name of ``FRONT_ENDS`` and of a kernel, and whether
    pages may reach it by a link; :class:`NotebookPage` out, its kernel running. Kernels end with
    the test. JupyterLab is on the page of the other tests, unless the test has its own.
    """
    own = "page" in request.fixturenames
    used = contextlib.ExitStack()

    def opener(
        name: str,
        cells: Sequence[str | dict[str, object]],
        *,
        front_end: str = "jupyterlab",
        kernel: str = "python3",
        linked: bool = True,
    ) -> NotebookPage:
        kept = not own and front_end == "jupyterlab"
        page = lab.page if kept else request.getfixturevalue("page")
        kernel = kernel if linked else unlinked(settings, kernel)
        write_notebook(jupyter.folder, name, cells, kernel)
        notebook = FRONT_ENDS[front_end](page, jupyter, name)

        def listen(websocket: Any) -> None:
            link = is_link(websocket.url)
            if not link and "/channels" not in websocket.url:
                return

            def keep(payload: str | bytes) -> None:
                frame = payload.encode() if isinstance(payload, str) else payload
                notebook.received.append((link, frame))

            websocket.on("framereceived", keep)

        page.on("websocket", listen)
        if not kept:
            return notebook.open()
        used.callback(page.remove_listener, "websocket", listen)
        lab.open(notebook)
        return notebook

    yield opener
    if lab.in_use:
        _keep_picture(lab.page, request)
        _close_pages(profile, lab)
        with used:
            lab.leave(again=request.node.stash.get(PASSED, False))
    jupyter.end_kernels()
    # Whether the state of widgets is saved is remembered, too.
    widgets = Path(settings.env["JUPYTERLAB_SETTINGS_DIR"], "@jupyter-widgets")
    shutil.rmtree(widgets, ignore_errors=True)
