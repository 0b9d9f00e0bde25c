"""Sessions by name: who has which, and who keeps whom alive."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass

import pytest

from hyper_jupyter.session.registry import Registry
from hyper_jupyter.session.rules.state import ENDED, State


@dataclass
class NamedContainer:
    name: str


class ListedSession:
    """What a registry needs of a session."""

    def __init__(self, container: str) -> None:
        self.name = ""
        self.container = NamedContainer(container)
        self.state = State.ATTACHED


@pytest.fixture
def registry() -> Registry[ListedSession]:
    return Registry()


def made(registry: Registry[ListedSession], container: str = "web") -> ListedSession:
    session = ListedSession(container)
    registry.register(session)
    return session


def ends(registry: Registry[ListedSession], session: ListedSession) -> None:
    """As a session does it."""
    session.state = State.EXITED
    registry.hold_weakly(session)


def test_the_second_session_of_a_container_has_a_number_behind_its_name(
    registry: Registry[ListedSession],
) -> None:
    sessions = [made(registry), made(registry), made(registry, "other"), made(registry)]
    assert [session.name for session in sessions] == ["web", "web-2", "other", "web-3"]
    assert registry.sessions() == sessions
    assert [registry.find(session.name) for session in sessions] == sessions
    assert registry.find("nobody") is None


@pytest.mark.parametrize("state", sorted(ENDED))
def test_a_session_that_has_ended_gives_its_name_to_the_next_one(
    registry: Registry[ListedSession], state: State
) -> None:
    first, second = made(registry), made(registry)
    first.state = state
    third = made(registry)
    assert (third.name, registry.find("web")) == ("web", third)
    assert registry.sessions() == [second, third]  # oldest first: it is the newest


@pytest.mark.parametrize("state", [State.CONNECTING, State.ATTACHED])
def test_one_that_goes_on_keeps_its_name(registry: Registry[ListedSession], state: State) -> None:
    first = made(registry)
    first.state = state
    assert made(registry).name == "web-2"
    assert registry.find("web") is first


def test_a_session_that_goes_on_lives_without_anybody_else(
    registry: Registry[ListedSession],
) -> None:
    alive = weakref.ref(made(registry))
    gc.collect()
    assert registry.find("web") is alive()
    assert alive() is not None


def test_a_session_that_has_ended_lives_only_as_long_as_somebody_uses_it(
    registry: Registry[ListedSession],
) -> None:
    session = made(registry)
    ends(registry, session)
    gc.collect()
    assert registry.find("web") is session
    assert registry.sessions() == [session]
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None
    assert registry.find("web") is None
    assert registry.sessions() == []


def test_the_end_of_an_older_session_does_not_let_go_of_its_successor(
    registry: Registry[ListedSession],
) -> None:
    first = made(registry)
    first.state = State.EXITED
    second = weakref.ref(made(registry))
    registry.hold_weakly(first)  # a moment later
    gc.collect()
    assert second() is not None
    assert registry.find("web") is second()


def test_a_session_that_is_discarded_is_not_found_and_not_kept(
    registry: Registry[ListedSession],
) -> None:
    session = made(registry)
    other = made(registry)
    registry.discard(session)
    assert registry.find("web") is None
    assert registry.sessions() == [other]
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None
    assert made(registry).name == "web"


def test_discarding_an_older_session_leaves_its_successor(
    registry: Registry[ListedSession],
) -> None:
    first = made(registry)
    first.state = State.LOST
    second = made(registry)
    for _ in range(2):
        registry.discard(first)
        assert registry.find("web") is second
    assert registry.sessions() == [second]
    registry.discard(second)
    registry.discard(second)
    assert registry.sessions() == []


def test_names_of_sessions_that_are_gone_are_not_kept(registry: Registry[ListedSession]) -> None:
    for number in range(20):
        ends(registry, made(registry, f"web{number}"))
        gc.collect()
    assert len(registry._named) == 1


def test_registries_know_nothing_of_one_another() -> None:
    one: Registry[ListedSession] = Registry()
    other: Registry[ListedSession] = Registry()
    assert made(one).name == made(other).name == "web"
    assert one.find("web") is not other.find("web")
