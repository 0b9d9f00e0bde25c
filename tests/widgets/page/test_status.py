"""How a session stands, in the words that the page gets."""

from __future__ import annotations

import pytest

from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.widgets.page.status import describe
from tests.widgets.fakes import ScriptedSession


@pytest.mark.parametrize(
    ("engine_ended", "text"),
    [(False, "it has ended"), (True, "it has ended. Run the cells again.")],
)
def test_what_to_do_is_said_where_no_button_can_do_it(engine_ended: bool, text: str) -> None:
    session = ScriptedSession()
    session.state = "lost"
    error = ConnectionLost("it has ended", hint="Run the cells again.")
    error.engine_ended = engine_ended
    session.error = error
    status = describe(session, session.controls())  # type: ignore[arg-type]
    assert status["error"] == text
