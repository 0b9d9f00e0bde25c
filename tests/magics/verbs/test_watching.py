"""``%hyper stats`` and ``%hyper events`` on an engine that reports what a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.api import Client, EventWatch, StatsWatch, client_for
from hyper_jupyter.client.records import Event, Stats
from hyper_jupyter.exceptions import ApiError, NotFound
from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.verbs import run_verb
from hyper_jupyter.magics.verbs.watching import verbs as watching
from hyper_jupyter.magics.verbs.watching.columns import EVENTS, event_field, event_line, stats_table
from hyper_jupyter.session.watch import WatchState, live_stats, watches
from tests.reporting_engine import PATIENCE, ReportingEngine, identifier, stats_path


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReportingEngine]:
    monkeypatch.setattr(live_stats, "_INTERVAL", 0.01)
    with ReportingEngine("web", "db") as made:
        yield made
        for each in watches():
            each.stop()


@pytest.fixture
def hyper(engine: ReportingEngine) -> Callable[..., Any]:
    """A function that runs a line, in a notebook."""
    client = Client(client_for(engine.url).discovery)
    return lambda *words: run_verb(lambda: client, words, assigned=True).value


def aside(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


# -- stats -----------------------------------------------------------------------------------


def answer_once(engine: ReportingEngine, *names: str) -> Callable[[], None]:
    """A function that answers each one's request for a single reading."""

    def answer() -> None:
        for name in names:
            engine.await_open(stats_path(name))
            engine.read(name, cpu=12.5, memory=2048)
            engine.end(stats_path(name))

    return answer


def test_one_reading_of_each_is_data(engine: ReportingEngine, hyper: Callable[..., Any]) -> None:
    engine.states["old"] = "exited"
    thread = aside(answer_once(engine, "web", "db"))
    rows = hyper("stats", "--no-stream", "-a")
    thread.join(PATIENCE)
    assert [(each.name, each.memory) for each in rows] == [("web", 2048), ("db", 2048), ("old", 0)]
    header, web, _, old = str(rows).splitlines()
    assert header.split("  ")[0] == "CONTAINER ID"
    figures = ["12.50%", "2KiB / 8GiB", "0.00%", "1.5kB / 700B", "4.1kB / 0B", "3"]
    assert [cell.strip() for cell in web.split("   ") if cell.strip()] == [
        identifier("web")[:12], "web", *figures,
    ]  # fmt: skip
    assert [cell.strip() for cell in old.split("   ") if cell.strip()][2:] == [
        "--", "-- / --", "--", "-- / --", "-- / --", "--",
    ]  # fmt: skip
    assert watches() == []
    engine.await_open("/events", 0)


def test_a_reading_can_be_lines(engine: ReportingEngine, hyper: Callable[..., Any]) -> None:
    thread = aside(answer_once(engine, "db"))
    line = ["stats", "--no-stream", "--no-trunc", "--format", "{{.Name}} {{.CPUPerc}} {{.ID}}"]
    assert hyper(*line, "db") == [f"db 12.50% {identifier('db')}"]
    thread.join(PATIENCE)


def test_a_name_that_nothing_has_hides_no_reading_of_the_others(
    engine: ReportingEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    client = Client(client_for(engine.url).discovery)
    thread = aside(answer_once(engine, "db"))
    line = ["stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}}", "nobody", "db", "nothing"]
    with pytest.raises(NotFound, match="nothing"):
        run_verb(lambda: client, line)
    thread.join(PATIENCE)
    printed = capsys.readouterr()
    assert printed.out == "db 12.50%\n"
    assert printed.err.splitlines() == ["Error: No such container: nobody"]


def test_live_figures_are_a_view_that_is_data_too(
    engine: ReportingEngine, hyper: Callable[..., Any]
) -> None:
    watch = hyper("stats")
    assert isinstance(watch, StatsWatch)
    for name in ("web", "db"):
        engine.await_open(stats_path(name))
        engine.read(name, cpu=50.0)
    assert watch.wait(PATIENCE)
    assert str(watch.latest).splitlines()[1].split()[1:3] == ["web", "50.00%"]
    assert [each.name for each in watch.history("db")] == ["db"]
    assert repr(watch) == f"<StatsWatch of all running containers on {engine.url}: live>"
    watch.release()
    engine.await_open(stats_path("web"), 0)
    assert watch.state is WatchState.STOPPED


@pytest.mark.parametrize(
    ("words", "text", "hint"),
    [
        (["stats", "--format", "{{.Name}}"], "has columns", "Add --no-stream"),
        (["stats", "--no-stream", "--format", "{{.Nmae}}"], "no field .Nmae", "Fields: .ID"),
        (["stats", "--no-stream", "--format", "{{upper .Name}}"], "only fields", "In Python"),
        (["events", "--format", "json"], "has columns", "Add --until now"),
        (["events", "-f", "type"], "not a filter", "NAME=VALUE"),
    ],
)
def test_what_cannot_be_shown_is_said_before_anything_is_asked(
    engine: ReportingEngine, hyper: Callable[..., Any], words: list[str], text: str, hint: str
) -> None:
    before = len(engine.requests)
    with pytest.raises(UsageFault, match=text) as failure:
        hyper(*words)
    assert hint in failure.value.hint
    assert [line for line in engine.requests[before:] if "/containers" in line] == []


def test_a_name_that_nothing_has_is_an_error(hyper: Callable[..., Any]) -> None:
    with pytest.raises(NotFound):
        hyper("stats", "nobody")


# -- events ----------------------------------------------------------------------------------


def end_events(engine: ReportingEngine) -> None:
    engine.await_open("/events")
    engine.happen("die", "web", exitCode="3")
    engine.end("/events")


def test_events_until_now_are_data(engine: ReportingEngine, hyper: Callable[..., Any]) -> None:
    moments: list[dict[str, list[str]]] = []

    def answer() -> None:
        engine.await_open("/events")
        moments.extend(engine.queries("/events"))
        engine.send("/events", event("die", 12.25, exitCode="3"))
        engine.end("/events")

    thread = aside(answer)
    rows = hyper(
        "events", "--until", "now", "--since", "1h", "-f", "event=die", "-f", "type=container"
    )
    thread.join(PATIENCE)
    assert [(each.action, each.name) for each in rows] == [("die", "web")]
    assert "exitCode=3, name=web" in str(rows)
    [query] = moments
    assert set(query) == {"since", "until", "filters"}
    assert json.loads(query["filters"][0]) == {"event": ["die"], "type": ["container"]}


def test_events_can_be_lines(engine: ReportingEngine, hyper: Callable[..., Any]) -> None:
    def answer() -> None:
        engine.await_open("/events")
        engine.send("/events", event("die", 12.25, exitCode="3"))
        engine.end("/events")

    thread = aside(answer)
    template = (
        "{{.Action}} {{.Actor.Attributes.exitCode}} {{.Time}} {{.ID}} {{json .Actor.Attributes}}"
    )
    lines = hyper("events", "--until", "now", "--format", template)
    thread.join(PATIENCE)
    attributes = '{"name":"web","exitCode":"3"}'
    assert lines == [f"die 3 12 {identifier('web')} {attributes}"]


def test_live_events_are_a_view_that_is_data_too(
    engine: ReportingEngine, hyper: Callable[..., Any]
) -> None:
    watch = hyper("events", "-f", "type=container")
    assert isinstance(watch, EventWatch)
    engine.await_open("/events")
    arrived = threading.Event()
    end = watch.subscribe(arrived.set)
    engine.happen("start", "db")
    assert arrived.wait(PATIENCE)
    end()
    assert [(each.action, each.name) for each in watch.latest] == [("start", "db")]
    assert [number for number, _ in watch.newer(0)] == [1]
    assert "type=container" in repr(watch)
    with watch:
        pass
    engine.await_open("/events", 0)


# -- in a terminal ---------------------------------------------------------------------------


@pytest.fixture
def in_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "is_terminal", lambda: True)


@pytest.mark.usefixtures("in_terminal")
def test_in_a_terminal_events_are_printed_until_their_time(
    engine: ReportingEngine, hyper: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    thread = aside(lambda: end_events(engine))
    assert hyper("events", "--until", "2999-01-01", "--format", "{{.Action}} {{.ID}}") is None
    thread.join(PATIENCE)
    assert capsys.readouterr().out == f"die {identifier('web')}\n"
    assert watches() == []


@pytest.mark.usefixtures("in_terminal")
def test_in_a_terminal_figures_are_printed_until_the_engine_refuses(
    engine: ReportingEngine, hyper: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    def answer() -> None:
        engine.await_open("/events")
        engine.refusals["/containers/json"] = (403, "not for you")
        engine.happen("start", "web")

    thread = aside(answer)
    with pytest.raises(ApiError, match="not for you"):
        hyper("stats")
    thread.join(PATIENCE)
    assert "MEM USAGE / LIMIT" in capsys.readouterr().out
    assert watches() == []


@pytest.mark.usefixtures("in_terminal")
def test_ctrl_c_ends_it(
    engine: ReportingEngine, hyper: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: StatsWatch) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(StatsWatch, "latest", property(interrupt))
    assert hyper("stats") is None
    assert watches() == []
    engine.await_open("/events", 0)


# -- how they look -----------------------------------------------------------------------------


def event(action: str, time: float, **attributes: str) -> dict[str, Any]:
    return {
        "Type": "container",
        "Action": action,
        "Actor": {"ID": identifier("web"), "Attributes": {"name": "web", **attributes}},
        "time": int(time),
        "timeNano": int(time * 1e9),
    }


@pytest.mark.parametrize(
    ("stats", "memory", "percent"),
    [
        (Stats("i", "n", 1.0, None, 2048, 4096, 0, 0, 0, 0, 1), "2KiB / 4KiB", "50.00%"),
        (Stats("i", "n", 1.0, None, 2048, 0, 0, 0, 0, 0, 1), "2KiB / --", "--"),
        (Stats("i", "n", 1.0, None, 0, 0, 0, 0, 0, 0, 1), "-- / --", "--"),
        (Stats("i", "n", 0.0, None, 0, 4096, 0, 0, 0, 0, 1), "-- / --", "--"),
    ],
)
def test_what_an_engine_does_not_count_is_no_zero(stats: Stats, memory: str, percent: str) -> None:
    lines = stats_table().rows([stats], "{{.MemUsage}}|{{.MemPerc}}|{{.CPUPerc}}")
    assert lines == [f"{memory}|{percent}|--"]


def test_an_event_in_one_line_is_as_docker_prints_it() -> None:
    found = Event.from_row(event("die", 12.5, exitCode="3"))
    time, rest = event_line(found).split(" ", 1)
    assert time.startswith(("1970-01-01T", "1969-12-31T"))
    assert rest == f"container die {identifier('web')} (exitCode=3, name=web)"
    assert str(EVENTS.rows([found])).split()[:3] == ["TIME", "TYPE", "ACTION"]


def test_a_template_can_name_what_the_engine_sent_and_what_is_known_without() -> None:
    row = event("die", 12.5, image="busybox")
    for found in (
        Event.from_row(row),
        Event(12.5, "container", "die", "f00d", "web", {"image": "busybox"}),
    ):
        assert event_field(found, "")["Action"] == "die"
        assert event_field(found, "Status") == "die"
        assert event_field(found, "From") == "busybox"
        assert event_field(found, "TimeNano") == 12_500_000_000
        assert event_field(found, "Actor")["Attributes"]["image"] == "busybox"
    with pytest.raises(KeyError):
        event_field(Event.from_row(row), "Nothing")
