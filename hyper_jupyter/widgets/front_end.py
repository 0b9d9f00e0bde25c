"""Where pages get our code from, decided by what the pages answer.

Layer: widgets. Any thread may report. The publisher decides, one report at a time.

A widget is in one of three forms:

* ``EXTENSION``: the Jupyter server gives out our code, from the files that are installed there. The
  widget is data only.
* ``ANYWIDGET``: the kernel sends our code, for front ends that load no extension of ours.
* ``NOTICE``: no code of ours. A widget of ipywidgets shows one line that says what to do.

A new widget has the first form. When its page has drawn it, the page answers with one message: that
a view was drawn, and which version of the extension drew it. If a view was drawn and no extension
drew it, the page has none, and the kernel opens the widget again in another form. Without an answer
nothing is decided: there may be no page. A page that has no widgets of any kind closes their comms.

A page that refuses the kernel's code may say nothing of the widget. ipywidgets counts the error
that it draws if it could not load a class. But anywidget's class is there, and its view fails: if
the code was refused before the view is made, ipywidgets draws the error by a model of its own,
which has no count and no comm. So for the second form it is enough that a page has drawn the frame
of an output, or had answered before. A part that stands only in a box of the user is counted there
or not at all, so it is given up together with the first one that is.
"""

from __future__ import annotations

import enum
import functools
import importlib.util
import logging
import threading
import time
import weakref
from collections.abc import Mapping
from typing import Any, Final, Protocol

import traitlets
from traitlets.config import Configurable

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session import runtime
from hyper_jupyter.version import __version__
from hyper_jupyter.widgets.kernel import cell_runs, shell
from hyper_jupyter.widgets.notices import Notice, misfit, missing, no_widgets, unanswered

__all__ = [
    "CHOICES",
    "PATIENCE",
    "UNSEEN_PATIENCE",
    "Form",
    "FrontEnd",
    "Switchable",
    "choose_front_end",
    "fits",
    "front_end",
]

CHOICES: Final = ("auto", "extension", "anywidget")

PATIENCE: Final = 5.0
"""Seconds that a page may take to run the code that the kernel sent, while no cell runs."""

UNSEEN_PATIENCE: Final = 20.0
"""The same where the code, half a megabyte, may still be on its way to the page."""

_LONGEST_VERSION: Final = 40
_LONGEST_ERROR: Final = 1000

logger = logging.getLogger(__name__)


class Form(enum.Enum):
    """What a widget is on its pages."""

    EXTENSION = enum.auto()
    ANYWIDGET = enum.auto()
    NOTICE = enum.auto()


class Switchable(Protocol):
    """What is known here of a widget."""

    form: Form
    displayed: bool
    comm: Any
    """``None`` once it is closed."""
    notice: str
    """What the extension shows in its place, where it has another version."""

    def switch(self, form: Form, notice: str = "") -> None:
        """Open it again in another form, wherever it is shown. Publisher only."""

    def stop_counting(self) -> None:
        """Have pages count its views no more: nothing depends on it any longer."""

    def tell(self, notice: str) -> None:
        """Have its outputs say so in text; or nothing, if it is empty. Publisher only."""


class FrontEnd(Configurable):
    """How pages get our code: from the Jupyter server's extension, or from the kernel.

    Set it by ``c.FrontEnd.choice = "extension"`` in IPython's configuration, ``%config FrontEnd``
    in a notebook, or :func:`hyper_jupyter.configure`.

    Attributes:
        answered: the form in which a page runs our code; ``None`` as long as none does.
        notice: why the last page that answered cannot show our widgets; ``None`` if it can.
        displayed_at: when the first output was displayed, by ``time.monotonic()``.
    """

    choice = traitlets.Enum(
        CHOICES, CHOICES[0], help="extension, anywidget, or auto: as the page answers."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        self._lock = threading.Lock()
        self._widgets: weakref.WeakSet[Switchable] = weakref.WeakSet()
        self._lacking = False  # a page has no extension
        self._told: weakref.WeakSet[Switchable] = weakref.WeakSet()  # publisher
        self.answered: Form | None = None
        self.notice: Notice | None = None
        self.displayed_at: float | None = None
        super().__init__(**kwargs)

    @property
    def form(self) -> Form:
        """The form of a new widget."""
        if self.choice == "auto":
            # Without IPython there is no Jupyter server that could give out an extension.
            lacking = self._lacking or shell() is None
            return Form.ANYWIDGET if lacking and has_anywidget() else Form.EXTENSION
        return Form[self.choice.upper()]

    def add(self, widget: Switchable) -> None:
        """Note a new widget."""
        with self._lock:
            self._widgets.add(widget)
        form = self.form
        if widget.form is not form:  # another one was decided on while it was made
            runtime().publisher.submit(lambda: self._switch_all(form))

    @traitlets.validate("choice")
    def _check(self, proposal: Any) -> Any:
        if proposal["value"] == "anywidget" and not has_anywidget():
            raise HyperJupyterError(
                "the package anywidget is not installed",
                hint='Run pip install "hyper_jupyter[anywidget]" in the kernel\'s environment.',
            )
        return proposal["value"]

    @traitlets.observe("choice")
    def _chosen(self, _change: object) -> None:
        """Open all widgets again, as chosen."""
        self._lacking = False
        seen = self.answered is not None  # by a page, which will say nothing if it refuses the code
        self.answered = self.notice = None
        if self._widgets:
            form = self.form
            runtime().publisher.submit(lambda: self._switch_all(form, seen=seen))

    # -- what pages answer ---------------------------------------------------------------

    def heard(self, form: Form) -> None:
        """Note that a page runs our code: it has sent a message of ours."""
        if self.answered is not form or self.notice is not None:
            runtime().publisher.submit(lambda: self._confirm(form))

    def report(self, widget: Switchable, front: Mapping[str, Any], *, drawn: bool) -> None:
        """Judge what a page says of a widget.

        Args:
            widget: which one.
            front: what the extension says of itself: ``version``, and ``error`` if it could not
                load the bundle; empty if there is no extension.
            drawn: whether the page has drawn a view of it.
        """
        form, front = widget.form, dict(front)
        runtime().publisher.submit(lambda: self._judge(widget, form, front, drawn=drawn))

    def note_display(self) -> None:
        """Note that a widget was displayed in a cell: a page should answer."""
        if self.displayed_at is None:
            self.displayed_at = time.monotonic()

    @property
    def silent(self) -> bool:
        """Whether no page has said anything of what was displayed, for longer than it may take."""
        return (
            self.answered is None
            and self.notice is None
            and self.displayed_at is not None
            and time.monotonic() - self.displayed_at >= PATIENCE
        )

    def refuse(self, widget: Switchable) -> None:
        """Note that a page has closed a widget's comm: it has no widgets of any kind."""
        runtime().publisher.submit(lambda: self._tell(widget))

    def _tell(self, widget: Switchable) -> None:
        if self.answered is not None:
            return  # only this page has none
        self.notice = no_widgets()
        if widget.displayed:
            self._told.add(widget)
            widget.tell(str(self.notice))

    def _judge(
        self, widget: Switchable, form: Form, front: Mapping[str, Any], *, drawn: bool
    ) -> None:
        if widget.form is not form:
            return  # it was answered before the widget got its form
        if form is Form.ANYWIDGET:
            if drawn and self.answered is not form:
                self._wait_for(widget)
        elif form is Form.EXTENSION:
            version = printable(str(front.get("version", "")), _LONGEST_VERSION)
            if not version:
                if drawn and self.answered is not form:  # else only this page has none
                    self._do_without(widget)
                return
            if not fits(version):
                self.notice = misfit(version)
                widget.notice = str(self.notice)
            elif error := front.get("error"):
                self.notice = Notice(printable(str(error), _LONGEST_ERROR), "")  # the page shows it
            else:
                self._confirm(form)

    def _do_without(self, widget: Switchable) -> None:
        """A page has no extension."""
        if self.choice == "auto" and has_anywidget() and imports_anywidget():
            self._lacking = True
            self._switch_all(Form.ANYWIDGET, seen=True)
        else:
            self._give_notice(widget, missing())

    def _wait_for(self, widget: Switchable, patience: float | None = None) -> None:
        """Give the page time to run the code that the kernel sent it."""

        def check() -> None:
            if self.answered is Form.ANYWIDGET or widget.form is not Form.ANYWIDGET:
                return
            if widget.comm is None:
                return  # closed: no page could have answered
            if cell_runs():  # what the page says may have to wait for its end
                self._wait_for(widget)
                return
            notice = unanswered(self.choice)
            for other in self._all():  # the page need not have said that it shows them
                if other.form is Form.ANYWIDGET:
                    self._give_notice(other, notice)

        runtime().publisher.call_later(PATIENCE if patience is None else patience, check)

    def _give_notice(self, widget: Switchable, notice: Notice) -> None:
        self.notice = notice
        if widget.displayed:
            widget.switch(Form.NOTICE, str(notice))

    def _confirm(self, form: Form) -> None:
        """Note that a page runs our code, so what shows a notice can be opened again."""
        self.notice = None
        self.answered = form
        for widget in self._all():
            if widget.form is Form.NOTICE:
                widget.switch(form)
            elif widget.form is form:
                widget.stop_counting()
        while self._told:
            self._told.pop().tell("")

    def _switch_all(self, form: Form, *, seen: bool = False) -> None:
        """Open all again in that form; a page has ``seen`` some, so one should answer."""
        for widget in self._all():
            if widget.form is not form:
                widget.switch(form)
                if seen and widget.displayed and form is Form.ANYWIDGET:
                    self._wait_for(widget, UNSEEN_PATIENCE)

    def _all(self) -> list[Switchable]:
        """Return all widgets; the hidden ones first, because the others need them."""
        with self._lock:
            return sorted(self._widgets, key=lambda widget: widget.displayed)


@functools.cache
def front_end() -> FrontEnd:
    """Return what is known of the front end. It has IPython's configuration on first use."""
    found = shell()
    return FrontEnd(parent=found) if isinstance(found, Configurable) else FrontEnd()


def choose_front_end(choice: str) -> None:
    """Set the user's choice, one of :data:`CHOICES`.

    Raises:
        TraitError: it is none of them.
        HyperJupyterError: ``"anywidget"`` was chosen, and it is not installed.
    """
    front_end().choice = choice


def has_anywidget() -> bool:
    """Return whether anywidget is installed, without importing it."""
    return importlib.util.find_spec("anywidget") is not None


def imports_anywidget() -> bool:
    """Import anywidget; return whether that worked."""
    try:
        importlib.import_module("anywidget")
    except Exception:  # its own dependencies may be missing or broken
        logger.warning("! anywidget is installed, but cannot be imported", exc_info=True)
        return False
    return True


def fits(version: str) -> bool:
    """Return whether an extension of this version understands the kernel's messages.

    They change between minor releases only. ``js/src/extension/version.ts`` has the same rule.
    """
    return version.split(".")[:2] == __version__.split(".")[:2]
