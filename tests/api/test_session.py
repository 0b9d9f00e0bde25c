"""A session as users hold it: attached again, released, shown. No engine, no kernel."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from hyper_jupyter.api import session as module
from hyper_jupyter.api.session import Session
from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import Conflict, ConnectionFailed, NotFound
from hyper_jupyter.session import AttachOptions, Journal, State
from hyper_jupyter.session.store.typed import Typed
from hyper_jupyter.settings.saved_output import SavedOutput

PROFILE = EngineProfile.of("docker", api="1.45")


class ScriptedWidgets:
    """Lists what is done with a session's widgets."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.calls: list[Any] = []

    def close(self) -> None:
        self.calls.append("close")

    def view(self, *arguments: Any, **options: Any) -> Any:
        self.calls.append(("view", arguments, options))
        return SimpleNamespace(publish=self._publish)

    def _publish(self, texts: Any = None) -> None:
        self.calls.append(("publish", texts))


class ScriptedSaved:
    """An output that is saved."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def follow(self, session: Session) -> None:
        self.calls.append(session)

    def close(self) -> None:
        self.calls.append("close")


class Scripted(Session):
    """A session whose engine is the test.

    Attributes:
        attached: how it was attached again.
        meanwhile: called while it is being attached.
    """

    meanwhile: ClassVar[Any] = None

    def __init__(self, name: str = "web") -> None:
        self._lock = threading.Lock()
        self._releases = 0
        self.attached: list[dict[str, Any]] = []
        self.now = State.ATTACHED
        self.detaches = 0
        self.reasons = SimpleNamespace(again="it is attached", start="it is attached", follow="")
        self.made = self.__dict__["widgets"] = ScriptedWidgets(name)
        self.typed = Typed(Journal(), threading.RLock())

    state: Any = property(lambda self: self.now)
    client: Any = SimpleNamespace(profile=PROFILE)
    container: Any = SimpleNamespace(id="f00d")
    options: Any = AttachOptions(logs=True)
    terminal_size: Any = (30, 90)

    def controls(self) -> Any:
        return self.reasons

    def _begin_again(self, **options: Any) -> None:
        self.attached.append(options)
        if self.meanwhile is not None:
            type(self).meanwhile()
        self.now = State.ATTACHED

    def _follow_from_now(self) -> None:
        self.attached.append({"follow": "from now"})

    def detach(self, *_: Any, **__: Any) -> Any:
        self.detaches += 1
        self.ends(State.DETACHED)

    def ends(self, state: State = State.EXITED) -> None:
        self.now = state
        self.reasons = SimpleNamespace(again="", start="", follow="")

    @property
    def done(self) -> list[Any]:
        """What was done with its widgets."""
        return list(self.made.calls)


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "meanwhile", None)
    monkeypatch.setattr(module, "configured_detach_keys", lambda profile: f"keys of {profile.kind}")


@pytest.fixture
def discarded(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """The sessions that gave their name back."""
    listed: list[Session] = []
    monkeypatch.setattr(module, "SESSIONS", SimpleNamespace(discard=listed.append))
    return listed


# -- attributes ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lines", "getvalue", "text", "dropped"])
def test_what_only_a_stream_has_is_said_to_be_there(name: str) -> None:
    with pytest.raises(
        AttributeError, match=rf"no attribute '{name}': s\.stdout\.{name} and s\.std"
    ):
        getattr(Scripted(), name)
    with pytest.raises(AttributeError, match=r"no attribute 'linse'$"):
        Scripted().linse  # type: ignore[attr-defined] # noqa: B018


# -- attaching again -------------------------------------------------------------------------


@pytest.mark.parametrize("start", [False, True])
def test_it_is_attached_again_and_goes_on_where_it_was(start: bool) -> None:
    session, saved = Scripted(), ScriptedSaved()
    session._saved = (saved,)  # type: ignore[assignment]
    session.ends()
    assert session.attach_again(start=start) is session
    asked = {"configured_keys": "keys of docker", "start": start, "follow": False}
    assert session.attached == [asked]
    assert (saved.calls, session._saved, session.done) == ([session], (saved,), [])


def test_input_that_was_kept_is_kept_on() -> None:
    session = Scripted()
    session.keep_input()
    session.ends()
    assert session.attach_again().typed.keeps


def test_one_that_has_not_ended_is_left_as_it_is() -> None:
    session = Scripted()
    assert session.attach_again(start=True) is session
    assert session.attached == []


def test_restarts_are_followed_from_now_on_or_after_attaching_again() -> None:
    session = Scripted()
    assert session.follow_restarts() is session
    session.ends()
    assert session.follow_restarts() is session
    again = {"configured_keys": "keys of docker", "start": False, "follow": True}
    assert session.attached == [{"follow": "from now"}, again]
    session.ends()
    session.reasons.follow = "an exec can be attached only once"
    with pytest.raises(Conflict, match="an exec can be attached only once"):
        session.follow_restarts()


@pytest.mark.parametrize(
    ("again", "start", "refused"),
    [("no", "no", True), ("", "no", False), ("no", "", False)],
    ids=["neither", "again", "by a start"],
)
def test_what_can_be_neither_attached_nor_started_is_refused(
    again: str, start: str, refused: bool
) -> None:
    first = Scripted()
    first.now = State.EXITED
    first.reasons = SimpleNamespace(again=again, start=start, follow="")
    if refused:
        with pytest.raises(Conflict, match="the session cannot be attached again: no") as caught:
            first.attach_again()
        assert caught.value.status == 409
    else:
        first.attach_again()
    assert len(first.attached) == (not refused)


def test_a_session_that_could_not_be_attached_may_be_asked_again() -> None:
    first = Scripted()
    first.ends()

    def fail() -> None:
        raise ConnectionFailed("nobody is there")

    Scripted.meanwhile = fail
    with pytest.raises(ConnectionFailed):
        first.attach_again()
    Scripted.meanwhile = None
    assert first.attach_again() is first
    assert first.state is State.ATTACHED


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["other"], ""),
        (["other", "web"], "Another container has its name now: %hyper_attach web"),
        (ConnectionFailed("gone"), ""),
    ],
    ids=["removed", "made again", "nobody can say"],
)
def test_a_container_that_was_removed_is_named(
    monkeypatch: pytest.MonkeyPatch, names: list[str] | Exception, hint: str
) -> None:
    def containers(**options: bool) -> list[Any]:
        assert options == {"all": True}
        if isinstance(names, Exception):
            raise names
        return [SimpleNamespace(name=name) for name in names]

    client = SimpleNamespace(profile=PROFILE, containers=containers)
    monkeypatch.setattr(Scripted, "client", client)
    monkeypatch.setattr(Scripted, "container", SimpleNamespace(id="f00d", name="web"))

    def fail() -> None:
        raise NotFound(404, f"No such container: {'f00d' * 16}", hint="There are: other.")

    first = Scripted()
    first.ends()
    Scripted.meanwhile = fail
    with pytest.raises(NotFound) as caught:
        first.attach_again(start=True)
    assert (str(caught.value), caught.value.hint) == ("container web was removed", hint)


# -- releasing -------------------------------------------------------------------------------


def test_releasing_detaches_removes_the_widgets_and_frees_the_name(
    discarded: list[Session],
) -> None:
    session, saved = Scripted(), ScriptedSaved()
    session._saved = (saved,)  # type: ignore[assignment]
    session.release()
    assert (session.detaches, session.done, discarded) == (1, ["close"], [session])
    assert (saved.calls, session._saved) == (["close"], ())


def test_releasing_makes_no_widgets(discarded: list[Session]) -> None:
    session = Scripted()
    del session.__dict__["widgets"]
    session.release()
    assert "widgets" not in session.__dict__
    assert discarded == [session]


def test_ctrl_c_while_it_detaches_releases_the_rest(
    discarded: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    session = Scripted()
    monkeypatch.setattr(Scripted, "detach", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.release()
    assert (discarded, session.done) == ([session], ["close"])


def test_a_session_that_is_being_attached_again_is_released_when_it_is(
    discarded: list[Session],
) -> None:
    first = Scripted()
    first.ends()
    Scripted.meanwhile = first.release
    with pytest.raises(Conflict, match="run again meanwhile") as caught:
        first.attach_again()
    assert caught.value.status == 409
    assert discarded == [first, first]
    assert first.detaches == 2


# -- showing ---------------------------------------------------------------------------------


class Shown:
    """A kernel: the number of its cell, and what was published."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cell: int | None = 3
        self.terminal = False
        self.policy = SavedOutput()
        self.saved: list[tuple[Session, SavedOutput]] = []
        monkeypatch.setattr(module, "execution_count", lambda: self.cell)
        monkeypatch.setattr(module, "is_terminal", lambda: self.terminal)
        monkeypatch.setattr(module, "saved_output", lambda: self.policy)
        monkeypatch.setattr(module, "SavedDisplay", self._display)

    def _display(self, session: Session, policy: SavedOutput) -> Any:
        return SimpleNamespace(show=lambda: self.saved.append((session, policy)))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    return Shown(monkeypatch)


def test_the_view_is_published_with_the_text_in_an_output_of_its_own(shown: Shown) -> None:
    session = Scripted()
    session.show()
    assert session.done[1:] == [("publish", {"text/plain": "", "text/html": ""})]
    assert shown.saved == [(session, shown.policy)]
    assert len(session._saved) == 1
    session.show("tabs", rows=5, place="float")
    assert len(session._saved) == 2
    assert session.done[0] == ("view", ("split",), {"rows": 14, "place": "cell"})
    assert session.done[2] == ("view", ("tabs",), {"rows": 5, "place": "float"})


def test_where_nothing_is_saved_the_view_has_its_own_text(shown: Shown) -> None:
    shown.policy = SavedOutput(enabled=False)
    session = Scripted()
    session.show()
    assert session.done[1:] == [("publish", None)]
    assert (shown.saved, session._saved) == ([], ())


def test_a_cell_s_value_is_shown_unless_the_cell_has_shown_it(shown: Shown) -> None:
    session = Scripted()
    session._ipython_display_()
    session._ipython_display_()
    assert len(shown.saved) == 1
    shown.cell = 4
    session.mark_shown()
    session._ipython_display_()
    assert len(shown.saved) == 1
    shown.cell = 5
    session._ipython_display_()
    assert len(shown.saved) == 2


def test_without_cells_it_is_shown_each_time(shown: Shown) -> None:
    shown.cell = None
    session = Scripted()
    for _ in range(2):
        session._ipython_display_()
    assert len(shown.saved) == 2


def test_in_a_terminal_ipython_prints_one_line(shown: Shown) -> None:
    shown.terminal = True
    with pytest.raises(NotImplementedError):
        Scripted()._ipython_display_()
    assert shown.saved == []


# -- closing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True])
def test_closing_closes_the_widgets_that_were_made(
    monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(
        "hyper_jupyter.session.Session.close", lambda _self, force: asked.append(force)
    )
    session, bare = Scripted(), Scripted()
    del bare.__dict__["widgets"]
    session.close(force)
    bare.close(force)
    assert (asked, session.done) == ([force, force], ["close"])
    assert "widgets" not in bare.__dict__
