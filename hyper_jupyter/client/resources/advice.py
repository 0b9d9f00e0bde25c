"""What to do after an engine has refused, in one sentence: the hints of its errors.

Layer: client. Any thread. A list of names is asked for only after something was not found; that
blocks the caller, at most for the client's timeout.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from hyper_jupyter.exceptions import ApiError, ConnectionFailed, NotFound, ProtocolError

__all__ = ["advise", "advise_about", "suggest_names"]

_MAKING: Final = {
    "container": "%hyper create or %hyper run makes one",
    "image": "%hyper pull fetches one",
    "network": "%hyper network create makes one",
    "volume": "%hyper volume create makes one",
}
_IN_USE: Final = re.compile(
    "in use|being used|active endpoints|associated containers|is using", re.IGNORECASE
)
"""Matches what engines say of a thing that a container still needs."""

_STEPS: Final = (
    (
        re.compile("port is already allocated|address already in use", re.IGNORECASE),
        "Something else has that port: see %hyper ps. -p 80 in place of -p 8080:80 takes any.",
    ),
    (
        re.compile("name .*already in use", re.IGNORECASE | re.DOTALL),
        "Take another name, or remove the container that has it: %hyper rm -f NAME.",
    ),
    (
        re.compile("container is running|it is running|running container", re.IGNORECASE),
        "%hyper rm -f, or force=True, kills it first.",
    ),
    (
        re.compile("network.*not found", re.IGNORECASE),
        "%hyper network ls lists the networks, %hyper network create makes one.",
    ),
)
"""Matches refusals that concern more than the thing that the call was about, with the next step."""


def advise(error: ApiError) -> None:
    """Set the hint of a refusal that has none, where its text says what is in the way.

    Args:
        error: the refusal of a call about a container.
    """
    for pattern, step in _STEPS:
        if not error.hint and pattern.search(error.message):
            error.hint = step


@contextlib.contextmanager
def advise_about(
    kind: str, wanted: str, names: Callable[[], Iterable[str]], in_use: str = ""
) -> Iterator[None]:
    """Set the hint of the error that ends the block, if it says nothing yet.

    Args:
        kind: ``image``, ``network`` or ``volume``.
        wanted: what the call is about.
        names: asks for all names; called only if there is no such thing.
        in_use: what to do if a container still needs it.
    """
    try:
        yield
    except NotFound as error:
        if not error.hint and "container" not in error.message.lower():
            with contextlib.suppress(ApiError, ConnectionFailed, ProtocolError):
                error.hint = suggest_names(wanted, list(names()), kind)
        raise
    except ApiError as error:
        if in_use and not error.hint and _IN_USE.search(error.message):
            error.hint = in_use
        raise


def suggest_names(wanted: str, names: Sequence[str], kind: str = "container") -> str:
    """Suggest names for something that does not exist, in one sentence.

    Args:
        wanted: the name that was asked for.
        names: of all that there are.
        kind: ``container``, ``image``, ``network`` or ``volume``.

    Returns:
        Similar names; if there are none, a few of the existing names.
    """
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5) or [
        name for name in names if wanted and wanted.lower() in name.lower()
    ]
    if near:
        return f"Did you mean {_join_with_or(near[:3])}?"
    if names:
        more = ", …" if len(names) > 5 else ""
        return f"There are: {', '.join(names[:5])}{more}."
    return f"This engine has no {kind}s; {_MAKING[kind]}."


def _join_with_or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
