"""The live views on a recorded comm."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.client.records import Event, Stats
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.recording.screen.style import NO_MATH
from hyper_jupyter.session import runtime
from hyper_jupyter.session.watch import Watch, WatchState
from hyper_jupyter.session.watch.live_events import Entry
from hyper_jupyter.session.watch.live_stats import Reading, Row
from hyper_jupyter.settings.saved_output import SavedOutput
from hyper_jupyter.widgets import EventsWidget, SavedWatch, StatsWidget, saved_output
from hyper_jupyter.widgets.kernel import publish
from tests.widgets.comms import RecordedComms, from_page, registered_widgets, wait_for_jobs

CLIENT: Any = SimpleNamespace(host="unix:///engine", engine="docker")
STATS = Stats("f00d", "web", 5.0, 12.5, 1 << 20, 1 << 30, 1, 2, 3, 4, 5)


class ScriptedStats(Watch):
    """Readings as a test says."""

    def __init__(self) -> None:
        super().__init__(CLIENT)
        self.revision = 0
        self.left_out = 0
        self.row = Row("f00d", "web", "running")

    def read(self, cpu: float | None = 12.5) -> None:
        self.revision += 1
        stats = replace(STATS, cpu_percent=cpu, time=float(self.revision))
        self.row.readings.append(Reading(self.revision, stats))
        self._changed()

    def rows(self) -> list[Row]:
        return [self.row.copy()]

    def be(self, state: WatchState, error: Any = None) -> None:
        self._enter(state, error)

    def _end_requests(self) -> None:
        pass


class ScriptedEvents(Watch):
    """Events as a test says."""

    def __init__(self) -> None:
        super().__init__(CLIENT)
        self.dropped = 0
        self.list: deque[Entry] = deque()

    @property
    def revision(self) -> int:
        return self.list[-1].number if self.list else 0

    def happen(self, event: Event, size: int = 100) -> None:
        self.list.append(Entry(self.revision + 1, event, size))
        self._changed()

    def entries(self, after: int = 0) -> list[Entry]:
        return [each for each in self.list if each.number > after]

    def _end_requests(self) -> None:
        pass


def news(comms: RecordedComms, count: int) -> list[dict[str, Any]]:
    """The first messages with news, as many as that."""
    found = comms.wait_for(lambda: len(comms.custom("news")) >= count and comms.custom("news"))
    return [message for message, _ in found]


def test_a_page_that_says_hello_is_sent_all_readings(comms: RecordedComms) -> None:
    live = ScriptedStats()
    live.read(None)
    live.read()
    widget = StatsWidget(live, "web")
    from_page(widget, type="hello", page="p", have=0)
    [message] = news(comms, 1)
    [row] = message.pop("rows")
    assert message == {
        "type": "news", "page": "p", "seq": 1, "after": 0, "revision": 2, "left_out": 0,
    }  # fmt: skip
    assert [list(point) for point in row.pop("points")] == [
        [1, 1.0, None, 1 << 20],
        [2, 2.0, 12.5, 1 << 20],
    ]
    assert row == {
        "id": "f00d", "name": "web", "state": "running", "problem": "",
        "figures": {
            "cpu_percent": 12.5, "memory": 1 << 20, "memory_limit": 1 << 30,
            "network_received": 1, "network_sent": 2, "block_read": 3, "block_written": 4,
            "pids": 5,
        },
    }  # fmt: skip
    assert comms.threads[-1] == "hyper_jupyter publisher"


def test_what_comes_later_is_sent_without_what_the_page_has(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StatsWidget, "interval", 0.0)
    live = ScriptedStats()
    live.read()
    widget = StatsWidget(live, "web")
    from_page(widget, type="hello", page="p", have=0)
    news(comms, 1)
    live.read()
    message = news(comms, 2)[1]
    assert (message["after"], message["revision"]) == (1, 2)
    assert [point[0] for point in message["rows"][0]["points"]] == [2]


def test_one_that_does_not_run_has_no_figures(comms: RecordedComms) -> None:
    live = ScriptedStats()
    live.read()
    live.row.state = "exited"
    widget = StatsWidget(live, "web")
    from_page(widget, type="hello", page="p", have=0)
    [row] = news(comms, 1)[0]["rows"]
    assert (row["figures"], len(row["points"])) == (None, 1)


def test_a_page_that_acknowledges_nothing_is_not_flooded(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StatsWidget, "interval", 0.0)
    live = ScriptedStats()
    widget = StatsWidget(live, "web")
    from_page(widget, type="hello", page="p", have=0)
    for _ in range(100):
        live.read()
        wait_for_jobs(runtime().publisher)
    sent = news(comms, 30)
    assert len(sent) == 30
    from_page(widget, type="ack", page="p", seq=sent[-1]["seq"])
    wait_for_jobs(runtime().publisher)
    assert news(comms, 31)[-1]["revision"] == 100


def test_the_button_stops_the_watch_and_the_status_says_so(comms: RecordedComms) -> None:
    live = ScriptedStats()
    widget = StatsWidget(live, "web")
    live.be(WatchState.LIVE)
    comms.wait_for(lambda: comms.statuses() and comms.statuses()[-1]["state"] == "live")
    live.be(WatchState.GONE, ConnectionFailed("nobody is there"))
    comms.wait_for(lambda: comms.statuses()[-1]["error"] == "nobody is there")
    from_page(widget, type="stop", page="p")
    comms.wait_for(lambda: comms.statuses()[-1]["state"] == "stopped")
    assert live.state is WatchState.STOPPED
    assert comms.statuses()[-1] == {
        "state": "stopped", "error": "", "engine": "docker", "host": "unix:///engine",
        "what": "web",
    }  # fmt: skip
    assert repr(widget) == "<StatsWidget of web on unix:///engine: stopped>"


def test_what_must_not_be_saved_is_not_in_the_status(comms: RecordedComms) -> None:
    def clean(text: str) -> str:
        if text == "broken":
            raise ValueError
        return text.replace("secret", "")

    widget = StatsWidget(ScriptedStats(), "secret", clean)
    assert widget.status["what"] == "[redacted]"
    assert StatsWidget(ScriptedStats(), "broken", clean).status["what"] == "[redacted]"


def test_a_closed_widget_says_nothing_more(comms: RecordedComms) -> None:
    live = ScriptedStats()
    widget = StatsWidget(live, "web")
    from_page(widget, type="hello", page="p", have=0)
    news(comms, 1)
    widget.close()
    widget.close()
    live.read()
    wait_for_jobs(runtime().publisher)
    assert len(comms.custom("news")) == 1
    assert live.state is WatchState.CONNECTING  # it is not the widget's to stop


def test_a_closed_widget_leaves_nothing_behind(comms: RecordedComms) -> None:
    first = StatsWidget(ScriptedStats(), "web")
    first.close()
    count = len(registered_widgets())
    EventsWidget(ScriptedEvents(), "web").close()
    assert len(registered_widgets()) == count


def test_events_are_sent_with_as_many_attributes_as_a_page_needs(comms: RecordedComms) -> None:
    live = ScriptedEvents()
    many = {f"label{number:02}": "x" * 1000 for number in range(50)}
    live.happen(Event(1.5, "container", "start", "f00d", "web", many))
    widget = EventsWidget(live, "everything")
    from_page(widget, type="hello", page="p", have=0)
    [message] = news(comms, 1)
    [event] = message.pop("events")
    assert message == {
        "type": "news", "page": "p", "seq": 1, "after": 0, "revision": 1, "dropped": 0,
    }  # fmt: skip
    attributes = event.pop("attributes")
    assert event == {
        "number": 1, "time": 1.5, "type": "container", "action": "start", "id": "f00d",
        "name": "web", "more": 10,
    }  # fmt: skip
    assert [list(each) for each in attributes][:1] == [["label00", "x" * 400]]
    assert len(attributes) == 40


def test_many_events_come_in_several_messages(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventsWidget, "interval", 0.0)
    live = ScriptedEvents()
    for _ in range(1000):
        live.happen(Event(1.5, "container", "start", "f00d", "web"), size=400)
    widget = EventsWidget(live, "everything")
    from_page(widget, type="hello", page="p", have=0)
    comms.wait_for(lambda: comms.custom("news")[-1:] and _newest(comms) == 1000)
    messages = news(comms, 1)
    assert len(messages) == 4
    numbers = [event["number"] for message in messages for event in message["events"]]
    assert numbers == list(range(1, 1001))
    for one, other in itertools.pairwise(messages):
        assert one["revision"] == other["after"]


def _newest(comms: RecordedComms) -> int:
    return int(comms.custom("news")[-1][0]["revision"])


# -- what is saved ---------------------------------------------------------------------------


class Text(str):
    """A table."""

    def _repr_html_(self) -> str:
        return f"<table>{self}</table>"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, str], bool]]:
    """What is put into the notebook, and whether it takes the place of an earlier output."""
    found: list[tuple[dict[str, str], bool]] = []

    def note(data: Any, display_id: str | None = None, *, update: bool = False) -> None:
        found.append((dict(data), update))

    assert callable(publish)
    monkeypatch.setattr(saved_output, "publish", note)
    return found


def saved(live: ScriptedStats, policy: SavedOutput, name: Callable[[], str]) -> SavedWatch:
    return SavedWatch(
        live,
        "stats of <web> on local:",
        policy,
        table=lambda clean: Text(clean(name())),
        version=lambda: live.revision,
        ready=lambda: live.revision > 0,
    )


def test_the_first_figures_and_the_last_are_saved(
    published: list[tuple[dict[str, str], bool]],
) -> None:
    live = ScriptedStats()
    live.be(WatchState.LIVE)
    display = saved(live, SavedOutput(), lambda: f"revision {live.revision}")
    display.show()
    live.read()
    live.read()
    wait_for_jobs(runtime().recorder)
    live.stop()
    wait_for_jobs(runtime().recorder)
    texts = [(data["text/plain"].split("\n"), update) for data, update in published]
    assert [update for _, update in texts] == [False, True, True]
    [_, [first, figures], [last, after]] = [text for text, _ in texts]
    assert first.startswith("stats of <web> on local: live when this was saved. 20")
    assert (figures[:8], after) == ("revision", "revision 2")
    assert last.startswith("stats of <web> on local: stopped. 20")
    html = published[-1][0]["text/html"]
    assert "<div>stats of &lt;web&gt; on local: stopped." in html
    assert html.endswith("<table>revision 2</table></div>")
    assert html.startswith(f'<div class="hj-saved {NO_MATH}">')  # $…$ is no formula
    display.close()


def test_what_must_not_be_saved_is_not_saved(
    published: list[tuple[dict[str, str], bool]],
) -> None:
    live = ScriptedStats()
    live.be(WatchState.GONE, ConnectionFailed("no secret"))
    saved(live, SavedOutput(redact=["secret"]), lambda: "secret name").show()
    assert "secret" not in str(published)
    assert "name" in published[0][0]["text/html"]

    def broken(_: str) -> str:
        raise ValueError

    saved(live, SavedOutput(redact=[broken]), lambda: "name").show()
    assert "redact failed with ValueError" in published[1][0]["text/plain"]
    assert "name" not in str(published[1])
