"""A session as users hold it: with its widgets, and attached again after its end.

Layer: api. Any thread.
"""

from __future__ import annotations

import functools
import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any

from hyper_jupyter.api.data.reading import ReadableSession
from hyper_jupyter.client import configured_detach_keys
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from hyper_jupyter.recording.live import recording_of
from hyper_jupyter.recording.saving import Target, check_target, save
from hyper_jupyter.session import ENDED, SESSIONS, State, Transcript
from hyper_jupyter.settings.current import saved_output, views
from hyper_jupyter.settings.views import LAYOUTS, PLACES
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


class Session(ReadableSession):
    """One attachment to a container, one program in it, or one reading of its log.

    As the last value of a cell it shows its view. What it does:

    * ``stdout``, ``stderr``: what was printed, as bytes, text and lines. ``records``, ``to_dicts``,
      ``to_pandas``, ``to_polars``, ``to_arrow``: the lines of both, as data.
    * ``screen_lines``: what one sees of it, as plain text. ``frames``: what travelled on the wire.
    * ``history``: the lines that the container printed before (``attach(tail=…)``). The others do
      not have them.
    * ``expect``, ``expect_async``, ``on_match``, ``on_output``: wait for output, be called with it.
    * ``send``, ``send_line``, ``send_eof``, ``send_signal``, ``resize``: type, and control it.
    * ``state``, ``exit_code``, ``error``, ``complete``, ``warnings``; ``wait``, ``join``,
      ``observe``, ``await session``: where it stands, and its end.
    * ``detach``, ``close``, ``attach_again``, ``follow_restarts``: leave, and come back.
    * ``lives``, ``restarts``, ``marks``: what happened to its container, and where.
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
        self._lock = threading.Lock()  # held while it is attached again
        self._releases = 0
        super().__init__(*args, **kwargs)

    if not TYPE_CHECKING:  # a type checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            """Raise the error about a missing name; say so if transcripts have it."""
            if not name.startswith("_") and hasattr(Transcript, name):
                text = f"{type(self).__name__!r} object has no attribute {name!r}"
                each = f"s.stdout.{name} and s.stderr.{name} are each of one stream"
                raise AttributeError(f"{text}: {each}", name=name, obj=self)
            return super().__getattribute__(name)  # its error may be that of a property's code

    @functools.cached_property
    def widgets(self) -> SessionWidgets:
        """The session's widgets ``stdout``, ``stderr``, ``stdin`` and ``detach``."""
        return SessionWidgets(self, lambda text: saved_output().clean(text))

    def view(
        self, layout: str | None = None, *, rows: int | None = None, place: str = "cell"
    ) -> SessionView | FramesWidget:
        """Return a new widget that shows the whole session. One session may have several.

        Args:
            layout: ``"split"`` (side by side), ``"merged"`` (one pane, in the order of arrival) or
                ``"tabs"``. The user can change it in the view at any time. ``"frames"`` is a view
                of its own: the frames of the stream, from now on if they were not kept before (see
                :meth:`frames`). ``None``: as configured (``%config Views``).
            rows: how many lines the panes show at most: they grow with the output. ``None``: as
                configured, 14 unless somebody has changed that. It has no effect on frames, which
                have a height of their own, nor in another place than the cell, which the panes
                fill.
            place: ``"cell"``, ``"tab"`` (beside the notebook, in JupyterLab), ``"panel"`` (the side
                panel of JupyterLab and Notebook 7) or ``"float"`` (above the page, in view while
                one scrolls). The user can move it in the view's menu; the attribute ``place`` of
                the view says where it is, and moves it. A page without such a place says so and
                shows it in the cell. Frames can only be in the cell.

        Raises:
            ValueError: there is no such layout or place, or frames are asked for in another place
                than the cell.
        """
        if place not in PLACES:
            raise ValueError(f"place {place!r} is not one of {', '.join(PLACES)}")
        if layout == "frames":
            if place != "cell":
                raise ValueError(f"frames can only be shown in the cell, not at place {place!r}")
            return self._frames_view()
        layout = views().layout if layout is None else layout
        if layout not in LAYOUTS:
            raise ValueError(f"layout {layout!r} is not one of {', '.join(LAYOUTS)}, frames")
        height = views().height if rows is None else rows
        return self.widgets.view(layout, rows=height, place=place)

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
        history: bool = False,
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
        written; a large session is written in pieces. Lines of :attr:`history` are in it only if
        they are asked for.

        Args:
            file: its path, or an open file, which needs ``format`` if it has no name.
            format: ``"cast"``, ``"html"``, ``"log"``, ``"txt"`` or ``"jsonl"``, whatever the name.
            version: 3, or 2 for older players of asciicast.
            input: with what was typed, which must have been kept: ``attach(record_input=True)``.
            history: with what the container printed before it was attached, as :attr:`history` has
                it now. It comes first: in a recording all at once, at the start, and in ``.jsonl``
                with its own times, and numbers as :meth:`records` gives them.
            stream: ``"stdout"`` or ``"stderr"`` only, for ``.log``, ``.txt`` and ``.jsonl``.
            overwrite: whether an older file may be replaced.

        Raises:
            HyperJupyterError: it cannot be written, or a function of ``redact`` failed; one line
                says why. An older file stays as it was.
        """
        save(
            recording_of(self, input=input, history=history),
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
        file = check_target(file)
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
        """Attach to the same container with the same options, after the session has ended.

        The session goes on: what it received stays, a mark says where it was attached again, and
        what comes is added below that, in the same views. If it has not ended, nothing is done.

        Args:
            start: start the container if it does not run. No output from then on is missed.

        Returns:
            The session itself. It keeps its name, unless that was taken meanwhile.

        Raises:
            Conflict: the session is an exec's, or only read the log; the container is paused, or
                has ended and ``start`` is not set; :meth:`release` was called meanwhile.
            NotFound: the container was removed.
            HyperJupyterError: as for :meth:`Client.attach` and ``start``.
        """
        return self._return(start=start)

    def follow_restarts(self) -> Session:
        """Attach again after the end, and go on with the container's next life from now on.

        If the container does not run, the session waits for its next start. It returns the session
        itself. A session that has not ended follows the container from now on.

        Raises:
            Conflict: the session is an exec's, or only read the log; the container is paused.
            NotFound: the container was removed.
            HyperJupyterError: as for :meth:`Client.attach`.
        """
        return self._return(follow=True)

    def _return(self, *, start: bool = False, follow: bool = False) -> Session:
        with self._lock:
            if self.state not in ENDED:
                if follow:
                    self._follow_from_now()
                return self
            releases = self._releases
            controls = self.controls()
            refused = controls.follow if follow else controls.again and controls.start
            if refused:
                raise Conflict(
                    409,
                    f"the session cannot be attached again: {controls.follow or refused}",
                )
            keys = configured_detach_keys(self.client.profile)
            try:
                self._begin_again(configured_keys=keys, start=start, follow=follow)
            except NotFound as error:
                raise self._removed() from error
            # release() may have been called meanwhile, for the session as it was.
            if self._releases != releases:
                self._release()
                raise Conflict(409, "the session's cell was run again meanwhile")
            for saved in self._saved:
                saved.follow(self)
        return self

    def _removed(self) -> NotFound:
        """Return the error for a container that is gone. Blocks for one call."""
        name = self.container.name
        try:
            taken = any(each.name == name for each in self.client.containers(all=True))
        except HyperJupyterError:
            taken = False
        hint = f"Another container has its name now: %hyper_attach {name}" if taken else ""
        return NotFound(404, f"container {name} was removed", hint=hint)

    def release(self) -> None:
        """Detach, remove the widgets from the page, and free the name. The input is never ended.

        Also a session that is just being attached again is released.
        """
        self._releases += 1  # without the lock: an engine may take long to attach
        self._release()

    def _release(self) -> None:
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

    def show(
        self, layout: str | None = None, *, rows: int | None = None, place: str = "cell"
    ) -> None:
        """Display the session now, and not again as the value of the running cell.

        There are two outputs: the view, and a saved output for readers without a kernel, as
        :func:`configure` says.

        Args:
            layout: as for :meth:`view`.
            rows: as for :meth:`view`.
            place: as for :meth:`view`.
        """
        self.mark_shown()
        view = self.view(layout, rows=rows, place=place)
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
