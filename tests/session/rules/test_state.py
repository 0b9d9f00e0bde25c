"""The states of a session: the table of what may follow what."""

from __future__ import annotations

from hyper_jupyter.session.rules.state import ENDED, TRANSITIONS, State


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


def test_the_ends_are_the_states_that_nothing_follows() -> None:
    assert {State.EXITED, State.DETACHED, State.LOST, State.FAILED} == ENDED
    assert all((not TRANSITIONS[state]) == (state in ENDED) for state in State)


def test_every_state_but_the_first_can_be_reached() -> None:
    reached = {state for following in TRANSITIONS.values() for state in following}
    assert reached == set(State) - {State.CONNECTING}


def test_no_state_follows_itself() -> None:
    assert not [state for state, following in TRANSITIONS.items() if state in following]


def test_users_compare_states_with_their_names() -> None:
    assert State.ATTACHED == "attached"
    assert f"{State.LOST}" == "lost"
