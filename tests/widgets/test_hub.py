"""The hub and the bundle that it carries, on a recorded comm."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets import SessionWidgets, choose_front_end, hub
from hyper_jupyter.widgets.page_widget import PageWidget
from hyper_jupyter.widgets.replay.replay_widget import ReplayWidget
from tests.widgets.comms import RecordedComms, from_page, wait_for_jobs
from tests.widgets.fakes import ScriptedSession


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the built front end, which is empty."""
    monkeypatch.setattr(hub, "_STATIC", tmp_path)
    return tmp_path


def test_without_a_built_front_end_the_error_says_how_to_build_it(static: Path) -> None:
    with pytest.raises(HyperJupyterError, match="is not built") as caught:
        hub.bundle.__wrapped__()
    assert "npm run build" in caught.value.hint


@pytest.fixture
def by_anywidget(comms: RecordedComms) -> RecordedComms:
    choose_front_end("anywidget")
    return comms


def test_the_hub_carries_the_code_and_its_hash(by_anywidget: RecordedComms) -> None:
    made = hub.hub()
    built = hub.bundle()
    assert (made._esm, made.bundle, made.key) == (built.code, built.hash, built.key)


def test_a_widget_with_a_stub_comes_after_the_hub(by_anywidget: RecordedComms) -> None:
    PageWidget()
    opened = [data["state"] for _, kind, data, _ in by_anywidget.published if kind == "comm_open"]
    modules = [state["_esm"] for state in opened if "_esm" in state]
    assert modules == [hub.bundle().code, hub.bundle().stub]


def test_the_bundle_travels_once_however_many_widgets_there_are(
    by_anywidget: RecordedComms, publisher: Worker
) -> None:
    for name in ("one", "two"):
        widgets = SessionWidgets(ScriptedSession(name))
        widgets.view()
        _ = widgets.stdout, widgets.stderr, widgets.stdin, widgets.detach
    modules = [
        data["state"]["_esm"]
        for _, kind, data, _ in by_anywidget.published
        if kind == "comm_open" and "_esm" in data["state"]
    ]
    code = hub.bundle().code
    assert len(modules) == 13
    assert modules.count(code) == 1
    assert all(len(module) < 1100 for module in modules if module != code)


def test_the_stub_says_after_five_seconds_that_the_code_has_not_come() -> None:
    stub = hub.bundle().stub
    assert "The kernel has not sent hyper_jupyter's code. Run the cell again." in stub
    assert "}, 5000);" in stub
    assert "LATE" not in stub


def test_a_hub_that_someone_closed_is_made_again(comms: RecordedComms) -> None:
    first = hub.hub()
    assert hub.hub() is first
    first.close()
    assert hub.hub() is not first


def test_no_second_module_travels_that_no_widget_needs(by_anywidget: RecordedComms) -> None:
    SessionWidgets(ScriptedSession("one")).view()
    names = {"doctor", "lines", "place", "player", "reader", "reading", "search", "watches"}
    assert set(hub.bundle().second) == names
    state = hub.hub().get_state()
    assert {state[f"second_{name}"] for name in hub.bundle().second} == {""}


def test_a_player_s_code_is_in_the_hub_s_state_before_the_player_is(
    by_anywidget: RecordedComms,
) -> None:
    player = ReplayWidget(b"recording", "web")
    code = hub.bundle().second["player"]
    senders = [comm for comm, *_ in by_anywidget.published]
    before = by_anywidget.published[: senders.index(player.comm.comm_id)]
    [sent] = [data["state"] for _, kind, data, _ in before if kind == "comm_msg"]
    assert sent == {"second_player": code}
    assert hub.hub().get_state()["second_player"] == code  # which is what a notebook saves


def test_a_page_that_asks_is_sent_a_second_module_however_often_it_asks(
    by_anywidget: RecordedComms, publisher: Worker
) -> None:
    made = hub.hub()
    for count in (1, 2):  # the first answer may have been lost
        from_page(made, type="second", name="search")
        wait_for_jobs(publisher)
        sent = [
            data["state"]["second_search"]
            for comm, kind, data, _ in by_anywidget.published
            if kind == "comm_msg" and comm == made.comm.comm_id
        ]
        assert sent == [hub.bundle().second["search"]] * count


@pytest.mark.parametrize("name", ["../index", "", None, ["search"], "_esm"])
def test_a_page_that_asks_for_anything_else_is_not_answered(
    by_anywidget: RecordedComms, publisher: Worker, name: object
) -> None:
    made = hub.hub()
    before = len(by_anywidget.published)
    from_page(made, type="second", name=name)
    wait_for_jobs(publisher)
    assert len(by_anywidget.published) == before
