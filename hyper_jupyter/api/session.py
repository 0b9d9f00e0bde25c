"""A session as users hold it: with its widgets, and a successor where it is attached again.

Layer: api. Any thread.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

from hyper_jupyter.api.configuration import saved_output
from hyper_jupyter.client import configured_detach_keys
from hyper_jupyter.exceptions import Conflict
from hyper_jupyter.session import ENDED, SESSIONS
from hyper_jupyter.session import Session as _Session
from hyper_jupyter.widgets import SavedDisplay, SessionView, SessionWidgets
from hyper_jupyter.widgets.kernel import execution_count, is_terminal, publish

__all__ = ["Session"]


class _Line:
    """A session and those that were attached again after it, of which only the newest counts.

    The older ones are whoever's has them: their transcripts end with their last user.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.newest: Session | None = None  # where there is one after the first
        self.replaced: Session | None = None  # the last one before it, which pages may yet ask
        self.releases = 0


class Session(_Session):
    """A session with its widgets; see :class:`hyper_jupyter.session.Session`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._line = _Line()
        super().__init__(*args, **kwargs)

    @functools.cached_property
    def widgets(self) -> SessionWidgets:
        """Its parts ``stdout``, ``stderr``, ``stdin`` and ``detach``, each a widget of its own."""
        return SessionWidgets(self)

    def view(self, layout: str = "split", *, rows: int | None = None) -> SessionView:
        """A widget that shows the whole session; several of one session are fine.

        Args:
            layout: ``"split"`` (side by side), ``"merged"`` (one pane, in the order of arrival) or
                ``"tabs"``; the view can change over at any time.
            rows: lines that each pane shows; ``None`` is the default.

        Raises:
            ValueError: another layout.
        """
        return self.widgets.view(layout, **({} if rows is None else {"rows": rows}))

    def close(self, force: bool = False) -> None:
        """Detach and release everything, the widgets too; the transcripts stay readable.

        Args:
            force: also where that ends the container's input.

        Raises:
            Conflict: it would end the container's input, and ``force`` is not set.
        """
        super().close(force)
        if "widgets" in self.__dict__:
            self.widgets.close()

    def attach_again(self, *, start: bool = False) -> Session:
        """Attach to the same container with the same options, as a new session.

        Views and parts of this session that are on a page change over to the new one, and so does
        what is saved beside them. This session keeps its transcripts. Where it was attached again
        before and that session goes on, that one is returned.

        Args:
            start: start the container first where it does not run; nothing that it prints from
                then on is missed.

        Returns:
            The new session. Its name is this one's, unless that is taken.

        Raises:
            Conflict: this session has not ended, or read the log only; the container is paused,
                or has ended and ``start`` is not set; :meth:`release` was called meanwhile.
            HyperJupyterError: as for :meth:`Client.attach` and ``start``.
        """
        line = self._line
        with line.lock:
            releases = line.releases
            last = line.newest or self
            if last is not self and last.state not in ENDED:
                last._replace(self)
                return last
            controls = last.controls()
            if controls.again and controls.start:
                raise Conflict(409, f"it cannot be attached again: {controls.again}")
            session = type(self).attach(
                last.client,
                last.container.id,
                last.options,
                configured_keys=configured_detach_keys(last.client.profile),
                start=start,
            )
            session._line = line
            line.newest = session
            if line.releases != releases:  # meanwhile, by who saw the last one only
                session._leave()
                raise Conflict(409, "the cell that it was of has been run again meanwhile")
            session._replace(last)
            if last is not self:
                session._replace(self)
            if line.replaced is not None and "widgets" in line.replaced.__dict__:
                line.replaced.widgets.let_go()
            line.replaced = last
            return session

    def _replace(self, old: Session) -> None:
        """Be what is shown and saved in the place of an older one."""
        if "widgets" in old.__dict__:
            self.widgets.take_over(old.widgets)
        for saved in old._saved:
            saved.follow(self)
        self._saved, old._saved = (*self._saved, *old._saved), ()

    def release(self) -> None:
        """Leave, take the widgets off the page and give the name up; never ends the input.

        So does a session that followed by :meth:`attach_again`, also one that is being attached.
        """
        line = self._line
        line.releases += 1  # not behind the lock: an engine may take long to attach
        newest = line.newest
        try:
            if newest is not None and newest is not self:
                newest._leave()
        finally:
            self._leave()

    def _leave(self) -> None:
        for saved in self._saved:  # the outputs of the cell are being replaced
            saved.close()
        self._saved = ()
        try:
            self.detach()
        finally:  # leaving a terminal takes a moment, in which Ctrl-C may come
            SESSIONS.discard(self)
            if "widgets" in self.__dict__:
                self.widgets.close()

    def _ipython_display_(self) -> None:
        """Show it where it is a cell's last value; a magic may have done so already."""
        if is_terminal():
            raise NotImplementedError  # which has IPython print the one line of repr()
        if self._shown_in != execution_count() or self._shown_in is None:
            self.show()

    def show(self, layout: str = "split", *, rows: int | None = None) -> None:
        """Display it now, and not again as the value of the running cell.

        Two outputs: the view, and for readers without a kernel what :func:`configure` has saved.
        """
        self.mark_shown()
        view = self.view(layout, rows=rows)
        policy = saved_output()
        if not policy.enabled:
            publish(view.mime_bundle())
            return
        # The words for other readers are in the second output.
        publish({**view.mime_bundle(), "text/plain": "", "text/html": ""})
        saved = SavedDisplay(self, policy)
        saved.show()
        self._saved = (*self._saved, saved)

    def mark_shown(self) -> None:
        """It is not to be displayed as the value of the running cell."""
        self._shown_in = execution_count()

    _shown_in: int | None = None
    _saved: tuple[SavedDisplay, ...] = ()
