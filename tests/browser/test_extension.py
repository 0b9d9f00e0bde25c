"""Servers that have another front end than the kernel, or none, or forbid what the kernel sends."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from hyper_jupyter import __version__
from tests.browser.front_ends import (
    OPTIONS,
    JupyterLabPage,
    page_config,
    silence,
    write_notebook,
)
from tests.browser.parts import enter, log_of
from tests.jupyter_server import JupyterServer, Settings, jupyter_server

VIEW: Final = """
from ipywidgets import HBox
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
web = SessionWidgets(greeter("web"))
web.view(rows=8)
"""
PARTS: Final = "HBox([web.stdout, web.stdin])"
DOCTOR: Final = """
%load_ext hyper_jupyter
%hyper_doctor local:
"""
COMMAND: Final = f'"hyper_jupyter=={__version__}"'
SHARE: Final = Path(sys.prefix, "share", "jupyter", "labextensions", "hyper_jupyter")
FETCHED: Final = """() => performance.getEntriesByType("resource")
  .some(({name}) => name.includes("/hyper_jupyter/static/bundle.js"))"""
IN_THE_BUNDLE: Final = b"Licences of the bundled packages"


def note(received: list[bytes]) -> Callable[[str | bytes], None]:
    """A function that keeps a WebSocket's frames."""
    return lambda frame: received.append(frame.encode() if isinstance(frame, str) else frame)


class Elsewhere:
    """A server whose front end is not what is installed beside it."""

    def __init__(self, settings: Settings, server: JupyterServer) -> None:
        self.settings = settings
        self.server = server

    def turn_off(self, *others: str) -> None:
        """Pages have no extension of ours, as where the package is not installed; nor others."""
        off = dict.fromkeys(("hyper_jupyter", *others), True)
        page_config(self.settings, disabledExtensions=off)

    def install(self, version: str) -> None:
        """Pages have our extension, in another version."""
        page_config(self.settings)
        shutil.rmtree(self._own, ignore_errors=True)
        if version == __version__:
            return
        shutil.copytree(SHARE, self._own)
        manifest = self._own / "package.json"
        load = json.loads(manifest.read_text())["jupyterlab"]["_build"]["load"]
        for name in ("static/bundle.js", load):
            text = (self._own / name).read_text()
            assert f'"{__version__}"' in text
            text = text.replace(f'"{__version__}"', f'"{version}"')
            (self._own / name.replace(".js", f"-{version}.js")).write_text(
                text.replace("bundle.js", f"bundle-{version}.js")
            )
        manifest.write_text(
            manifest.read_text().replace(load, load.replace(".js", f"-{version}.js"))
        )

    def open(self, page: Any, cells: list[str], kernel: str = "python3") -> JupyterLabPage:
        write_notebook(self.server.folder, "elsewhere.ipynb", cells, kernel)
        return JupyterLabPage(page, self.server, "elsewhere.ipynb").open()

    @property
    def _own(self) -> Path:
        return Path(self.settings.env["JUPYTER_DATA_DIR"], "labextensions", "hyper_jupyter")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    settings = Settings(tmp_path_factory.mktemp("elsewhere"))
    silence(settings)
    settings.env["JUPYTER_PREFER_ENV_PATH"] = "0"  # what is installed here hides the rest
    with jupyter_server(settings, *OPTIONS) as server:
        yield Elsewhere(settings, server)


@pytest.fixture
def elsewhere(running: Elsewhere) -> Iterator[Elsewhere]:
    yield running
    running.install(__version__)
    running.server.end_kernels()


def test_a_page_without_the_extension_gets_the_code_through_anywidget(
    elsewhere: Elsewhere, page: Any
) -> None:
    elsewhere.turn_off()
    received: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", note(received)))
    notebook = elsewhere.open(page, [VIEW, PARTS, DOCTOR])
    notebook.run_all()
    view, parts, doctor = (notebook.cell(number) for number in range(3))
    expect(log_of(view)).to_contain_text("hello from web on stdout")
    enter(parts, "one")
    expect(log_of(parts)).to_contain_text("web got one")
    expect(log_of(view)).to_contain_text("web got one")
    expect(doctor).to_contain_text("from the kernel, through anywidget.")
    notebook.screenshot("extension-anywidget")
    assert sum(IN_THE_BUNDLE in frame for frame in received) == 1
    notebook.save()
    received.clear()
    notebook.reload()
    expect(log_of(view)).to_contain_text("web got one")
    assert sum(IN_THE_BUNDLE in frame for frame in received) == 1
    notebook.run(2)
    expect(doctor).to_contain_text("their server has no extension of ours")


def test_without_anywidget_the_line_names_the_command_until_it_was_run(
    elsewhere: Elsewhere, page: Any, another_environment: Callable[[Settings], str]
) -> None:
    elsewhere.turn_off()
    notebook = elsewhere.open(page, [VIEW, PARTS, DOCTOR], another_environment(elsewhere.settings))
    notebook.run_all()
    line = "The Jupyter server does not have hyper_jupyter, so this page cannot show its views."
    step = f"Run {sys.executable} -m pip install {COMMAND}, and reload the page"
    view, parts, doctor = (notebook.cell(number) for number in range(3))
    for cell in (view, parts, doctor):
        expect(cell).to_contain_text(line)
        expect(cell).to_contain_text(step)
    expect(doctor).to_contain_text("Then run %hyper_doctor again.")  # no session says hello there
    notebook.screenshot("extension-missing")
    notebook.run(2)
    expect(doctor).to_contain_text(re.compile(f"FAIL  {re.escape(line)}\n +→ {re.escape(step)}"))
    elsewhere.install(__version__)
    notebook.save()
    notebook.reload()
    expect(log_of(view)).to_contain_text("hello from web on stdout")
    expect(log_of(parts)).to_contain_text("hello from web on stdout")
    expect(doctor).to_contain_text("from the Jupyter server's extension.")
    notebook.run(2)
    expect(doctor).to_contain_text("pages get the front end from the Jupyter server")
    notebook.screenshot("extension-installed")


def test_a_server_without_any_widgets_is_told_in_text_until_it_has_them(
    elsewhere: Elsewhere, page: Any, another_environment: Callable[[Settings], str]
) -> None:
    elsewhere.turn_off("@jupyter-widgets/jupyterlab-manager")  # as after pip install jupyterlab
    notebook = elsewhere.open(page, [VIEW, DOCTOR], another_environment(elsewhere.settings))
    notebook.run_all()
    line = "The Jupyter server has neither ipywidgets nor hyper_jupyter"
    view, doctor = (notebook.cell(number) for number in range(2))
    for cell in (view, doctor):
        expect(cell).to_contain_text(line)
        expect(cell).to_contain_text(f"Run {sys.executable} -m pip install ")
    notebook.run(1)
    expect(doctor).to_contain_text(f"FAIL  {line}")
    notebook.screenshot("extension-no-widgets")
    elsewhere.install(__version__)
    notebook.save()
    notebook.reload()
    expect(log_of(view)).to_contain_text("hello from web on stdout")
    expect(doctor).to_contain_text("from the Jupyter server's extension.")


def test_another_version_than_the_kernel_s_is_named_with_the_next_step(
    elsewhere: Elsewhere, page: Any
) -> None:
    elsewhere.install("0.0.9")
    notebook = elsewhere.open(page, [VIEW, DOCTOR])
    notebook.run(0)
    line = f"The Jupyter server has hyper_jupyter 0.0.9, and this kernel has {__version__}."
    step = (
        "Restart the kernel, and reload the page. If that does not help, run jupyter labextension"
    )
    expect(notebook.cell(0)).to_contain_text(f"{line} {step}")
    notebook.run(1)
    expect(notebook.cell(1)).to_contain_text(re.compile(f"FAIL  {re.escape(line)}"))
    notebook.screenshot("extension-misfit")
    elsewhere.install("0.1.99")  # of the same series
    notebook.save()
    notebook.reload()
    notebook.run_all()
    expect(log_of(notebook.cell(0))).to_contain_text("hello from web on stdout")
    expect(notebook.cell(1)).to_contain_text("has version 0.1.99, the package has version")


def test_a_bundle_that_was_missing_is_shown_everywhere_once_it_is_there(
    open_notebook: Any, page: Any
) -> None:
    bundle = re.compile(r"/hyper_jupyter/static/bundle\.js")
    page.route(bundle, lambda route: route.fulfill(status=404))
    notebook = open_notebook("bundle-missing.ipynb", [VIEW, PARTS])
    notebook.run(0)
    view, parts = notebook.cell(0), notebook.cell(1)
    expect(view).to_contain_text(re.compile(r"Check that the server has \S*/static/bundle\.js"))
    page.unroute(bundle)
    notebook.run(1)
    enter(parts, "one")
    expect(log_of(view)).to_contain_text("web got one")
    expect(view).not_to_contain_text("cannot be loaded")


STRICT: Final = "script-src 'self' 'unsafe-eval'; worker-src 'self'; object-src 'none'"
"""No code from ``blob:`` or ``data:`` addresses, none in the page's own text."""
LATE: Final = """
late = SessionWidgets(greeter("late"))
late.stdout
None
"""
SWITCH: Final = """
import hyper_jupyter as hj
hj.configure(front_end="anywidget")
"""


@pytest.mark.timeout(120)  # it starts a server of its own, and a page may take five seconds
def test_a_strict_policy_lets_the_extension_s_code_run_and_not_what_a_kernel_sends(
    tmp_path: Path, page: Any
) -> None:
    settings = Settings(tmp_path)
    silence(settings)
    headers = {"headers": {"Content-Security-Policy": STRICT}}
    with jupyter_server(settings, *OPTIONS, f"--ServerApp.tornado_settings={headers}") as server:
        elsewhere = Elsewhere(settings, server)
        cells = [VIEW, PARTS, SWITCH, DOCTOR, LATE, "late.stdout"]
        notebook = elsewhere.open(page, cells)
        notebook.run(0)
        notebook.run(1)
        view, parts = notebook.cell(0), notebook.cell(1)
        expect(log_of(parts)).to_contain_text("hello from web on stdout")
        enter(parts, "one")
        expect(log_of(view)).to_contain_text("web got one")
        notebook.screenshot("extension-strict")
        notebook.run(2)
        line = "policy blocks code from blob: addresses"
        expect(view).to_contain_text(line, timeout=45_000)  # it has five seconds to answer
        expect(view).to_contain_text('Run hj.configure(front_end="auto")')
        expect(parts).to_contain_text(line)
        notebook.run(3)
        expect(notebook.cell(3)).to_contain_text("FAIL  This page does not run the code")
        with page.expect_console_message(lambda said: "blob:" in said.text):
            notebook.run(4)
        notebook.run(5)  # the view fails at once, and nothing of it is counted
        expect(notebook.cell(5)).to_contain_text(line, timeout=45_000)
        server.end_kernels()


def state(part: str, **own: Any) -> dict[str, Any]:
    """What a notebook keeps of one of our widgets, with a script that would say that it ran."""
    classes = {"_model_module": "_hyper_jupyter", "_model_name": "PartModel"}
    script = "globalThis.taken = true; export default { initialize() {}, render() {} };"
    return {
        "model_module": "_hyper_jupyter",
        "model_module_version": "1.0.0",
        "model_name": "PartModel",
        "state": {
            **classes, "_model_module_version": "1.0.0", "_view_count": 0,
            "_view_module": "_hyper_jupyter", "_view_module_version": "1.0.0",
            "_view_name": "PartView", "_esm": script, "bundle": script, "key": "key",
            "version": __version__, "part": part, "uid": "u", "layout": None, **own,
        },
    }  # fmt: skip


@pytest.mark.claim(
    "By the extension, the page runs our code from the Jupyter server's files only: a saved "
    "notebook, a widget's state and a message are data to it, whatever they say."
)
def test_a_saved_state_is_data_whatever_it_says(
    open_notebook: Any, jupyter: JupyterServer, page: Any
) -> None:
    name = "hostile-state.ipynb"
    views = {number: f"{number:032x}" for number in (2, 3)}
    models = {
        f"{1:032x}": state("session", status={"name": "<img src=x onerror='taken = true'>"}),
        views[2]: state("view", rows="<b>", arrangement="globalThis.taken = true"),
        views[3]: state("check", facts="none"),
        f"{4:032x}": state("hub"),
        f"{5:032x}": state("constructor"),
    }
    notebook = open_notebook(name, [VIEW, "0"])
    document = json.loads((jupyter.folder / name).read_text())
    document["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {
            "version_major": 2, "version_minor": 0, "state": models,
        }
    }  # fmt: skip
    document["cells"][1]["outputs"] = [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "application/vnd.jupyter.widget-view+json": {
                    "version_major": 2, "version_minor": 0, "model_id": view,
                }
            },
        }
        for view in views.values()
    ]  # fmt: skip
    (jupyter.folder / name).write_text(json.dumps(document))
    notebook.reload()
    # Models are made of what was saved: the bundle is there before any cell has run.
    page.wait_for_function(FETCHED)
    notebook.run(0)
    view = notebook.cell(0)
    expect(log_of(view)).to_contain_text("hello from web on stdout")
    enter(view, "one")
    expect(log_of(view)).to_contain_text("web got one")
    assert page.evaluate("() => globalThis.taken") is None
    notebook.screenshot("extension-hostile-state")


def test_the_code_is_fetched_when_a_cell_runs_that_names_us(open_notebook: Any, page: Any) -> None:
    notebook = open_notebook("fetched.ipynb", ["1 + 1", "%load_ext hyper_jupyter"])
    notebook.run(0)
    notebook.wait_for_cell(0)
    assert not page.evaluate(FETCHED)
    notebook.run(1)
    page.wait_for_function(FETCHED)
    assert page.locator(".hyper-jupyter").count() == 0
