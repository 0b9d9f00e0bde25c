"""Front ends as a person has them before them: one class each, all with the same methods.

A :class:`NotebookPage` is one notebook on one page of the browser. What only JupyterLab has
(tabs, themes, commands) is in :class:`JupyterLabPage` alone.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from tests.jupyter_server import ROOT, JupyterServer, Settings

RESULTS: Final = ROOT / "test-results"
OPTIONS: Final = (
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
)
"""What the server is told so that pages can be driven from outside."""


def silence(settings: Settings) -> None:
    """Keep front ends from asking about news and from looking them up.

    And the server from looking, at each page's request, whether JupyterLab has to be built anew:
    that starts node.
    """
    overrides = Path(settings.env["JUPYTERLAB_SETTINGS_DIR"], "@jupyterlab", "apputils-extension")
    overrides.mkdir(parents=True)
    (overrides / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    page_config(settings)


def page_config(settings: Settings, **config: Any) -> None:
    """Write what pages are told by the server; it reads that for each of them."""
    path = Path(settings.env["JUPYTER_CONFIG_DIR"], "labconfig", "page_config.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"buildAvailable": False, "buildCheck": False, **config}))


def write_notebook(
    folder: Path, name: str, cells: Sequence[str | dict[str, object]], kernel: str
) -> str:
    """Put a notebook with these cells into a folder: the source of code cells, or whole ones."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": cell,
            }
            if isinstance(cell, str)
            else cell
            for number, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"display_name": kernel, "language": "python", "name": kernel}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / name).write_text(json.dumps(notebook))
    return name


@dataclass
class NotebookPage(ABC):
    """A notebook on a page.

    ``received`` are the WebSocket frames that came so far: whether by a link, and the bytes.
    """

    page: Any
    server: JupyterServer
    name: str
    received: list[tuple[bool, bytes]] = field(default_factory=list)

    front_end: ClassVar[str]
    typing_while_busy: ClassVar[bool]
    """Whether the front end has subshells, so that with ipykernel 7 input need not wait."""
    HAS_RUN: ClassVar[str]
    """JavaScript: whether a cell, given by its number, has run."""

    @property
    def frames(self) -> list[bytes]:
        """Those of Jupyter's own."""
        return [frame for link, frame in self.received if not link]

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the notebook is."""

    @abstractmethod
    def wait_for_kernel(self) -> None:
        """Wait until the kernel is connected."""

    @abstractmethod
    def run(self, number: int) -> None:
        """Run one cell, without waiting for it."""

    @abstractmethod
    def run_all(self) -> None:
        """Run all cells, without waiting for them."""

    def wait_for_cell(self, number: int, timeout: float = 40.0) -> None:
        """Wait until a cell has run to its end."""
        self.page.wait_for_function(self.HAS_RUN, arg=number, timeout=timeout * 1000)

    def has_run(self, number: int) -> bool:
        """Whether a cell has run to its end, and isn't waiting to run again."""
        return bool(self.page.evaluate(self.HAS_RUN, number))

    @abstractmethod
    def cell(self, number: int) -> Any:
        """The cell as a locator."""

    @abstractmethod
    def restart_kernel(self) -> None:
        """Restart the kernel, without the dialog, and wait until it is there again."""

    def interrupt(self) -> None:
        """Interrupt the cell that runs, as the stop button does."""
        raise NotImplementedError(f"{self.front_end} is not driven that far")

    def shut_down_kernel(self) -> None:
        """Shut the kernel down, without the dialog; the notebook has none after that."""
        raise NotImplementedError(f"{self.front_end} is not driven that far")

    @abstractmethod
    def reconnect(self) -> None:
        """Drop the websocket to the kernel and make a new one."""

    @abstractmethod
    def save(self) -> str:
        """Save the notebook; returns the text of the file."""

    def open(self) -> Self:
        """Open it and wait for its kernel."""
        self.page.goto(self.url)
        self.wait_for_kernel()
        return self

    def reload(self) -> None:
        """Press F5; the kernel lives on."""
        self.page.reload()
        self.wait_for_kernel()

    def in_another_tab(self) -> Self:
        """The same notebook in a second tab of the browser."""
        return type(self)(self.page.context.new_page(), self.server, self.name).open()

    def screenshot(self, name: str) -> Path:
        """Put a picture of the page into test-results."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path


class LumaPage(NotebookPage):
    """What JupyterLab and Notebook 7 have in common: an application at ``window.jupyterapp``."""

    typing_while_busy = True
    HAS_RUN: ClassVar[str] = """number => {
      const cell = window.jupyterapp.shell.currentWidget.content.widgets[number];
      return cell.model.executionState === "idle" && cell.model.executionCount !== null;
    }"""

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp?.shell?.currentWidget;
              return ["idle", "busy"].includes(panel?.sessionContext?.session?.kernel?.status);
            }"""
        )

    def execute(self, command: str, *, wait: bool = True) -> None:
        """Run one of the application's commands, to its end or only start it."""
        self.page.evaluate(
            """([command, wait]) => {
              const done = window.jupyterapp.commands.execute(command);
              return wait ? done.then(() => null) : null;
            }""",
            [command, wait],
        )

    def run_all(self) -> None:
        self.execute("notebook:run-all-cells", wait=False)

    def run(self, number: int) -> None:
        self.page.evaluate(
            """number => {
              const panel = window.jupyterapp.shell.currentWidget;
              panel.content.activeCellIndex = number;
              panel.content.deselectAll();
              void window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            number,
        )

    def restart_kernel(self) -> None:
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_for_kernel()

    def shut_down_kernel(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def interrupt(self) -> None:
        self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget
                 .sessionContext.session.kernel.interrupt()"""
        )

    def reconnect(self) -> None:
        self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget
                 .sessionContext.session.kernel.reconnect()"""
        )
        self.wait_for_kernel()

    def cell(self, number: int) -> Any:
        return self.page.locator(".jp-NotebookPanel .jp-Cell").nth(number)

    def save(self) -> str:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        return (self.server.folder / self.name).read_text()


class JupyterLabPage(LumaPage):
    """JupyterLab."""

    front_end = "jupyterlab"

    @property
    def url(self) -> str:
        return f"{self.server.url}/lab/tree/{self.name}?reset"

    def reload(self) -> None:
        """Press F5, where JupyterLab has not saved yet which other notebooks were open."""
        self.open()

    def keep_widget_state(self) -> None:
        """Have widgets saved with the notebook; the server remembers that until the test ends."""
        self.page.evaluate(
            """async () => {
              const { commands } = window.jupyterapp;
              const id = "@jupyter-widgets/jupyterlab-manager:saveWidgetState";
              if (!commands.isToggled(id)) await commands.execute(id);
            }"""
        )

    def close(self) -> None:
        """Close its tab in JupyterLab; the kernel lives on."""
        self.execute("application:close")
        self.page.locator(".jp-NotebookPanel").wait_for(state="detached")

    def open_again(self) -> None:
        """Open it in the same JupyterLab."""
        self.page.evaluate(
            """path => window.jupyterapp.commands
                 .execute("docmanager:open", {path}).then(() => null)""",
            self.name,
        )
        self.wait_for_kernel()

    def set_theme(self, name: str) -> None:
        """Switch JupyterLab's theme and wait until it shows."""
        self.page.evaluate(
            """theme => window.jupyterapp.commands
                 .execute("apputils:change-theme", {theme}).then(() => null)""",
            name,
        )
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)

    def hide_sidebar(self) -> None:
        """Give the notebook the page's whole width."""
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")


class NotebookSevenPage(LumaPage):
    """Notebook 7."""

    front_end = "notebook"

    @property
    def url(self) -> str:
        return f"{self.server.url}/notebooks/{self.name}"


class NbclassicPage(NotebookPage):
    """The classic notebook."""

    front_end = "nbclassic"
    typing_while_busy = False
    # The number is "*" from the moment that the cell is queued.
    HAS_RUN: ClassVar[str] = (
        "number => Number.isInteger(Jupyter.notebook.get_cell(number).input_prompt_number)"
    )

    @property
    def url(self) -> str:
        return f"{self.server.url}/nbclassic/notebooks/{self.name}"

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => {
              const notebook = window.Jupyter?.notebook;
              return notebook?._fully_loaded && notebook.kernel?.is_connected()
                && notebook.kernel.info_reply?.status === "ok"
                && Boolean(notebook.kernel.widget_manager);
            }"""
        )
        # Its widget manager is loaded by itself, asks the kernel for the widgets that are there,
        # and then draws all outputs with widgets once more, by which it loses those that were shown
        # meanwhile. The kernel answers in order, so behind a second answer the first is dealt with.
        self.page.evaluate("() => Jupyter.notebook.kernel.widget_manager._loadFromKernel()")

    def run_all(self) -> None:
        self.page.evaluate("() => Jupyter.notebook.execute_all_cells()")

    def run(self, number: int) -> None:
        self.page.evaluate("number => Jupyter.notebook.execute_cells([number])", number)

    def restart_kernel(self) -> None:
        self.page.evaluate(
            "() => new Promise(done => Jupyter.notebook.kernel.restart(() => done(null)))"
        )
        self.wait_for_kernel()

    def shut_down_kernel(self) -> None:
        self.page.evaluate("() => new Promise(done => Jupyter.notebook.session.delete(done))")

    def interrupt(self) -> None:
        self.page.evaluate("() => { Jupyter.notebook.kernel.interrupt(); }")

    def reconnect(self) -> None:
        self.page.evaluate("() => Jupyter.notebook.kernel.reconnect()")
        self.wait_for_kernel()

    def cell(self, number: int) -> Any:
        return self.page.locator("#notebook-container > .cell").nth(number)

    def save(self) -> str:
        self.page.evaluate("() => Jupyter.notebook.save_notebook().then(() => null)")
        return (self.server.folder / self.name).read_text()


class VoilaPage(NotebookPage):
    """Voilà: it runs the notebook itself and shows the outputs; there is nothing to run or save."""

    front_end = "voila"
    typing_while_busy = False

    @property
    def url(self) -> str:
        return f"{self.server.url}/voila/render/{self.name}"

    def wait_for_kernel(self) -> None:
        self.page.locator(".jp-Cell").first.wait_for()

    def run(self, number: int) -> None:
        raise NotImplementedError("Voilà runs all cells by itself")

    def run_all(self) -> None:
        """It has done so."""

    def cell(self, number: int) -> Any:
        return self.page.locator(".jp-Cell").nth(number)

    def restart_kernel(self) -> None:
        raise NotImplementedError("Voilà starts a kernel for each page")

    def reconnect(self) -> None:
        raise NotImplementedError("Voilà has no way to")

    def save(self) -> str:
        raise NotImplementedError("Voilà saves nothing")


FRONT_ENDS: Final[Mapping[str, type[NotebookPage]]] = {
    front_end.front_end: front_end
    for front_end in (JupyterLabPage, NotebookSevenPage, NbclassicPage, VoilaPage)
}
