"""Live views as users hold them: ``%hyper stats`` and ``%hyper events`` return them.

Layer: api. Any thread. The figures are in the session layer, what shows them in the widgets.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Self, TypeVar

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records import Event, Stats
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.watch import OVER, LiveEvents, LiveStats, Watch, WatchState
from hyper_jupyter.session.watch.live_stats import Row
from hyper_jupyter.settings.current import saved_output
from hyper_jupyter.widgets import EventsWidget, SavedWatch, StatsWidget, WatchWidget
from hyper_jupyter.widgets.kernel import execution_count, is_terminal

__all__ = ["EventWatch", "StatsWatch"]

_T = TypeVar("_T")


class _LiveView(Generic[_T]):
    """What both have in common.

    Args:
        live: where the records come from. It has been started.
        what: which part of the engine it is about, in words.
        table: makes a list of records that shows itself as a table.
    """

    def __init__(
        self, live: Watch, what: str, table: Callable[[Iterable[_T]], list[_T]] = list
    ) -> None:
        self._live = live
        self._what = what
        self._table = table
        self._shown_in: int | None = None
        self._saved: tuple[SavedWatch, ...] = ()

    @property
    def latest(self) -> list[_T]:
        """The newest records."""
        return self._table(self._records())

    @property
    def state(self) -> WatchState:
        """``connecting``, ``live``, ``gone`` (the engine), ``stopped``, ``ended``, ``failed``."""
        return self._live.state

    @property
    def error(self) -> HyperJupyterError | None:
        """Why the engine is gone, or has refused."""
        return self._live.error

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change, often on the I/O thread: it must return immediately.

        Returns:
            A function that ends the subscription.
        """
        return self._live.subscribe(wake)

    def stop(self) -> None:
        """End its requests to the engine. What was received stays, and so does the view."""
        self._live.stop()

    def release(self) -> None:
        """Stop, and remove the view from the page: its cell runs again."""
        for saved in self._saved:
            saved.close()
        self._saved = ()
        self.stop()
        widget = self.__dict__.pop("widget", None)
        if widget is not None:
            widget.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        host = self._live.client.host
        return f"<{type(self).__name__} of {self._what} on {host}: {self.state}>"

    @functools.cached_property
    def widget(self) -> WatchWidget:
        """The view, for layouts of your own."""
        return self._make_widget(lambda text: saved_output().clean(text))

    def show(self) -> None:
        """Display the view now, and not again as the value of the running cell.

        As for a session there is a second output beside it, for readers without a kernel, as
        :func:`configure` says.
        """
        self.mark_shown()
        policy = saved_output()
        if not policy.enabled:
            self.widget.publish()
            return
        self.widget.publish({"text/plain": "", "text/html": ""})
        saved = SavedWatch(
            self._live,
            f"{self._title()} of {self._what} on {self._live.client.host}",
            policy,
            table=self._saved_table,
            version=lambda: self._live.revision,  # type: ignore[attr-defined]
            ready=self._is_ready,
        )
        saved.show()
        self._saved = (*self._saved, saved)

    def mark_shown(self) -> None:
        """Keep the view from being displayed as the value of the running cell."""
        self._shown_in = execution_count()

    def _ipython_display_(self) -> None:
        """Show it as a cell's value, unless the cell has already shown it."""
        if is_terminal():
            raise NotImplementedError  # then IPython prints the one line of repr()
        if self._shown_in != execution_count() or self._shown_in is None:
            self.show()

    def _records(self) -> list[_T]:
        raise NotImplementedError

    def _title(self) -> str:
        raise NotImplementedError

    def _make_widget(self, clean: Callable[[str], str]) -> WatchWidget:
        raise NotImplementedError

    def _saved_table(self, clean: Callable[[str], str]) -> Any:
        raise NotImplementedError

    def _is_ready(self) -> bool:
        raise NotImplementedError


class StatsWatch(_LiveView[Stats]):
    """What containers use, until it is stopped: the value of ``%hyper stats``."""

    _live: LiveStats

    @classmethod
    def begin(
        cls,
        client: EngineClient,
        containers: Sequence[str] = (),
        *,
        all: bool = False,  # noqa: A002 - docker's word
        once: bool = False,
        table: Callable[[Iterable[Stats]], list[Stats]] = list,
    ) -> Self:
        """Begin to follow containers. Blocks for the engine's list.

        Args:
            client: the engine.
            containers: names or ids; without any, all that run are followed, as they come and go.
            all: without names, also those that do not run.
            once: one complete reading of each is enough.
            table: makes a list of readings that shows itself as a table.

        Raises:
            NotFound: there is no such container; the hint has similar names.
            HyperJupyterError: the engine cannot be reached, or refuses.
        """
        live = LiveStats(client, containers, all=all, once=once)
        live.start()
        what = ", ".join(containers) or ("all containers" if all else "all running containers")
        return cls(live, what, table)

    @property
    def complete(self) -> bool:
        """Whether each container that runs has a reading with all its figures."""
        return self._live.complete

    def wait(self, timeout: float) -> bool:
        """Wait until :attr:`complete`, or until it is over; return whether that came in time.

        Args:
            timeout: seconds.
        """
        return _wait_for(self._live, lambda: self._live.complete, timeout)

    def history(self, container: str) -> list[Stats]:
        """Return the readings of a container that are kept, at most 120, oldest first.

        Args:
            container: its name, or the beginning of its id.

        Raises:
            KeyError: it is not followed.
        """
        return self._table(self._live.history(container))

    def _records(self) -> list[Stats]:
        """Return a record for each container. One that does not run has no time and no figures."""
        rows = self._live.rows()
        if not (self._live.all or self._live.named):
            rows = [row for row in rows if row.latest is not None]
        return [row.latest or _without_figures(row) for row in rows]

    def _title(self) -> str:
        return "stats"

    def _make_widget(self, clean: Callable[[str], str]) -> WatchWidget:
        return StatsWidget(self._live, self._what, clean)

    def _saved_table(self, clean: Callable[[str], str]) -> Any:
        return self._table(replace(each, name=clean(each.name)) for each in self._records())

    def _is_ready(self) -> bool:
        return self._live.complete


class EventWatch(_LiveView[Event]):
    """What happens on an engine, until it is stopped: the value of ``%hyper events``."""

    _live: LiveEvents

    @classmethod
    def begin(
        cls,
        client: EngineClient,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        since: int | None = None,
        until: int | None = None,
        table: Callable[[Iterable[Event]], list[Event]] = list,
    ) -> Self:
        """Begin to follow an engine. Blocks until it has accepted.

        Args:
            client: the engine.
            filters: as the engine takes them: names and lists of values.
            since: nanoseconds since the epoch; ``None`` begins now.
            until: nanoseconds since the epoch, when it ends; ``None`` is never.
            table: makes a list of events that shows itself as a table.

        Raises:
            HyperJupyterError: the engine cannot be reached, or refuses.
        """
        live = LiveEvents(client, filters=filters, since=since, until=until)
        live.start()
        chosen = [f"{name}={value}" for name, values in live.filters.items() for value in values]
        return cls(live, ", ".join(chosen) or "everything", table)

    def newer(self, number: int) -> list[tuple[int, Event]]:
        """Return the kept events that came after another one, each with its number, oldest first.

        Args:
            number: that of the other one; the first event that came has 1, so 0 is for all.
        """
        return [(each.number, each.event) for each in self._live.entries(number)]

    @property
    def dropped(self) -> int:
        """How many events are not kept: the newest 1,000 are, or 2 Mi characters of them."""
        return self._live.dropped

    def _records(self) -> list[Event]:
        return [entry.event for entry in self._live.entries()]

    def _title(self) -> str:
        return "events"

    def _make_widget(self, clean: Callable[[str], str]) -> WatchWidget:
        return EventsWidget(self._live, self._what, clean)

    def _saved_table(self, clean: Callable[[str], str]) -> Any:
        lines = saved_output().lines
        records = self._records()[-lines:] if lines else []
        return self._table(_cleaned(each, clean) for each in records)

    def _is_ready(self) -> bool:
        return bool(self._live.revision)


def _without_figures(row: Row) -> Stats:
    zeros: Any = [0] * 7
    return Stats(row.id, row.name, 0.0, None, *zeros)


def _cleaned(event: Event, clean: Callable[[str], str]) -> Event:
    attributes = {name: clean(value) for name, value in event.attributes.items()}
    return replace(event, name=clean(event.name), attributes=attributes)


def _wait_for(live: Watch, condition: Callable[[], bool], timeout: float) -> bool:
    """Wait for a condition that a change of the watch may fulfil; return whether it holds."""
    deadline = time.monotonic() + timeout
    changed = threading.Event()
    unsubscribe = live.subscribe(changed.set)
    try:
        while not (found := condition()) and live.state not in OVER:
            changed.clear()
            if condition() or not changed.wait(max(0.0, deadline - time.monotonic())):
                return condition()
        return found
    finally:
        unsubscribe()
