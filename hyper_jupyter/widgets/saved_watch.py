"""The saved output beside a live view: its last figures, or its events, as a table.

Layer: widgets. As ``saved_output``: updates are published by the recorder, and at the end of each
cell by the kernel's main thread. The first figures are published as soon as they are there: the
cell that asked for them has mostly ended by then.
"""

from __future__ import annotations

import datetime as dt
import html
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.report import saved_element
from hyper_jupyter.session.watch import OVER, Watch, WatchState
from hyper_jupyter.settings.saved_output import SavedOutput
from hyper_jupyter.widgets.saved_output import SavedView

__all__ = ["SavedWatch", "Table", "describe_state"]

logger = logging.getLogger(__name__)

_WORDS = {
    WatchState.CONNECTING: "connecting",
    WatchState.LIVE: "live when this was saved",
    WatchState.GONE: "the engine is gone",
    WatchState.STOPPED: "stopped",
    WatchState.ENDED: "ended",
    WatchState.FAILED: "failed",
}


class Table(Protocol):
    """Records as a table: as text, and as HTML."""

    def __str__(self) -> str:
        """Return it as text."""

    def _repr_html_(self) -> str: ...


class SavedWatch(SavedView):
    """The saved output of one watch.

    Args:
        watch: what is saved.
        title: what it is, such as ``stats of web``.
        policy: what may be saved; read at each update.
        table: makes the table, of texts that went through the function that it is given.
        version: returns another value whenever the table is another one.
        ready: whether there is enough to be published for the first time.
    """

    def __init__(
        self,
        watch: Watch,
        title: str,
        policy: SavedOutput,
        *,
        table: Callable[[Callable[[str], str]], Table],
        version: Callable[[], object],
        ready: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._watched = watch
        self._title = title
        self._policy = policy
        self._table = table
        self._news = version
        self._ready = ready
        self._first = True

    def _changed(self) -> None:
        if self._first and self._ready():
            self._first = False
            self._update_soon()
        super()._changed()

    def _data(self, at: float) -> Mapping[str, str]:
        head = f"{self._title.removesuffix(':')}: {describe_state(self._watched)}. "
        try:
            table: Any = self._table(self._policy.clean)
            head = printable(self._policy.clean(head))
        except Exception as error:
            # Any error: what a broken filter did not remove must not be saved.
            logger.warning("! a view is not saved because redact failed", exc_info=True)
            head = f"Not saved, because redact failed with {type(error).__name__}."
            table = None
        head = f"{head} {dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
        body = "" if table is None else table._repr_html_()
        return {
            "text/plain": head if table is None else f"{head}\n{table}",
            "text/html": saved_element(f"<div>{html.escape(head)}</div>{body}"),
        }

    def _version(self) -> object:
        return self._watched.state, self._news()

    def _has_ended(self) -> bool:
        return self._watched.state in OVER

    def _is_final(self) -> bool:
        return self._watched.state in OVER

    def _subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        return self._watched.subscribe(wake)


def describe_state(watch: Watch) -> str:
    """Return where a watch stands, in words."""
    words = _WORDS[watch.state]
    return f"{words}: {printable(str(watch.error))}" if watch.error is not None else words
