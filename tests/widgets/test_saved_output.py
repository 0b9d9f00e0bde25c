"""The output beside the view: when it is published, and for whom."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.settings.saved_output import SavedOutput
from hyper_jupyter.widgets import SavedDisplay, saved_output
from tests.magics.headless import python, run_notebook
from tests.widgets.fakes import ScriptedSession

VIEW = "application/vnd.jupyter.widget-view+json"
ASKS = "s = %hyper run -i --name web " + python("print(input()); raise SystemExit(3)")
PATIENCE = 10.0


class Published:
    """What was published, and the cells' end."""

    def __init__(self) -> None:
        self.outputs: list[tuple[str, bool, str]] = []
        self.news = threading.Condition()
        self.cell_ended: Any = lambda: None
        self.watched = False

    def publish(self, data: Any, display_id: str, *, update: bool) -> None:
        with self.news:
            self.outputs.append((data["text/plain"], update, threading.current_thread().name))
            self.names = {display_id, *getattr(self, "names", ())}
            self.news.notify_all()

    def watch_cells(self, ended: Any) -> Any:
        self.cell_ended, self.watched = ended, True

        def unwatch() -> None:
            self.watched = False

        return unwatch

    def wait_for(self, count: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.outputs) >= count, PATIENCE)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    made = Published()
    monkeypatch.setattr(saved_output, "publish", made.publish)
    monkeypatch.setattr(saved_output, "watch_cells", made.watch_cells)
    return made


def test_the_end_is_published_at_once_and_not_from_the_thread_that_brought_it(
    published: Published,
) -> None:
    session = ScriptedSession()
    SavedDisplay(session, SavedOutput()).show()
    session.output(b"bye\n")
    session.exit(3)
    published.wait_for(2)
    (first, new, _), (last, update, thread) = published.outputs
    assert (new, update) == (False, True)
    assert "attached, and may have printed more since" in first
    assert "exited with code 3" in last
    assert "bye" in last
    assert thread == "hyper_jupyter recorder"
    assert len(published.names) == 1


def test_output_alone_publishes_nothing_until_a_cell_ends(published: Published) -> None:
    session = ScriptedSession()
    SavedDisplay(session, SavedOutput()).show()
    session.output(b"more\n")
    assert len(published.outputs) == 1
    published.cell_ended()
    assert "more" in published.outputs[1][0]
    assert published.outputs[1][2] == threading.current_thread().name
    published.cell_ended()
    assert len(published.outputs) == 2


def test_behind_the_end_one_more_cell_tells_it_and_then_nothing_is_watched(
    published: Published,
) -> None:
    session = ScriptedSession()
    SavedDisplay(session, SavedOutput()).show()
    session.exit(0)
    published.wait_for(2)
    published.cell_ended()
    assert len(published.outputs) == 3
    assert published.watched
    published.cell_ended()
    assert len(published.outputs) == 3
    assert not published.watched
    assert session._wakes == []


def test_a_session_that_is_found_again_is_told_about_at_its_next_end(published: Published) -> None:
    session = ScriptedSession()
    SavedDisplay(session, SavedOutput()).show()
    session.state = "lost"
    session.changed()
    published.wait_for(2)
    session.state = "attached"
    session.changed()
    session.exit(0)
    published.wait_for(3)
    assert "exited with code 0" in published.outputs[2][0]


def test_one_that_is_closed_stays_as_it_is(published: Published) -> None:
    session = ScriptedSession()
    display = SavedDisplay(session, SavedOutput())
    display.show()
    display.close()
    session.exit(0)
    assert session._wakes == []
    assert not published.watched
    assert len(published.outputs) == 1


def test_where_a_session_is_followed_by_another_so_is_what_is_saved(published: Published) -> None:
    first, second = ScriptedSession(), ScriptedSession()
    display = SavedDisplay(first, SavedOutput())
    display.show()
    first.output(b"the first\n")
    first.exit(3)
    published.wait_for(2)
    for _ in range(2):  # the second of these has it watch no more
        published.cell_ended()
    second.output(b"the second\n")
    display.follow(second)
    published.wait_for(4)
    assert "the second" in published.outputs[3][0]
    assert "attached, and may have printed more since" in published.outputs[3][0]
    assert published.watched
    second.exit(0)
    published.wait_for(5)
    assert "exited with code 0" in published.outputs[4][0]
    assert "the first" not in published.outputs[4][0]
    assert first._wakes == []
    assert len(published.names) == 1


def test_attached_again_the_saved_output_goes_on() -> None:
    cell, *_ = run_notebook(
        ASKS,
        "s.detach(); again = s.attach_again()",
        "again.send_line('to the second'); again.wait(10)",
    )
    _view, saved = cell.outputs
    assert "exited with code 3" in saved.data["text/plain"]
    assert "to the second" in saved.data["text/plain"]


def test_what_ends_between_cells_is_brought_up_to_date_by_the_next_cell(tmp_path: Path) -> None:
    # nbclient takes updates from the running cell only.
    go, ended = tmp_path / "go", tmp_path / "ended"
    for path in (go, ended):
        os.mkfifo(path)
    ends = [os.open(path, os.O_RDWR) for path in (go, ended)]

    def end_it(_client: Any, number: int) -> None:
        if number == 3:  # the cell before it has ended, it has not begun
            os.write(ends[0], b".")
            os.read(ends[1], 1)

    cell, *_ = run_notebook(
        ASKS + "\ns",
        "import os, threading\n"
        f"go, ended = (os.open(path, os.O_RDWR) for path in ({str(go)!r}, {str(ended)!r}))\n"
        "s.observe(lambda old, new: os.write(ended, b'.'))\n"
        "say = lambda: (os.read(go, 1), s.send_line('good bye'))\n"
        "threading.Thread(target=say).start()",
        "'the next cell'",
        on_execute=end_it,
    )
    for descriptor in ends:
        os.close(descriptor)
    view, saved = cell.outputs
    assert set(view.data) == {VIEW, "text/plain", "text/html"}
    assert (view.data["text/plain"], view.data["text/html"]) == ("", "")
    assert set(saved.data) == {"text/plain", "text/html"}
    assert "exited with code 3" in saved.data["text/html"]
    assert "good bye" in saved.data["text/plain"]


def test_what_ends_while_a_cell_runs_is_brought_up_to_date_by_it() -> None:
    cell, _ = run_notebook(ASKS, "s.send_line('good bye'); s.wait(10)")
    _view, saved = cell.outputs
    assert "exited with code 3" in saved.data["text/plain"]
    assert "good bye" in saved.data["text/html"]


def test_the_switch_and_the_rules_reach_what_is_saved() -> None:
    off, on = run_notebook(
        "hj.configure(save_output=False)\n" + ASKS,
        "%config SavedOutput.enabled = True\nhj.configure(redact=['secret'], save_lines=1)\n"
        + ASKS.replace("web", "other")
        + "\ns.send_line('the secret'); s.wait(10)",
    )
    assert [set(output.data) for output in off.outputs] == [{VIEW, "text/plain"}]
    assert "SessionView of web" in off.outputs[0].data["text/plain"]
    saved = next(o for o in on.outputs if o.output_type == "display_data" and VIEW not in o.data)
    assert "the [redacted]" in saved.data["text/plain"]
