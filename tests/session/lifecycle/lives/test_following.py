"""What a session that follows its container does with what inspect and events say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hyper_jupyter.client import Container
from hyper_jupyter.client.records import Event
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, NotFound
from hyper_jupyter.session.attach.past_lives import PastLives
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.lives import following, looking
from hyper_jupyter.session.lifecycle.lives.following import Following
from hyper_jupyter.session.rules.lives.between import Life, LifeEvent, Passage
from hyper_jupyter.session.rules.lives.prospect import Prospect
from hyper_jupyter.session.store.journal import Journal
from tests.session.clients import PairedClient
from tests.session.rules.plans import PODMAN, plan_of

AT = "2026-11-30T10:{:02}:{:02}Z"
NEVER = "0001-01-01T00:00:00Z"


def at(second: int) -> str:
    """A moment on that day, as inspect writes it."""
    return AT.format(second // 60, second % 60)


def time_of(second: float) -> float:
    """The same in seconds since the epoch."""
    return datetime(2026, 11, 30, 10, tzinfo=UTC).timestamp() + second


def inspected(
    started: int, ended: int | None = None, code: int = 0, *, count: int = 0, policy: str = "no"
) -> dict[str, Any]:
    """The container, which was started in one second and has ended in another one."""
    runs = ended is None
    return {
        "Id": "f00d",
        "Name": "/web",
        "RestartCount": count,
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "State": {
            "Status": "running" if runs else "exited",
            "Running": runs,
            "ExitCode": code,
            "StartedAt": at(started),
            "FinishedAt": NEVER if ended is None else at(ended),
        },
    }


class ScriptedRejoining:
    """Lists what it is to do, and does it if a test lets it.

    Attributes:
        happened: each call's name and passage.
        gaps: the marks for missing output.
        corrections: the marks that say what it waits for in place of what the one before them says.
        succeeds: whether it does.
    """

    def __init__(self) -> None:
        self.happened: list[tuple[str, Passage]] = []
        self.gaps: list[str] = []
        self.corrections: list[str] = []
        self.succeeds = True

    def attach(
        self,
        _: Mapping[str, Any],
        passage: Passage,
        end: Callable[[], float | None],
        begun: Callable[[], object],
    ) -> bool:
        self.happened.append(("attach", passage))
        if self.succeeds:
            begun()
        return self.succeeds

    def record(self, passage: Passage, begun: Callable[[], object]) -> bool:
        self.happened.append(("record", passage))
        if self.succeeds:
            begun()
        return self.succeeds

    def note_gap(self, text: str) -> None:
        self.gaps.append(text)

    def correct(self, text: str) -> None:
        self.corrections.append(text)


class Followed:
    """A session that follows a container; a test has the looks made."""

    def __init__(self) -> None:
        self.client: Any = PairedClient()
        self.rejoining = ScriptedRejoining()
        self.ends: list[Exception | None] = []
        self.runs: list[str] = []
        self.codes: list[tuple[int | None, bool]] = []
        container = Container("f00d", "web", "busybox")
        ending: Any = self
        self.following = Following(
            self.client,
            target_of(self.client, container, plan_of(self.client.profile)),
            self.rejoining,
            Lifecycle(Journal()),
            ending,
        )

    def cease(self, error: HyperJupyterError | None) -> None:
        self.ends.append(error)

    def learn_run(self, run: str) -> None:
        self.runs.append(run)

    def learn_end(self, code: int | None, *, restarting: bool) -> None:
        self.codes.append((code, restarting))

    def looks(self, *answers: dict[str, Any] | Exception) -> None:
        """Look, with these answers to inspect."""
        self.client.inspected = list(answers)
        self.following._look()

    def hears(self, action: str, second: float, code: int | None = None) -> None:
        attributes = {} if code is None else {"exitCode": str(code)}
        self.following.receive_event(
            Event(time_of(second), "container", action, "f00d", "web", attributes)
        )

    def texts(self) -> list[list[str]]:
        return [list(passage.texts) for _, passage in self.rejoining.happened]


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Followed]:
    """A session whose first life, from second 10 on, is attached."""
    monkeypatch.setattr(looking, "listen", lambda *_: lambda: None)
    monkeypatch.setattr(looking.Looking, "_look_soon", lambda _: None)
    monkeypatch.setattr(looking, "_FIRST_LOOK", 3600.0)
    monkeypatch.setattr(following, "past_lives", lambda *_: PastLives())
    made = Followed()
    made.following.begin()
    made.following.learn(inspected(10))
    yield made
    made.following.end()


def test_the_life_that_follows_is_attached(followed: Followed) -> None:
    following = followed.following
    followed.hears("die", 20, code=3)
    following.life_ended(3)
    assert following.waiting
    followed.hears("start", 22)
    followed.looks(inspected(22))
    ((what, passage),) = followed.rejoining.happened
    assert what == "attach"
    assert list(passage.texts) == ["exited with code 3, started again after 2.0 s (restart 1)"]
    assert passage.after == time_of(20)
    assert following.lives == (
        Life(time_of(10), time_of(20), 3),
        Life(time_of(22)),
    )
    assert (following.restarts, following.waiting, followed.runs) == (1, False, [at(22)])


def test_a_life_that_cannot_be_attached_changes_nothing(followed: Followed) -> None:
    following = followed.following
    followed.rejoining.succeeds = False
    following.life_ended(3)
    followed.looks(inspected(22))
    assert (following.restarts, following.waiting) == (0, True)
    followed.rejoining.succeeds = True
    followed.looks(inspected(22))
    assert (following.restarts, following.waiting) == (1, False)


def test_a_life_that_came_and_went_is_recorded_and_the_log_is_read_on_after_it(
    followed: Followed,
) -> None:
    following = followed.following
    followed.hears("die", 20, code=1)
    following.life_ended(1)
    followed.hears("start", 22)
    followed.looks(inspected(22, 23, 2))
    followed.hears("start", 26)
    followed.looks(inspected(26))
    assert [what for what, _ in followed.rejoining.happened] == ["record", "attach"]
    recorded, attached = (passage for _, passage in followed.rejoining.happened)
    assert [attached.after] == list(recorded.ends) == [time_of(23) + 0.05]
    assert followed.texts() == [
        ["exited with code 1, started again after 2.0 s (restart 1)"],
        ["exited with code 2, started again after 3.0 s (restart 2)"],
    ]
    assert [life.exit_code for life in following.lives] == [1, 2, None]
    assert followed.codes == [(2, False)]  # while the session waits, it has the last code


@pytest.mark.parametrize("later", [{"ended": 23}, {}], ids=["recorded", "attached"])
def test_what_did_not_succeed_is_tried_again_with_the_same_part_of_the_log(
    followed: Followed, later: dict[str, int]
) -> None:
    following = followed.following
    following.end()
    following.learn(inspected(10, 20, 1))
    following.begin()
    following.wait(whole=True)
    followed.rejoining.succeeds = False
    for _ in range(2):
        followed.looks(inspected(22, **later))
        assert (following.restarts, following.waiting) == (0, True)
    followed.rejoining.succeeds = True
    followed.looks(inspected(22, **later))
    assert following.restarts == 1
    assert [passage.after for _, passage in followed.rejoining.happened] == [None] * 3
    following.life_ended(2)
    followed.looks(inspected(42))
    assert followed.rejoining.happened[-1][1].after is not None


def test_lives_that_no_event_has_named_are_counted(followed: Followed) -> None:
    followed.following.life_ended(1)
    followed.looks(inspected(40, count=3))
    (texts,) = followed.texts()
    assert "(restart 3)" in texts[-1]
    assert texts[-1].endswith("; 2 restarts in between left no mark")
    assert followed.following.restarts == 3


def test_lives_that_were_not_heard_of_are_asked_for(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float | None] = []
    kept = [
        LifeEvent(True, time_of(10)),
        LifeEvent(False, time_of(20), 1),
        LifeEvent(True, time_of(30)),
        LifeEvent(False, time_of(31), 2),
        LifeEvent(True, time_of(40)),
    ]

    def past(_client: Any, container: str, since: float | None) -> PastLives:
        assert container == "f00d"
        asked.append(since)
        return PastLives(kept, reaches=True)

    monkeypatch.setattr(following, "past_lives", past)
    followed.following.life_ended(None)
    followed.looks(inspected(40))
    assert asked == [time_of(10)]
    assert followed.texts() == [
        [
            "exited with code 1, started again after 10.0 s (restart 1)",
            "exited with code 2, started again after 9.0 s (restart 2)",
        ]
    ]
    assert followed.following.lives == (
        Life(time_of(10), time_of(20), 1),
        Life(time_of(30), time_of(31), 2),
        Life(time_of(40)),
    )


@pytest.mark.parametrize("later", [0.0, 0.25], ids=["the second", "a moment later"])
def test_an_event_that_was_asked_for_and_then_comes_counts_once(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, later: float
) -> None:
    short = [LifeEvent(True, time_of(30) + later), LifeEvent(False, time_of(31), 2)]
    kept = [LifeEvent(True, time_of(10)), LifeEvent(False, time_of(20), 1), *short]
    monkeypatch.setattr(following, "past_lives", lambda *_: PastLives(kept, reaches=True))
    followed.following.life_ended(None)
    followed.looks(inspected(30, 31, 2))
    assert followed.following.restarts == 1
    monkeypatch.setattr(following, "past_lives", lambda *_: PastLives())
    followed.hears("start", 30 + later)
    followed.hears("die", 31, 2)
    followed.hears("start", 40)
    followed.hears("die", 41, 3)
    followed.looks(inspected(40, 41, 3))
    assert followed.following.restarts == 2
    assert [life.exit_code for life in followed.following.lives] == [1, 2, 3]


def test_an_event_that_was_asked_for_and_never_comes_hides_no_later_one(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [LifeEvent(True, time_of(10)), LifeEvent(False, time_of(20), 1)]
    kept += [LifeEvent(True, time_of(30)), LifeEvent(False, time_of(31), 2)]
    monkeypatch.setattr(following, "past_lives", lambda *_: PastLives(kept, reaches=True))
    followed.following.life_ended(None)
    followed.looks(inspected(30, 31, 2))
    followed.hears("start", 40)
    assert not any(followed.following._known._asked.values())


def test_lives_of_which_no_event_came_are_asked_for_while_another_one_runs(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.client.profile = PODMAN
    followed.following.life_ended(3)
    asked: list[Any] = []
    kept = [LifeEvent(True, time_of(10)), LifeEvent(False, time_of(20), 3)]
    kept += [LifeEvent(True, time_of(21)), LifeEvent(False, time_of(22), 4)]
    kept += [LifeEvent(True, time_of(23))]

    def past(*arguments: Any) -> PastLives:
        asked.append(arguments)
        return PastLives(kept, reaches=True)

    monkeypatch.setattr(following, "past_lives", past)
    running = inspected(23, count=2)
    running["State"]["FinishedAt"] = at(22)
    followed.looks(running)
    followed.looks(running)
    assert [what for what, _ in followed.rejoining.happened] == ["record"]
    assert len(asked) == 1
    assert [life.exit_code for life in followed.following.lives] == [3, 4]


def test_what_an_engine_has_kept_of_later_lives_only_proves_nothing(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [LifeEvent(False, time_of(31), 2), LifeEvent(True, time_of(40))]
    monkeypatch.setattr(following, "past_lives", lambda *_: PastLives(kept, reaches=False))
    followed.following.life_ended(1)
    followed.looks(inspected(40))
    ((text,),) = followed.texts()
    assert (
        text
        == "exited with code 1, started again (restart 1); others may have come and gone unseen"
    )


def test_an_end_that_the_engine_leaves_at_that_is_the_last_one_for_now(followed: Followed) -> None:
    following = followed.following
    settled = following.watch_settlement()
    following.life_ended(None)
    assert not settled()
    followed.looks(inspected(10, 20, 7))
    assert settled()
    assert (following.settled_code, following.lives[-1].ended) == (7, time_of(20))
    assert followed.ends == []  # a client may start it


def limited(started: int, ended: int | None, count: int) -> dict[str, Any]:
    """A container that its policy has started again so many times, of three at most."""
    found = inspected(started, ended, 7, count=count, policy="on-failure")
    found["HostConfig"]["RestartPolicy"]["MaximumRetryCount"] = 3
    return found


def test_a_restart_policy_that_gave_up_is_told_from_a_start_that_is_due(followed: Followed) -> None:
    following = followed.following
    following.life_ended(7)
    waits = limited(10, 20, count=3)
    waits["State"] |= {"Status": "restarting", "Running": True, "Restarting": True}
    followed.looks(waits)
    assert following.prospect is Prospect.RESTART
    followed.looks(limited(30, 40, count=3))
    followed.looks(limited(30, 40, count=3))
    assert (following.prospect, following.settled) == (Prospect.GIVEN_UP, True)
    followed.looks(limited(50, None, count=0))  # somebody has started it
    following.life_ended(7)
    assert following.prospect is Prospect.RESTART
    followed.looks(inspected(50, 60, 7))
    assert following.prospect is Prospect.START


def test_one_that_follows_a_name_waits_for_another_container_where_one_is_gone(
    followed: Followed,
) -> None:
    following = followed.following
    following.end()
    following.begin(by_name=True)
    following.life_ended(7)
    followed.looks(inspected(10, 20, 7))
    assert following.prospect is Prospect.START
    gone = NotFound(404, "no such container")
    followed.looks(gone, gone)
    assert (following.prospect, following.settlements) == (Prospect.NAME, 1)
    assert followed.ends == []


RESTARTING = {"Status": "restarting", "Running": True, "Restarting": True}
GONE = NotFound(404, "no such container")


def announced(followed: Followed, prospect: Prospect, *, by_name: bool = False) -> list[str]:
    """Follow a container that is between two lives, below a mark with what is waited for."""
    following = followed.following
    following.end()
    waits = limited(10, 20, count=3)
    waits["State"] |= RESTARTING
    following.learn(waits)
    following.begin(by_name=by_name)
    following.announce(prospect)
    following.wait()
    followed.looks(waits)
    assert followed.rejoining.corrections == []
    return followed.rejoining.corrections


def test_a_mark_that_announces_a_start_is_corrected_where_none_comes(followed: Followed) -> None:
    corrections = announced(followed, Prospect.RESTART, by_name=True)
    for _ in range(2):
        followed.looks(limited(10, 20, count=3))
    assert corrections == ["its restart policy gave up, waiting for a start by hand"]
    for _ in range(2):
        followed.looks(GONE, GONE)
    assert corrections[1:] == ["waiting for another container with its name"]


def test_a_mark_that_is_right_is_not_corrected(followed: Followed) -> None:
    corrections = announced(followed, Prospect.GIVEN_UP)
    followed.looks(limited(10, 20, count=3))
    assert (followed.following.settled, corrections) == (True, [])


@pytest.mark.parametrize("runs", [False, True])
def test_a_mark_that_others_have_followed_is_not_corrected(followed: Followed, runs: bool) -> None:
    corrections = announced(followed, Prospect.RESTART)
    followed.looks(limited(30, None if runs else 40, count=3))
    assert len(followed.rejoining.happened) == 1
    if runs:
        followed.following.life_ended(7)
    followed.looks(limited(30, 40, count=3))
    assert (followed.following.settled, corrections) == (True, [])


def test_a_mark_before_lives_too_short_to_be_attached_is_not_corrected(followed: Followed) -> None:
    followed.client.profile = PODMAN
    corrections = announced(followed, Prospect.RESTART)
    followed.hears("start", 22.1)
    followed.hears("die", 23.1, code=7)
    followed.hears("start", 24.1)
    followed.looks(limited(24, None, count=5))
    assert [what for what, _ in followed.rejoining.happened] == ["record"]
    followed.looks(GONE)
    assert (followed.ends, corrections) == ([None], [])


def test_a_mark_that_announces_a_start_says_that_the_container_is_gone(followed: Followed) -> None:
    corrections = announced(followed, Prospect.RESTART)
    followed.looks(GONE)
    assert (followed.ends, corrections) == ([None], ["the container was removed"])


@pytest.fixture
def awaited(followed: Followed) -> Followed:
    """One that waits for a single life of a container that has ended."""
    following = followed.following
    following.end()
    following.learn(inspected(10, 20, 1))
    following.begin(once=True)
    following.wait()
    return followed


def test_who_waits_for_one_life_ends_with_one_that_came_and_went(awaited: Followed) -> None:
    awaited.looks(inspected(22, 23, 4))
    assert [what for what, _ in awaited.rejoining.happened] == ["record"]
    assert awaited.codes[-1] == (4, False)
    assert awaited.ends == [None]


def test_who_waits_for_one_life_waits_on_if_it_could_not_be_recorded(awaited: Followed) -> None:
    awaited.rejoining.succeeds = False
    awaited.looks(inspected(22, 23, 4))
    assert awaited.ends == []
    awaited.rejoining.succeeds = True
    awaited.looks(inspected(22, 23, 4))
    assert awaited.ends == [None]


def test_who_waits_for_one_life_ends_with_one_before_another_that_runs(awaited: Followed) -> None:
    awaited.client.profile = PODMAN
    awaited.hears("start", 22.1)
    awaited.hears("die", 23.1, code=4)
    awaited.hears("start", 24.1)
    awaited.looks(inspected(24, count=2))
    assert [what for what, _ in awaited.rejoining.happened] == ["record"]
    assert awaited.following.lives[-1].exit_code == 4
    assert awaited.ends == [None]


@pytest.fixture
def begun_late(followed: Followed) -> Followed:
    """One that has begun to follow its container when a life of it had ended, after one second."""
    following = followed.following
    following.end()
    following.learn(inspected(10, 11, 1, policy="always"))
    following.begin()
    following.wait()
    return followed


def test_the_end_of_a_next_life_is_not_taken_for_that_of_an_ended_one(
    begun_late: Followed,
) -> None:
    begun_late.hears("start", 22.1)
    begun_late.hears("die", 23.1, code=4)
    begun_late.looks(inspected(22, 23, 4, count=1))
    assert begun_late.following.lives == (
        Life(time_of(10), time_of(11), 1),
        Life(time_of(22), time_of(23.1), 4),
    )
    assert begun_late.texts() == [["exited with code 1, started again after 11.0 s (restart 1)"]]
    assert begun_late.following.restarts == 1


def test_the_start_of_a_next_life_does_not_make_the_ended_one_longer(begun_late: Followed) -> None:
    begun_late.hears("start", 12.5)
    assert begun_late.following._known.newest_length == 1


def test_who_waits_for_one_life_ends_where_none_comes(awaited: Followed) -> None:
    waits = inspected(10, 20, 1)
    waits["State"] |= RESTARTING
    awaited.following.announce(Prospect.RESTART)
    awaited.looks(waits)
    assert awaited.ends == []
    awaited.looks(inspected(10, 20, 1))
    assert (awaited.codes[-1], awaited.ends) == ((1, False), [None])
    assert awaited.rejoining.corrections == ["it was not started again"]


@pytest.mark.parametrize(
    ("length", "policy", "age"),
    [(2, "always", 4), (2, "no", 1), (3, "always", 1), (0, "always", 1)],
)
def test_a_short_life_s_successor_is_attached_when_it_has_lasted_longer(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, length: int, policy: str, age: float
) -> None:
    now = 100.0
    monkeypatch.setattr(following.time, "monotonic", lambda: now)
    followed.client.profile = PODMAN
    followed.following.learn(inspected(10, policy=policy))
    followed.hears("die", 10 + length, code=1)
    followed.following.life_ended(1)
    next_one = inspected(14, policy=policy)
    followed.looks(next_one)
    now += age - 0.01
    followed.looks(next_one)
    assert followed.rejoining.happened == []
    now += 0.02
    followed.looks(next_one)
    assert [what for what, _ in followed.rejoining.happened] == ["attach"]


def test_lives_too_short_to_be_attached_are_recorded_though_another_one_runs(
    followed: Followed,
) -> None:
    """An engine that starts a container again at once may never be seen between two lives."""
    followed.client.profile = PODMAN
    followed.following.life_ended(3)
    followed.hears("die", 20, code=3)
    followed.hears("start", 21)
    followed.looks(inspected(21, count=1))
    assert followed.rejoining.happened == []
    for second, code in ((22, 4), (24, 5)):
        followed.hears("die", second, code=code)
        followed.hears("start", second + 1)
    followed.looks(inspected(25, count=3))
    assert followed.texts() == [
        [
            "exited with code 3, started again after 1.0 s (restart 1)",
            "exited with code 4, started again after 1.0 s (restart 2)",
        ]
    ]
    ((what, passage),) = followed.rejoining.happened
    assert (what, passage.ends) == ("record", [time_of(22), time_of(24)])
    assert followed.codes[-1] == (5, True)
    assert followed.following.restarts == 2
    assert followed.following.waiting
    followed.looks(inspected(25, count=3))
    assert len(followed.rejoining.happened) == 1

    followed.hears("die", 26, code=6)
    followed.looks(inspected(25, 26, 6, count=3))
    assert followed.texts()[1:] == [["exited with code 5, started again after 1.0 s (restart 3)"]]
    assert followed.following.restarts == 3
    codes = [life.exit_code for life in followed.following.lives]
    assert codes == [3, 4, 5, 6]


class PatientEngine:
    """A Podman that takes long to start a container again, or to say that it does not."""

    def __init__(self, followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
        followed.client.profile = PODMAN
        monkeypatch.setattr(following, "_GRACE", 0.0)
        monkeypatch.setattr(following, "past_lives", self.past)
        self.kept = PastLives([LifeEvent(True, time_of(10))], reaches=True)

    def past(self, *_: Any) -> PastLives:
        return self.kept


def test_an_engine_may_take_any_time_for_a_restart(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = PatientEngine(followed, monkeypatch)
    settled = followed.following.watch_settlement()
    followed.following.life_ended(3)
    for _ in range(3):
        followed.looks(inspected(10, 20, 3, policy="always"))
        assert not settled()
    engine.kept = PastLives(engine.kept.events, reaches=True, left=time_of(21))
    followed.looks(inspected(10, 20, 3, policy="always"))
    assert settled()
    assert followed.following.settled_code == 3


def test_an_engine_s_event_says_that_it_does_not_start_it_again(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    PatientEngine(followed, monkeypatch)
    followed.hears("cleanup", 9)  # after an earlier life
    followed.following.life_ended(3)
    followed.looks(inspected(10, 20, 3, policy="always"))
    assert not followed.following.settled
    followed.hears("cleanup", 21)
    followed.looks(inspected(10, 20, 3, policy="always"))
    assert followed.following.settled


def test_an_engine_without_events_is_given_some_seconds(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = PatientEngine(followed, monkeypatch)
    engine.kept = PastLives()
    followed.following.life_ended(3)
    followed.looks(inspected(10, 20, 3, policy="always"))
    assert followed.following.settled


@pytest.mark.parametrize("error", [None, ConnectionLost("the engine has ended")])
def test_a_container_or_an_engine_that_is_gone_ends_the_session(
    followed: Followed, error: Exception | None
) -> None:
    followed.following.life_ended(0)
    followed.looks(error or NotFound(404, "no such container"))
    assert followed.ends == [error]


def test_output_that_is_missing_at_the_end_of_a_life_is_marked(followed: Followed) -> None:
    followed.following.life_ended(0, "5 bytes are missing")
    assert followed.rejoining.gaps == ["5 bytes are missing"]


UNSTARTED = {
    "Id": "f00d",
    "Name": "/web",
    "State": {"Status": "created", "Running": False, "StartedAt": NEVER, "FinishedAt": NEVER},
}


def test_a_life_is_not_taken_for_the_attached_one_that_it_has_followed(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float | None] = []

    def past(_: object, __: str, since: float | None) -> PastLives:
        asked.append(since)
        kept = [LifeEvent(True, time_of(10)), LifeEvent(False, time_of(20), 3)]
        return PastLives([*kept, LifeEvent(True, time_of(22))], reaches=True)

    monkeypatch.setattr(following, "past_lives", past)
    monkeypatch.setattr(following.time, "time", lambda: time_of(5))
    again = Followed()  # its container has not started when it is attached
    again.following.begin()
    again.following.learn(UNSTARTED)
    restarted = inspected(22)
    restarted["State"]["FinishedAt"] = at(20)  # of the life that was attached
    again.looks(restarted)  # before the end of its connection is noticed
    assert again.runs == []
    again.following.life_ended(3)
    again.looks(restarted)
    assert [what for what, _ in again.rejoining.happened] == ["attach"]
    assert again.texts() == [["exited with code 3, started again after 2.0 s (restart 1)"]]
    assert again.following.lives == (Life(time_of(10), time_of(20), 3), Life(time_of(22)))
    assert asked == [time_of(5)]
    again.following.end()


def test_a_life_that_the_session_itself_has_started_is_not_recorded_once_more(
    followed: Followed,
) -> None:
    following = followed.following
    following.life_ended(1)
    followed.looks(inspected(10, 20, 1))
    following.end()
    following.begin()
    following.learn(inspected(10, 20, 1), start=True)
    running = inspected(30)
    running["State"]["FinishedAt"] = at(20)
    followed.looks(running)
    assert followed.runs == [at(30)]
    following.life_ended(2)
    followed.looks(inspected(30, 40, 2))
    assert followed.rejoining.happened == []
    assert [life.exit_code for life in following.lives] == [1, 2]


def test_what_was_heard_of_older_lives_is_not_of_the_one_that_the_session_has_started(
    followed: Followed,
) -> None:
    following = followed.following
    followed.hears("start", 10.1)
    followed.hears("die", 20.1, code=1)
    following.life_ended(1)
    followed.looks(inspected(10, 20, 1))
    following.end()
    following.begin()
    following.learn(inspected(10, 20, 1), start=True)
    following.life_ended(2)  # before inspect could say when it was started
    followed.hears("start", 30.1)
    followed.hears("die", 31.1, code=2)
    followed.hears("start", 32.1)
    later = inspected(32, count=1)
    later["State"]["FinishedAt"] = at(31)
    followed.looks(later)
    assert following.lives == (
        Life(time_of(10), time_of(20), 1),
        Life(time_of(30.1), time_of(31.1), 2),
        Life(time_of(32)),
    )
    assert following.restarts == 1
    assert followed.texts() == [["exited with code 2, started again after 0.9 s (restart 1)"]]


def test_the_count_of_restarts_begins_anew_where_the_session_has_started_the_container(
    followed: Followed,
) -> None:
    following = followed.following
    following.learn(inspected(10, 20, 1, count=5))
    following.end()
    following.begin()
    following.learn(inspected(10, 20, 1, count=5), start=True)
    following.life_ended(2)
    followed.looks(inspected(32, count=2))
    ((text,),) = followed.texts()
    assert text.endswith("(restart 2); 1 restart in between left no mark")


def test_a_session_that_begins_again_reads_no_log_from_before_that(followed: Followed) -> None:
    following = followed.following
    following.life_ended(1)
    followed.looks(inspected(22, 23, 2))
    following.end()
    following.begin()
    following.learn(inspected(30))
    following.life_ended(3)
    followed.hears("die", 40, code=3)
    followed.looks(inspected(42))
    assert followed.rejoining.happened[-1][1].after == time_of(40)


def test_a_restart_that_inspect_does_not_show_yet_is_waited_for(followed: Followed) -> None:
    followed.following.life_ended(0)
    followed.looks(inspected(10))
    assert followed.rejoining.happened == []
    assert followed.following.waiting
