"""The verbs ``stats`` and ``events``.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from hyper_jupyter.api import EventWatch, StatsWatch, nanoseconds
from hyper_jupyter.client import open_events
from hyper_jupyter.client.records import Event, Stats
from hyper_jupyter.magics.arguments import Completes, Parser, UsageFault
from hyper_jupyter.magics.verbs.tables import add_filters, add_format, filters_of
from hyper_jupyter.magics.verbs.template import Template
from hyper_jupyter.magics.verbs.verb import Call, Verb, for_each
from hyper_jupyter.magics.verbs.watching.columns import EVENTS, event_field, event_line, stats_table
from hyper_jupyter.magics.verbs.watching.printing import print_events, print_stats
from hyper_jupyter.widgets.kernel import is_terminal

__all__ = ["VERBS"]

_PATIENCE: Final = 10.0
"""Seconds for the first figures, at least: an engine needs two readings, a second apart."""


# -- stats -----------------------------------------------------------------------------------


def _stats_flags(parser: Parser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="also those that do not run")
    parser.add_argument("--no-stream", action="store_true", help="one reading, as data")
    parser.add_argument("--no-trunc", action="store_true", help="full ids")
    add_format(parser)
    parser.add_argument(
        "containers",
        metavar="CONTAINER",
        nargs="*",
        help="name or id; all that run if none is named",
        completes=Completes.RUNNING,
    )


def _stats(call: Call) -> Any:
    arguments = call.arguments
    table, template = stats_table(whole=arguments.no_trunc), arguments.format
    table.rows([], template)  # a template that is not understood is found now
    if arguments.no_stream:
        # Those that are there are shown, whatever other names nothing has.
        return for_each(_found, together=_stats_once)(call)
    in_terminal = is_terminal()
    if template is not None and not in_terminal:
        raise UsageFault(
            "--format makes lines, and the live view has columns",
            hint="Add --no-stream: then the value is the lines.",
        )
    watch = _watch_stats(call, arguments.containers)
    if in_terminal:
        print_stats(watch, lambda found: table.rows(found, template))
        return None
    return watch


def _found(call: Call, name: str) -> str:
    return str(call.client.inspect(name)["Id"])


def _stats_once(call: Call, containers: list[Any]) -> Any:
    """Return one reading of each container; of all if none is given."""
    with _watch_stats(call, containers, once=True) as watch:
        watch.wait(max(_PATIENCE, call.client.timeout))
    if watch.error is not None:
        raise watch.error
    table = stats_table(whole=call.arguments.no_trunc)
    return table.rows(watch.latest, call.arguments.format)


def _watch_stats(call: Call, containers: Sequence[str], *, once: bool = False) -> StatsWatch:
    arguments = call.arguments
    table = stats_table(whole=arguments.no_trunc)

    def rows(records: Iterable[Stats]) -> list[Stats]:
        return table.rows(list(records))  # type: ignore[return-value]

    return StatsWatch.begin(call.client, containers, all=arguments.all, once=once, table=rows)


# -- events ----------------------------------------------------------------------------------


def _events_flags(parser: Parser) -> None:
    add_filters(parser)
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="also those since then: 10m (ago), 2026-11-28T12:00, seconds",
    )
    parser.add_argument("--until", metavar="TIME", help="only until then; now for what has been")
    add_format(parser)


def _moment(text: str | None) -> int | None:
    if text is None:
        return None
    return time.time_ns() if text == "now" else nanoseconds(text)


def _events(call: Call) -> Any:
    arguments = call.arguments
    template: Template | None = None
    if arguments.format is not None:
        template = Template(arguments.format, "[each.action for each in client.events(until=…)]")
    filters = filters_of(arguments)
    since, until = _moment(arguments.since), _moment(arguments.until)
    if until is not None and until <= time.time_ns():
        with open_events(call.client, filters=filters, since=since, until=until) as events:
            found = list(events)
        if template is None:
            return EVENTS.rows(found)
        return template.lines([partial(event_field, event) for event in found])
    in_terminal = is_terminal()
    if template is not None and not in_terminal:
        raise UsageFault(
            "--format makes lines, and the live view has columns",
            hint="Add --until now: then the value is the lines.",
        )
    watch = EventWatch.begin(
        call.client, filters=filters, since=since, until=until, table=_event_rows
    )
    if in_terminal:
        print_events(watch, event_line if template is None else _line_maker(template))
        return None
    return watch


def _event_rows(records: Iterable[Event]) -> list[Event]:
    return EVENTS.rows(list(records))  # type: ignore[return-value]


def _line_maker(template: Template) -> Callable[[Event], str]:
    return lambda event: str(template.lines([partial(event_field, event)]))


VERBS: Final[dict[str, Verb]] = {
    "events": Verb("Show what happens on the engine, as it happens.", _events_flags, _events),
    "stats": Verb("Show what containers use, as it changes.", _stats_flags, _stats),
}
"""By name."""
