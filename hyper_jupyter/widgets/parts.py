"""The widgets that users place in a notebook: the whole view of a session, or its parts.

Layer: widgets. Made in the user's thread. They hold no data, only a reference to their session.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, Final, TypeVar

import traitlets

from hyper_jupyter.session.rules.controls import ENGINE_ENDED
from hyper_jupyter.session.rules.outcome import outcome_text, subject_of
from hyper_jupyter.settings.views import LAYOUTS, PLACES, ROWS
from hyper_jupyter.widgets.page_widget import PageWidget
from hyper_jupyter.widgets.session_widget import SessionWidget
from hyper_jupyter.widgets.source import LiveSource

__all__ = [
    "DetachButton",
    "SessionView",
    "SessionWidgets",
    "StderrPane",
    "StdinInput",
    "StdoutPane",
]

_SINGLE: Final = ("stdout", "stderr", "stdin", "detach")
_P = TypeVar("_P", bound="_Part")


class _Part(PageWidget):
    """A part of a session. On the page it finds its session by ``uid``."""

    displayed = True

    uid = traitlets.Unicode().tag(sync=True)
    _own_layout: Any = None  # until the constructor is done

    def __init__(self, session: SessionWidget, **kwargs: Any) -> None:
        self._session = session  # keeps the session alive as long as the part exists
        super().__init__(uid=session.uid, **kwargs)
        self._own_layout = self.layout

    def close(self) -> None:
        """Remove it from every page, with its layout: ipywidgets would keep that."""
        super().close()
        if self._own_layout is not None:
            self._own_layout.close()

    def __repr__(self) -> str:
        """Return one line for front ends without widgets."""
        status = self._session.status
        outcome = outcome_text(
            status["state"],
            status["exit_code"],
            status["error"],
            complete=status["complete"],
            out_of_memory=status["out_of_memory"],
            awaits=status["awaits"],
            engine_ended=status["controls"]["again"] == ENGINE_ENDED,
            subject=subject_of(status["command"]),
        )
        image = f" ({status['image']})" if status["image"] else ""
        return f"<{type(self).__name__} of {status['name']}{image}: {outcome}>"


class StdoutPane(_Part):
    """Shows a session's stdout, or its terminal if it has a TTY."""

    part = traitlets.Unicode("stdout", read_only=True).tag(sync=True)
    rows = traitlets.Int(ROWS, min=2, max=200).tag(sync=True)


class StderrPane(_Part):
    """Shows a session's stderr. It stays empty on a TTY."""

    part = traitlets.Unicode("stderr", read_only=True).tag(sync=True)
    rows = traitlets.Int(ROWS, min=2, max=200).tag(sync=True)


class StdinInput(_Part):
    """Sends input to a session's stdin; has Send, EOF, Ctrl-C and signals."""

    part = traitlets.Unicode("stdin", read_only=True).tag(sync=True)


class DetachButton(_Part):
    """Detaches; the container keeps running. After the session's end it attaches again."""

    part = traitlets.Unicode("detach", read_only=True).tag(sync=True)


class SessionView(_Part):
    """Shows a whole session: header, panes, stdin, Detach.

    ``arrangement`` is the layout that is shown, which a page changes. ``asked`` is the one that the
    cell asked for: what a browser remembers holds for as long as the cell asks for the same.
    ``place`` is where it is; a page changes it too. One without such a place shows it in the cell,
    and sets it to that.
    """

    part = traitlets.Unicode("view", read_only=True).tag(sync=True)
    rows = traitlets.Int(ROWS, min=2, max=200).tag(sync=True)
    arrangement = traitlets.Enum(LAYOUTS, LAYOUTS[0]).tag(sync=True)
    asked = traitlets.Enum(LAYOUTS, LAYOUTS[0]).tag(sync=True)
    place = traitlets.Enum(PLACES, PLACES[0]).tag(sync=True)


class SessionWidgets:
    """The widgets of one session. Each is made when it is first asked for.

    Args:
        source: the session.
        clean: takes out of names and texts what must not be saved with the notebook.
    """

    def __init__(self, source: LiveSource, clean: Callable[[str], str] = str) -> None:
        self._source = source
        self._clean = clean
        self._parts: weakref.WeakSet[_Part] = weakref.WeakSet()

    @functools.cached_property
    def session(self) -> SessionWidget:
        """The hidden widget that all the others share."""
        return SessionWidget(self._source, clean=self._clean)

    @functools.cached_property
    def stdout(self) -> StdoutPane:
        """The stdout pane, which is the terminal on a TTY."""
        return self._made(StdoutPane(self.session))

    @functools.cached_property
    def stderr(self) -> StderrPane:
        """The stderr pane."""
        return self._made(StderrPane(self.session))

    @functools.cached_property
    def stdin(self) -> StdinInput:
        """The stdin input."""
        return self._made(StdinInput(self.session))

    @functools.cached_property
    def detach(self) -> DetachButton:
        """The Detach button."""
        return self._made(DetachButton(self.session))

    def view(
        self, layout: str = LAYOUTS[0], *, rows: int = ROWS, place: str = PLACES[0]
    ) -> SessionView:
        """Return a new widget that shows the whole session. A session may have several.

        Args:
            layout: one of :data:`LAYOUTS`. On a TTY there is always one pane.
            rows: how many lines each pane shows.
            place: one of :data:`PLACES`.

        Raises:
            ValueError: ``layout`` is not one of :data:`LAYOUTS`, or ``place`` of :data:`PLACES`.
        """
        if layout not in LAYOUTS:
            raise ValueError(f"layout {layout!r} is not one of {', '.join(LAYOUTS)}")
        if place not in PLACES:
            raise ValueError(f"place {place!r} is not one of {', '.join(PLACES)}")
        view = SessionView(self.session, arrangement=layout, asked=layout, rows=rows, place=place)
        return self._made(view)

    def _made(self, part: _P) -> _P:
        self._parts.add(part)
        return part

    def close(self) -> None:
        """Remove all widgets from the page. The session itself is not affected."""
        for name in (*_SINGLE, "session"):
            widget = self.__dict__.pop(name, None)
            if widget is not None:
                widget.close()
