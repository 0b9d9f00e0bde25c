"""One JupyterLab for many tests: its page stays, and each test opens its notebook in it.

Loading JupyterLab and our code takes longer than most tests. Between two of them the page is put
back: no notebook, nothing of ours in it, the first size, theme, panels and choices. If that fails,
or the test did, the next one loads a page of its own. What the browser remembers is forgotten when
a test begins to use it: all its pages share that, also those of tests with a page of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.browser.front_ends import JupyterLabPage

__all__ = ["SIZE", "KeptPage"]

SIZE: Final = {"width": 1280, "height": 900}
"""Of a page's window."""
MOST: Final = 30
"""How many tests use one page: some of what they have done stays in its memory."""

_LEAVE: Final = """async () => {
  const { shell, commands } = window.jupyterapp;
  for (const widget of [...shell.widgets("main")]) widget.dispose();
  const { jpThemeName } = document.body.dataset;
  const theme = "JupyterLab Light";
  if (jpThemeName !== theme) await commands.execute("apputils:change-theme", { theme });
  const kept = "@jupyter-widgets/jupyterlab-manager:saveWidgetState";
  if (commands.isToggled(kept)) await commands.execute(kept);
  shell.expandLeft();
  shell.collapseRight();
}"""
_LEFT: Final = """theme => document.body.dataset.jpThemeName === theme
  && !document.querySelector(".hyper-jupyter, .jp-NotebookPanel, .jp-FileEditor, .jp-Dialog")"""
_FORGET: Final = """() => {
  localStorage.clear();  // other pages may have stored something since
  const { begun } = sessionStorage;
  sessionStorage.clear();
  if (begun) sessionStorage.setItem("begun", begun);
}"""
_OPEN: Final = """async path => {
  const { commands, serviceManager, shell } = window.jupyterapp;
  await serviceManager.kernelspecs.refreshSpecs();  // a test may have added one
  const opened = await commands.execute("docmanager:open", { path });
  for (const widget of [...shell.widgets("main")]) if (widget !== opened) widget.dispose();
}"""


class KeptPage:
    """A page that has JupyterLab, for one test after the other.

    Args:
        new: makes an empty page.
    """

    def __init__(self, new: Callable[[], Any]) -> None:
        self._new = new
        self._page: Any = None
        self._loaded = False
        self._uses = 0
        self.in_use = False
        """Whether the current test has a notebook in it."""

    @property
    def page(self) -> Any:
        """The page; an empty one for the first test."""
        if self._page is None:
            self._page, self._loaded, self._uses = self._new(), False, 0
        return self._page

    def is_at(self, page: Any) -> bool:
        """Whether this is the page."""
        return page is self._page

    def open(self, notebook: JupyterLabPage) -> None:
        """Open a notebook, and wait for its kernel."""
        if self._loaded and not self.in_use:
            self.in_use = True
            self.page.bring_to_front()
            self.page.evaluate(_FORGET)
            self.page.evaluate(_OPEN, notebook.name)
            notebook.wait_for_kernel()
        else:
            self.in_use = True
            notebook.open()
            self._loaded = True

    def leave(self, *, again: bool) -> None:
        """End a test's use: put the page back, or close it where it is not to be used again.

        Its kernel has to run still.

        Raises:
            playwright.sync_api.Error: something of the test stays on the page.
        """
        self.in_use = False
        self._uses += 1
        page, again = self._page, again and self._uses < MOST
        try:
            if again:
                page.mouse.move(0, 0)
                page.set_viewport_size(SIZE)
                page.evaluate(_LEAVE)
                page.wait_for_function(_LEFT, arg="JupyterLab Light")
        except BaseException:
            again = False
            raise
        finally:
            if not again:
                self.forget()

    def forget(self) -> None:
        """Close the page: the next test gets another one."""
        if self._page is not None:
            self._page.close()
        self._page = None
