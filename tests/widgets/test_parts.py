"""The whole view of a session, and its parts, on a recorded comm."""

from __future__ import annotations

import pytest
from traitlets import TraitError

from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.session.rules.controls import ENGINE_ENDED
from hyper_jupyter.widgets import SessionWidgets
from hyper_jupyter.widgets.parts import LAYOUTS, ROWS
from tests.widgets.comms import RecordedComms
from tests.widgets.fakes import ScriptedContainer, ScriptedControls, ScriptedSession


@pytest.fixture
def session() -> ScriptedSession:
    return ScriptedSession()


@pytest.fixture
def widgets(comms: RecordedComms, publisher: Worker, session: ScriptedSession) -> SessionWidgets:
    return SessionWidgets(session)


@pytest.mark.parametrize("name", ["stdout", "stderr", "stdin", "detach"])
def test_a_part_says_on_the_page_which_it_is_and_whose(widgets: SessionWidgets, name: str) -> None:
    part = getattr(widgets, name)
    assert (part.part, part.uid) == (name, widgets.session.uid)


@pytest.mark.parametrize("name", ["stdout", "stderr", "stdin", "detach", "view"])
def test_which_part_it_is_never_changes(widgets: SessionWidgets, name: str) -> None:
    part = widgets.view() if name == "view" else getattr(widgets, name)
    with pytest.raises(TraitError, match="read-only"):
        part.part = "other"


@pytest.mark.parametrize("name", ["stdout", "stderr", "view"])
def test_a_pane_has_2_to_200_lines(widgets: SessionWidgets, name: str) -> None:
    part = widgets.view() if name == "view" else getattr(widgets, name)
    assert part.rows == ROWS
    for rows in (2, 200):
        part.rows = rows
        assert part.rows == rows
    for rows in (1, 201):
        with pytest.raises(TraitError):
            part.rows = rows


def test_a_view_has_the_layout_and_the_height_that_were_asked_for(widgets: SessionWidgets) -> None:
    usual, other = widgets.view(), widgets.view("merged", rows=5, place="tab")
    assert (usual.part, usual.arrangement, usual.rows) == ("view", LAYOUTS[0], ROWS)
    assert usual.place == "cell"
    assert (other.arrangement, other.asked, other.rows) == ("merged", "merged", 5)
    assert other.place == "tab"
    other.arrangement = "tabs"  # as a page does where somebody chooses it
    assert other.asked == "merged"


def test_another_layout_is_refused_with_the_names_of_all(widgets: SessionWidgets) -> None:
    with pytest.raises(ValueError, match="'grid' is not one of split, merged, tabs"):
        widgets.view("grid")
    with pytest.raises(ValueError, match="'window' is not one of cell, tab, panel, float"):
        widgets.view(place="window")


def test_without_a_front_end_a_part_says_how_its_session_ended(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    session.container = ScriptedContainer(image="")
    session.exit(3)
    assert repr(SessionWidgets(session).stdout) == "<StdoutPane of web: exited with code 3>"


def test_without_a_front_end_a_part_says_what_its_session_waits_for(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    session.state, session.exit_code = "reconnecting", 3
    session.awaits = "waiting for a start by hand"
    found = repr(SessionWidgets(session).stdout)
    assert found == "<StdoutPane of web (busybox): exited with code 3, waiting for a start by hand>"


def test_a_part_of_a_further_program_s_session_is_not_about_its_container(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    session.command, session.state = ("sleep", "9"), "detached"
    assert repr(SessionWidgets(session).stdout).endswith("detached, the program runs on>")


def test_a_part_of_a_session_that_was_left_says_that_the_engine_has_ended(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    session.state = "detached"
    session.current = ScriptedControls(again=ENGINE_ENDED)
    found = repr(SessionWidgets(session).stdout)
    assert found.endswith("detached, the container has ended with its engine>")


def test_closing_removes_the_parts_and_they_can_be_made_again(widgets: SessionWidgets) -> None:
    before, hidden = widgets.stdout, widgets.session
    widgets.close()
    assert before.comm is None
    assert hidden._closing
    assert widgets.stdout is not before
    assert widgets.stdout.uid == widgets.session.uid != hidden.uid


def test_a_part_is_made_once_and_a_view_each_time(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    widgets = SessionWidgets(session)
    assert widgets.stdout is widgets.stdout
    assert widgets.view() is not widgets.view()
    assert widgets.stdout.uid == widgets.detach.uid == widgets.view().uid


def test_a_view_without_a_front_end_is_one_line(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    view = SessionWidgets(session).view()
    assert repr(view) == "<SessionView of web (busybox): attached>"
