"""Live views without a page: printed until Ctrl-C, as docker's commands do.

Layer: magics. The main thread is busy here until the end.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from hyper_jupyter.api import EventWatch, StatsWatch
from hyper_jupyter.client.records import Event, Stats
from hyper_jupyter.session.watch import OVER, WatchState

__all__ = ["print_events", "print_stats"]

_INTERVAL: Final = 1.0
_HOME: Final = "\x1b[H"
_CLEAR: Final = "\x1b[H\x1b[2J"
_LINE_END: Final = "\x1b[K\n"
_BELOW: Final = "\x1b[J"


def print_stats(watch: StatsWatch, table: Callable[[list[Stats]], object]) -> None:
    """Print a table each second, at the top of a terminal; until Ctrl-C, or the end.

    Raises:
        HyperJupyterError: the engine refuses.
    """
    terminal = sys.stdout.isatty()
    if terminal:
        sys.stdout.write(_CLEAR)

    def show() -> None:
        text = [*str(table(watch.latest)).split("\n"), *_trouble(watch)]
        if terminal:
            sys.stdout.write(_HOME + "".join(line + _LINE_END for line in text) + _BELOW)
        else:
            print(*text, sep="\n")
        sys.stdout.flush()

    _follow(watch, show, _INTERVAL)


def print_events(watch: EventWatch, line: Callable[[Event], str]) -> None:
    """Print each event when it comes; until Ctrl-C, or the end.

    Raises:
        HyperJupyterError: the engine refuses.
    """
    printed = 0
    trouble: list[str] = []

    def show() -> None:
        nonlocal printed, trouble
        events = watch.newer(printed)
        for number, event in events:
            if number > printed + 1:
                print(f"({number - printed - 1} events are not shown)")
            print(line(event))
            printed = number
        now = _trouble(watch)
        if now and now != trouble:
            print(*now, sep="\n", file=sys.stderr)
        trouble = now
        sys.stdout.flush()

    _follow(watch, show, 0.0)


def _follow(watch: StatsWatch | EventWatch, show: Callable[[], None], interval: float) -> None:
    changed = threading.Event()
    unsubscribe = watch.subscribe(changed.set)
    try:
        while True:
            changed.clear()
            over = watch.state in OVER
            show()
            if over:
                break
            shown_at = time.monotonic()
            changed.wait()
            if watch.state not in OVER:
                time.sleep(max(0.0, shown_at + interval - time.monotonic()))
    except KeyboardInterrupt:
        print()
    finally:
        unsubscribe()
        watch.stop()
    if watch.state is WatchState.FAILED and watch.error is not None:
        raise watch.error


def _trouble(watch: StatsWatch | EventWatch) -> list[str]:
    if watch.state is WatchState.GONE:
        return [f"The engine does not answer, and is asked again: {watch.error}"]
    return []
