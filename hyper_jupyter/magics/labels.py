"""What our own lines call a session, and how they say how it ended.

Layer: magics. Pure; any thread.
"""

from __future__ import annotations

from hyper_jupyter.session import Session
from hyper_jupyter.session.rules import outcome

__all__ = ["kind_text", "label", "outcome_of", "shortened"]


def shortened(text: str, width: int) -> str:
    """Return a text as one line of at most ``width`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def kind_text(session: Session) -> str:
    """Return what kind of session it is, for an exec with its command: ``exec ls -l``."""
    return outcome.kind_text("exec", session.command) if session.command else session.kind


def label(session: Session) -> str:
    """Return what our own lines call a session.

    An attached container has its session's name. An exec is ``exec ls -l in web``, a log is
    ``log of web``: their end is not the container's.
    """
    match session.kind:
        case "exec":
            return f"{kind_text(session)} in {session.container.name}"
        case "logs":
            return f"log of {session.container.name}"
        case _:
            return session.name


def outcome_of(session: Session) -> str:
    """Return where a session stands or how it ended, without a full stop."""
    return outcome.outcome_text(
        session.state,
        session.exit_code,
        session.error,
        complete=session.complete,
        out_of_memory=session.out_of_memory,
        paused=session.paused,
        removed=session.removed,
        recreated=session.recreated,
        awaits=session.awaits,
        engine_ended=session.engine_ended,
        subject=outcome.subject_of(session.command),
    )
