"""How a session ended, in words: the one place for this text on the kernel's side.

Layer: session, rules. No threads, no I/O: a pure function. The page's words for the same are in
``js/src/model/outcome.ts``.
"""

from __future__ import annotations

__all__ = ["outcome_text"]


def outcome_text(
    state: str, exit_code: int | None = None, error: Exception | str | None = None
) -> str:
    """Return where a session stands or how it ended, without a full stop.

    Args:
        state: a :class:`~hyper_jupyter.session.rules.state.State`, or its value.
        exit_code: the exit code of the container's process, if it is known.
        error: what broke, if anything did. It is put into one line.
    """
    match state:
        case "exited":
            text = "exited, code unknown" if exit_code is None else f"exited with code {exit_code}"
        case "detached" if exit_code is not None:  # somebody waited after detaching
            text = f"detached, the container has since exited with code {exit_code}"
        case "detached":
            text = "detached, the container runs on"
        case _:
            text = str(state)
    if error is None or not str(error):
        return text
    return f"{text} ({' '.join(str(error).split())})"
