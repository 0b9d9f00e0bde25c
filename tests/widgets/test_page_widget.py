"""A widget in each of its forms, on a recorded comm."""

from __future__ import annotations

import html
import sys
import threading
from typing import Any

import anywidget
import ipywidgets
import pytest
from comm import get_comm_manager
from ipywidgets.widgets import widget as registered

from hyper_jupyter import __version__
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets import PageCheck, SessionWidgets, choose_front_end, hub, page_widget
from hyper_jupyter.widgets import front_end as module
from hyper_jupyter.widgets.front_end import Form, front_end
from tests.widgets.comms import RecordedComms, registered_widgets, wait_for_jobs
from tests.widgets.fakes import ScriptedSession

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def widgets(comms: RecordedComms, publisher: Worker) -> SessionWidgets:
    return SessionWidgets(ScriptedSession())


def states(comms: RecordedComms) -> list[dict[str, Any]]:
    """What was opened, without ipywidgets' own."""
    opened = [data["state"] for _, kind, data, _ in comms.published if kind == "comm_open"]
    return [state for state in opened if "@jupyter-widgets" not in state["_model_module"]]


def page_says(widget: ipywidgets.Widget, **state: Any) -> None:
    """Deliver a change of the state as the comm would."""
    content = {"data": {"method": "update", "state": state, "buffer_paths": []}}
    widget.comm.handle_msg({"content": content, "buffers": []})


def test_by_the_extension_the_state_names_our_classes_and_has_no_code(
    widgets: SessionWidgets, comms: RecordedComms
) -> None:
    widgets.view()
    _ = widgets.stdout, widgets.stderr, widgets.stdin, widgets.detach
    assert len(states(comms)) == 6
    for state in states(comms):
        assert (state["_model_module"], state["_model_name"]) == ("_hyper_jupyter", "PartModel")
        assert (state["_view_module"], state["_view_name"]) == ("_hyper_jupyter", "PartView")
        assert state["_model_module_version"] == state["_view_module_version"] == "1.0.0"
        assert state["version"] == __version__
        assert state["front"] == {}
        assert not {"_esm", "value"} & set(state)


def test_what_is_drawn_counts_its_views_and_the_hidden_widget_does_not(
    widgets: SessionWidgets,
) -> None:
    assert widgets.stdout._view_count == 0
    assert widgets.session._view_count is None


def test_once_a_page_has_answered_no_more_views_are_counted(
    widgets: SessionWidgets, publisher: Worker
) -> None:
    page_says(widgets.stdout, front={"version": __version__, "error": ""}, _view_count=1)
    wait_for_jobs(publisher)
    assert widgets.stderr._view_count is None
    assert widgets.stdout._view_count is None


def test_the_answer_that_the_extension_drew_it_comes_in_one_message(
    widgets: SessionWidgets, publisher: Worker
) -> None:
    page_says(widgets.stdout, front={"version": __version__, "error": ""}, _view_count=1)
    wait_for_jobs(publisher)
    assert front_end().answered is Form.EXTENSION
    assert widgets.stdout.form is Form.EXTENSION


def test_a_view_that_is_removed_is_no_answer(
    widgets: SessionWidgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[bool] = []
    monkeypatch.setattr(front_end(), "report", lambda *_, drawn: reported.append(drawn))
    part = widgets.stdout
    for count in (1, 2, 1, 0):
        page_says(part, _view_count=count)
    assert reported == [True, True]
    page_says(part, front={"version": __version__, "error": "blocked"})
    assert reported == [True, True, False]


def test_a_widget_that_is_opened_again_has_no_answer_yet(
    widgets: SessionWidgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_end(), "report", lambda *_, drawn: None)
    part = widgets.stdout
    page_says(part, front={"version": __version__, "error": ""}, _view_count=1)
    part.switch(Form.NOTICE, "a line")
    part.switch(Form.EXTENSION)
    assert (part.front, part._view_count) == ({}, 0)


def test_what_a_page_says_to_a_comm_that_was_replaced_is_no_answer(
    widgets: SessionWidgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread may have taken it from the queue just before."""
    reported: list[bool] = []
    monkeypatch.setattr(front_end(), "report", lambda *_, drawn: reported.append(drawn))
    part = widgets.stdout
    old = part.comm
    part.switch(Form.NOTICE, "a line")
    part.switch(Form.EXTENSION)
    for comm in (old, part.comm):
        data = {"method": "update", "state": {"_view_count": 1}, "buffer_paths": []}
        content = {"comm_id": comm.comm_id, "data": data}
        comm.handle_msg({"content": content, "buffers": []})
        assert reported == [True] * (comm is part.comm)


def test_a_session_that_says_hello_shows_that_the_extension_is_there(
    widgets: SessionWidgets, publisher: Worker
) -> None:
    hello = {"type": "hello", "page": "p", "have": {}, "turn": 1, "revision": 0, "link": ""}
    content = {"data": {"method": "custom", "content": hello}}
    widgets.session.comm.handle_msg({"content": content, "buffers": []})
    wait_for_jobs(publisher)
    assert front_end().answered is Form.EXTENSION


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The outputs of cells."""
    outputs: list[dict[str, Any]] = []

    def publish(data: dict[str, Any], name: str, *, update: bool = False) -> None:
        outputs.append({**data, "name": name, "update": update})

    monkeypatch.setattr(page_widget, "publish", publish)
    return outputs


def page_closes(widget: ipywidgets.Widget) -> None:
    """Deliver what a page says that cannot open the widget's comm."""
    content = {"content": {"comm_id": widget.comm.comm_id, "data": {}}}
    get_comm_manager().comm_close(None, "", content)


def test_a_page_without_widgets_is_told_in_text_until_one_has_them(
    widgets: SessionWidgets, published: list[dict[str, Any]], publisher: Worker
) -> None:
    view = widgets.view()
    view.publish({"text/plain": "", "text/html": ""})
    for widget in (widgets.session, view):
        page_closes(widget)
        assert get_comm_manager().get_comm(widget.comm.comm_id) is widget.comm
    wait_for_jobs(publisher)
    shown, told = published
    notice = front_end().notice
    assert notice is not None
    assert notice.text.startswith("The Jupyter server has neither ipywidgets nor hyper_jupyter")
    assert (told["name"], told["update"], told[VIEW]) == (shown["name"], True, shown[VIEW])
    assert told["text/plain"] == str(notice)
    assert html.escape(str(notice)) in told["text/html"]
    page_says(view, front={"version": __version__, "error": ""}, _view_count=1)  # reloaded
    wait_for_jobs(publisher)
    assert front_end().notice is None
    assert published[2:] == [{**shown, "update": True}]


def test_an_output_says_at_once_what_the_page_has_told_before(
    widgets: SessionWidgets, published: list[dict[str, Any]], publisher: Worker
) -> None:
    view = widgets.view()
    page_closes(view)
    wait_for_jobs(publisher)
    view.publish()
    view.publish()
    notice = str(front_end().notice)
    assert [output["text/plain"] for output in published] == [notice, notice]
    page_says(view, front={"version": __version__, "error": ""}, _view_count=1)
    wait_for_jobs(publisher)
    assert [output["text/plain"] for output in published[2:]] == [repr(view)] * 2
    view.publish()
    assert published[4]["text/plain"] == repr(view)
    assert not view._outputs  # nothing grows with the cells that run


def test_a_comm_that_was_replaced_and_that_a_page_closes_late_says_nothing(
    widgets: SessionWidgets, publisher: Worker
) -> None:
    part = widgets.stdout
    old = part.comm
    part.switch(Form.NOTICE, "a line")
    old.handle_close({})
    wait_for_jobs(publisher)
    assert front_end().notice is None


def test_another_page_without_widgets_changes_nothing(
    widgets: SessionWidgets, published: list[dict[str, Any]], publisher: Worker
) -> None:
    view = widgets.view()
    view.publish()
    page_says(view, front={"version": __version__, "error": ""}, _view_count=1)
    page_closes(view)
    page_closes(registered._instances[published[0][VIEW]["model_id"]])
    wait_for_jobs(publisher)
    assert front_end().notice is None
    assert len(published) == 1
    for comm_id in (view.comm.comm_id, published[0][VIEW]["model_id"]):
        assert get_comm_manager().get_comm(comm_id) is not None


def test_an_output_is_a_frame_with_the_widget_and_its_one_line(
    widgets: SessionWidgets, published: list[dict[str, Any]]
) -> None:
    view = widgets.view()
    assert front_end().displayed_at is None
    view._ipython_display_()
    assert front_end().displayed_at is not None
    [output] = published
    assert output["text/plain"] == repr(view)
    frame = ipywidgets.widgets.widget._instances[output[VIEW]["model_id"]]
    assert type(frame) is ipywidgets.VBox
    assert frame.children == (view,)
    view.publish({"text/plain": "", "text/html": ""})
    assert (published[1]["text/plain"], published[1]["text/html"]) == ("", "")


def test_all_outputs_of_a_widget_show_one_frame(
    widgets: SessionWidgets, published: list[dict[str, Any]]
) -> None:
    """A cell that is run again and again adds nothing to the kernel and its pages."""
    part = widgets.stdout
    for _ in range(3):
        part.publish()
    assert len({output[VIEW]["model_id"] for output in published}) == 1


def test_by_anywidget_a_frame_that_is_drawn_asks_for_an_answer(
    widgets: SessionWidgets,
    published: list[dict[str, Any]],
    publisher: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page counts no error that it draws for a view whose code it had refused before."""
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    part = widgets.stdout
    part.publish()
    frame = registered._instances[published[0][VIEW]["model_id"]]
    page_says(frame, _view_count=1)
    choose_front_end("anywidget")
    wait_for_jobs(publisher)
    wait_for_jobs(publisher)
    assert part.form is Form.ANYWIDGET  # no page has drawn it since, for all that is known
    page_says(frame, _view_count=2)
    wait_for_jobs(publisher)
    wait_for_jobs(publisher)
    assert part.form is Form.NOTICE


def test_frames_are_counted_until_a_page_has_answered(
    widgets: SessionWidgets, published: list[dict[str, Any]], publisher: Worker
) -> None:
    widgets.stdout.publish()
    frame = registered._instances[published[0][VIEW]["model_id"]]
    assert frame._view_count == 0
    page_says(widgets.stdout, front={"version": __version__, "error": ""}, _view_count=1)
    wait_for_jobs(publisher)
    widgets.stderr.publish()
    later = registered._instances[published[1][VIEW]["model_id"]]
    assert frame._view_count is later._view_count is None


def test_a_frame_that_someone_closed_is_made_again(
    widgets: SessionWidgets, published: list[dict[str, Any]]
) -> None:
    part = widgets.stdout
    part.publish()
    instances = ipywidgets.widgets.widget._instances
    instances[published[0][VIEW]["model_id"]].close()
    part.publish()
    assert instances[published[1][VIEW]["model_id"]].children == (part,)


def test_an_output_goes_with_its_widget(
    widgets: SessionWidgets, published: list[dict[str, Any]]
) -> None:
    part = widgets.stdout
    part.publish()
    [output] = published
    part.close()
    assert output[VIEW]["model_id"] not in ipywidgets.widgets.widget._instances


def test_in_a_terminal_ipython_prints_the_one_line(
    widgets: SessionWidgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_widget, "is_terminal", lambda: True)
    with pytest.raises(NotImplementedError):
        widgets.stdout._ipython_display_()


def test_without_an_extension_outputs_and_boxes_show_the_widget_that_anywidget_draws(
    widgets: SessionWidgets, comms: RecordedComms, publisher: Worker,
    published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("hyper_jupyter.widgets.front_end.shell", object)
    choose_front_end("auto")
    view, stdin, session = widgets.view(), widgets.stdin, widgets.session
    box = ipywidgets.HBox([stdin])
    view.publish()
    frame = published[0][VIEW]["model_id"]
    before = {view.model_id, stdin.model_id, session.model_id}
    page_says(view, _view_count=1)
    wait_for_jobs(publisher)
    after = {view.model_id, stdin.model_id, session.model_id}
    assert not before & after
    closed = {comm_id for comm_id, kind, _, _ in comms.published if kind == "comm_close"}
    assert closed == before
    opened = states(comms)[3:]
    assert opened[0]["_esm"] == hub.bundle().code
    assert [state["_esm"] for state in opened[1:]] == [hub.bundle().stub] * 3
    assert {state["_model_module"] for state in opened} == {"anywidget"}
    assert opened[1]["part"] == "session"
    assert {widget.model_id for widget in registered_widgets()} >= after
    assert len(published) == 1
    children = {
        comm_id: data["state"]["children"]
        for comm_id, kind, data, _ in comms.published
        if kind == "comm_msg" and "children" in data.get("state", {})
    }
    assert children == {
        box.model_id: [f"IPY_MODEL_{stdin.model_id}"],
        frame: [f"IPY_MODEL_{view.model_id}"],
    }


def test_a_notice_is_a_text_of_ipywidgets(widgets: SessionWidgets, comms: RecordedComms) -> None:
    widgets.stdout.switch(Form.NOTICE, "<b>Run</b> this & that.")
    _, _, data, _ = [one for one in comms.published if one[1] == "comm_open"][-1]
    state = data["state"]
    assert (state["_model_module"], state["_model_name"]) == (
        "@jupyter-widgets/controls",
        "HTMLModel",
    )
    assert "&lt;b&gt;Run&lt;/b&gt; this &amp; that." in state["value"]
    assert "_esm" not in state


def test_a_widget_that_is_closed_while_it_is_opened_again_stays_closed(
    widgets: SessionWidgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = widgets.stdout
    opens = part.open
    closing = threading.Thread(target=part.close)

    def open_late() -> None:
        closing.start()
        closing.join(0.2)  # it ends here only if nothing makes it wait
        opens()

    monkeypatch.setattr(part, "open", open_late)
    part.switch(Form.NOTICE, "a line")
    closing.join(30)
    assert part.comm is None


def test_a_switch_that_fails_leaves_the_widget_as_it_was(
    widgets: SessionWidgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = widgets.stdout
    before = part.comm
    monkeypatch.setitem(sys.modules, "anywidget", None)  # an import of it fails
    with pytest.raises(ImportError):
        part.switch(Form.ANYWIDGET)
    assert (part.comm, part.form) == (before, Form.EXTENSION)


def test_a_stranger_s_widget_whose_children_are_none_is_no_box(widgets: SessionWidgets) -> None:
    class Childless(ipywidgets.Widget):
        children = None

    stranger = Childless()
    box = ipywidgets.HBox([widgets.stdout])
    widgets.stdout.switch(Form.NOTICE, "a line")
    assert widgets.stdout.form is Form.NOTICE
    assert box.children == (widgets.stdout,)
    stranger.close()


def test_a_check_s_notice_says_to_run_the_doctor_again(
    comms: RecordedComms, publisher: Worker
) -> None:
    check = PageCheck()
    check.switch(Form.NOTICE, "Install it, and reload the page.")
    assert "reload the page. Then run %hyper_doctor again." in check.value
    check.switch(Form.EXTENSION)
    assert check.notice == ""
    check.close()


def test_a_check_leaves_nothing(comms: RecordedComms, publisher: Worker) -> None:
    PageCheck().close()  # the layout of all frames is there now, if it was not
    before = set(ipywidgets.widgets.widget._instances)
    PageCheck().close()
    assert set(ipywidgets.widgets.widget._instances) == before


def test_a_widget_that_was_closed_stays_closed(
    widgets: SessionWidgets, comms: RecordedComms
) -> None:
    part = widgets.stdout
    part.close()
    count = len(comms.published)
    part.switch(Form.NOTICE, "a line")
    assert len(comms.published) == count
    assert part.comm is None


def test_by_anywidget_a_widget_is_one_of_anywidget_s_too(
    comms: RecordedComms, publisher: Worker
) -> None:
    choose_front_end("anywidget")
    view = SessionWidgets(ScriptedSession()).view()
    assert isinstance(view, anywidget.AnyWidget)
    assert type(view).__name__ == "SessionView"
    assert view._esm == hub.bundle().stub


def test_the_stub_is_in_the_state_before_the_comm_opens(
    comms: RecordedComms, publisher: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """marimo takes it from there."""
    choose_front_end("anywidget")
    hub.hub()
    seen: list[Any] = []
    monkeypatch.setattr(
        ipywidgets.Widget,
        "_call_widget_constructed",
        staticmethod(lambda widget: seen.append(widget.get_state().get("_esm"))),
    )
    _ = SessionWidgets(ScriptedSession()).stdin
    assert seen.count(hub.bundle().stub) == 2  # the session's and the part's


def test_anywidget_is_not_imported_by_the_extension_s_way(
    comms: RecordedComms, publisher: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)  # an import of it fails
    hub._hub_class.cache_clear()
    assert SessionWidgets(ScriptedSession()).view().comm is not None
    with pytest.raises(ImportError):
        hub.hub()
