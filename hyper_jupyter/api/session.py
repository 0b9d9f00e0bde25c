"""A session as users hold it: with its widgets, and with its successors if it is attached again.

Layer: api. Any thread.
"""

from __future__ import annotations

import functools
import logging
import threading
import weakref
from typing import Any

from hyper_jupyter.api.configuration import saved_output
from hyper_jupyter.api.data.reading import ReadableSession
from hyper_jupyter.client import configured_detach_keys
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from hyper_jupyter.recording.live import recording_of
from hyper_jupyter.recording.saving import Target, check_target, save
from hyper_jupyter.session import ENDED, SESSIONS, State
from hyper_jupyter.widgets import (
    FramesWidget,
    SavedDisplay,
    SessionView,
    SessionWidgets,
    WatchedFrames,
)
from hyper_jupyter.widgets.kernel import execution_count, is_terminal

__all__ = ["Session"]

logger = logging.getLogger(__name__)


class _Succession:
    """What a session shares with the sessions that were attached again after it.

    Only the newest session is shown and used. All of them refer to this object, and it holds them
    weakly: a circle would keep them, with their journals, until garbage is collected. So a session
    lives as long as it is attached, or a page or a variable has it.

    Attributes:
        lock: held while a successor is attached.
        releases: how often :meth:`Session.release` was called.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.releases = 0
        self._newest: weakref.ref[Session] | None = None
        self._replaced: weakref.ref[Session] | None = None

    @property
    def newest(self) -> Session | None:
        """The newest session; ``None`` if the first one was never attached again, or it is gone."""
        return None if self._newest is None else self._newest()

    @property
    def replaced(self) -> Session | None:
        """The session before the newest: open pages may still send it requests."""
        return None if self._replaced is None else self._replaced()

    def add(self, session: Session) -> None:
        """Take note of the newest session."""
        self._newest = weakref.ref(session)

    def replace(self, session: Session) -> None:
        """Take note of the session that the newest one has replaced."""
        self._replaced = weakref.ref(session)


class Session(ReadableSession):
    """One attachment to a container, one program in it, or one reading of its log.

    As the last value of a cell it shows its view. What it does:

    * ``stdout``, ``stderr``: what was printed, as bytes, text and lines. ``records``, ``to_dicts``,
      ``to_pandas``, ``to_polars``, ``to_arrow``: the lines of both, as data.
    * ``history``: the lines that the container printed before (``attach(tail=…)``). The others do
      not have them.
    * ``expect``, ``expect_async``, ``on_match``, ``on_output``: wait for output, be called with it.
    * ``send``, ``send_line``, ``send_eof``, ``send_signal``, ``resize``: type, and control it.
    * ``state``, ``exit_code``, ``error``, ``complete``, ``warnings``; ``wait``, ``join``,
      ``observe``, ``await session``: where it stands, and its end.
    * ``detach``, ``close``, ``attach_again``: leave, and come back.
    * ``view``, ``show``, ``widgets``: its widgets.
    * ``save``, ``save_at_end``, ``mark``, ``keep_input``: record it into a file.

    Made by ``Client.attach``, ``Client.run``, ``Client.exec`` and ``Client.logs``.

    Attributes:
        client: the engine.
        name: the container's name, with ``-2`` appended for its second session.
        container: the container's id, name and image.
        tty: whether the stream is raw; then all output is stdout.
        started_at: when the session was made, in seconds since the epoch.
        terminal_size: rows and columns of its terminal.
        journal: everything that was received.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._succession = _Succession()
        super().__init__(*args, **kwargs)

    @functools.cached_property
    def widgets(self) -> SessionWidgets:
        """The session's widgets ``stdout``, ``stderr``, ``stdin`` and ``detach``."""
        return SessionWidgets(self, lambda text: saved_output().clean(text))

    def view(self, layout: str = "split", *, rows: int | None = None) -> SessionView | FramesWidget:
        """Return a new widget that shows the whole session. One session may have several.

        Args:
            layout: ``"split"`` (side by side), ``"merged"`` (one pane, in the order of arrival) or
                ``"tabs"``. The user can change it in the view at any time. ``"frames"`` is a view
                of its own: the frames of the stream, from now on if they were not kept before (see
                :meth:`frames`).
            rows: how many lines each pane shows; ``None`` is the default.

        Raises:
            ValueError: there is no such layout.
        """
        if layout == "frames":
            return self._frames_view()
        return self.widgets.view(layout, **({} if rows is None else {"rows": rows}))

    def _frames_view(self) -> FramesWidget:
        watched = WatchedFrames(self, self.record_frames())
        view = FramesWidget(watched, self.name, lambda text: saved_output().clean(text))
        self._frame_views = (*self._frame_views, view)
        return view

    def save(
        self,
        file: Target,
        *,
        format: str | None = None,  # noqa: A002 - the word for it
        version: int = 3,
        input: bool = False,  # noqa: A002 - as exec_output calls it
        stream: str | None = None,
        overwrite: bool = True,
    ) -> None:
        """Write what was received until now into a file. The session may go on.

        The end of the name chooses the format:

        * ``.cast``: asciicast, which :func:`hyper_jupyter.replay` and asciinema play. It keeps all:
          bytes, times, streams, sizes of the terminal, marks, the exit code.
        * ``.html``: a page that plays it, alone and without a network.
        * ``.log``: the bytes as they came; ``stream=`` chooses one stream.
        * ``.txt``: text to read, without escape sequences. Of a terminal: what its screen shows,
          and has shown before.
        * ``.jsonl``: a JSON object for each line, with the fields of :meth:`records`.

        Secrets are replaced as in saved output: ``configure(redact=…)`` says what they are. The
        file appears when it is whole, and takes the place of an older one. Blocks while it is
        written; a large session is written in pieces. Lines of :attr:`history` are not in it.

        Args:
            file: its path, or an open file, which needs ``format`` if it has no name.
            format: ``"cast"``, ``"html"``, ``"log"``, ``"txt"`` or ``"jsonl"``, whatever the name.
            version: 3, or 2 for older players of asciicast.
            input: with what was typed, which must have been kept: ``attach(record_input=True)``.
            stream: ``"stdout"`` or ``"stderr"`` only, for ``.log``, ``.txt`` and ``.jsonl``.
            overwrite: whether an older file may be replaced.

        Raises:
            HyperJupyterError: it cannot be written, or a function of ``redact`` failed; one line
                says why. An older file stays as it was.
        """
        save(
            recording_of(self, input=input),
            file,
            format=format,
            version=version,
            stream=stream,
            overwrite=overwrite,
            policy=saved_output(),
        )

    def save_at_end(self, file: Target) -> None:
        """Write the session into a file when it ends, as :meth:`save` does; at once if it has.

        If it comes back and ends again, it is saved again. An error is logged. A session of a
        process that ends first is not saved.

        Args:
            file: as for :meth:`save`.

        Raises:
            HyperJupyterError: the format is not known, or there is no such folder.
        """
        check_target(file)

        held = [self]  # until it ends: then it may go with its last user, as any session
        reference = weakref.ref(self)

        def changed(_: State, new: State) -> None:
            session = reference()
            if new in ENDED and session is not None:
                held.clear()
                try:
                    session.save(file)
                except HyperJupyterError as error:
                    logger.warning("! session %s was not saved: %s", session.name, error)

        self.observe(changed)
        if self.state in ENDED:
            held.clear()
            self.save(file)

    def close(self, force: bool = False) -> None:
        """Detach and release everything, also the widgets; the transcripts stay readable.

        Args:
            force: close even if that ends the container's input.

        Raises:
            Conflict: it would end the container's input, and ``force`` is not set.
        """
        super().close(force)
        self._close_frame_views()
        if "widgets" in self.__dict__:
            self.widgets.close()

    def attach_again(self, *, start: bool = False) -> Session:
        """Attach to the same container with the same options, as a new session.

        Views and widgets of this session that are on a page switch to the new session. So does the
        output that is saved for readers without a kernel. This session keeps its transcripts. If it
        was already attached again, and that session has not ended, that session is returned.

        Args:
            start: start the container if it does not run. No output from then on is missed.

        Returns:
            The new session. It has this session's name, unless that is taken.

        Raises:
            Conflict: this session has not ended, or only read the log; the container is paused, or
                has ended and ``start`` is not set; :meth:`release` was called meanwhile.
            NotFound: the container was removed.
            HyperJupyterError: as for :meth:`Client.attach` and ``start``.
        """
        succession = self._succession
        with succession.lock:
            releases = succession.releases
            last = succession.newest or self
            if last is not self and last.state not in ENDED:
                last._replace(self)
                return last
            controls = last.controls()
            if controls.again and controls.start:
                raise Conflict(409, f"it cannot be attached again: {controls.again}")
            try:
                session = type(self).attach(
                    last.client,
                    last.container.id,
                    last.options,
                    configured_keys=configured_detach_keys(last.client.profile),
                    start=start,
                    size=last.terminal_size,
                )
            except NotFound as error:
                raise last._removed() from error
            if last.typed.keeps:
                session.keep_input()
            session._succession = succession
            succession.add(session)
            # release() may have been called meanwhile: it could not see the new session yet.
            if succession.releases != releases:
                session._release()
                raise Conflict(409, "the session's cell was run again meanwhile")
            session._replace(last)
            if last is not self:
                session._replace(self)
            replaced = succession.replaced
            if replaced is not None and "widgets" in replaced.__dict__:
                replaced.widgets.close_unused()
            succession.replace(last)
            return session

    def _removed(self) -> NotFound:
        """Return the error for a container that is gone. Blocks for one call."""
        name = self.container.name
        try:
            taken = any(each.name == name for each in self.client.containers(all=True))
        except HyperJupyterError:
            taken = False
        hint = f"Another container has its name now: %hyper_attach {name}" if taken else ""
        return NotFound(404, f"container {name} was removed", hint=hint)

    def _replace(self, old: Session) -> None:
        """Take an older session's place in its widgets and saved outputs."""
        if "widgets" in old.__dict__:
            self.widgets.take_over(old.widgets)
        for saved in old._saved:
            saved.follow(self)
        self._saved, old._saved = (*self._saved, *old._saved), ()
        self._shown, old._shown = (*self._shown, *old._shown), ()

    def release(self) -> None:
        """Detach, remove the widgets from the page, and free the name. The input is never ended.

        This also releases a session that followed by :meth:`attach_again`, even one that is still
        being attached.
        """
        succession = self._succession
        succession.releases += 1  # without the lock: an engine may take long to attach
        newest = succession.newest
        try:
            if newest is not None and newest is not self:
                newest._release()
        finally:
            self._release()

    def _release(self) -> None:
        """Release this session only."""
        for saved in self._saved:  # the cell's outputs are being replaced
            saved.close()
        self._saved = ()
        try:
            self.detach()
        finally:  # detaching from a terminal takes up to two seconds, in which Ctrl-C may come
            SESSIONS.discard(self)
            # ipywidgets keeps every widget that is not closed, and these keep the session.
            for view in self._shown:
                view.close()
            self._shown = ()
            self._close_frame_views()
            widgets = self.__dict__.pop("widgets", None)
            if widgets is not None:
                widgets.close()

    def _close_frame_views(self) -> None:
        for view in self._frame_views:
            view.close()
        self._frame_views = ()

    def _ipython_display_(self) -> None:
        """Show the session as a cell's value, unless the cell has already shown it."""
        if is_terminal():
            raise NotImplementedError  # then IPython prints the one line of repr()
        if self._shown_in != execution_count() or self._shown_in is None:
            self.show()

    def show(self, layout: str = "split", *, rows: int | None = None) -> None:
        """Display the session now, and not again as the value of the running cell.

        There are two outputs: the view, and a saved output for readers without a kernel, as
        :func:`configure` says.

        Args:
            layout: as for :meth:`view`.
            rows: as for :meth:`view`.
        """
        self.mark_shown()
        view = self.view(layout, rows=rows)
        self._shown = (*self._shown, view)
        policy = saved_output()
        if not policy.enabled:
            view.publish()
            return
        # The second output has the text for readers without a kernel.
        view.publish({"text/plain": "", "text/html": ""})
        saved = SavedDisplay(self, policy)
        saved.show()
        self._saved = (*self._saved, saved)

    def mark_shown(self) -> None:
        """Keep the session from being displayed as the value of the running cell."""
        self._shown_in = execution_count()

    _shown_in: int | None = None
    _saved: tuple[SavedDisplay, ...] = ()
    _shown: tuple[SessionView | FramesWidget, ...] = ()
    _frame_views: tuple[FramesWidget, ...] = ()
