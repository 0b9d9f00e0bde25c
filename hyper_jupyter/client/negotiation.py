"""Negotiation: which engine answers, and which version of its API both sides support.

Layer: client. Any thread. Blocks its caller: two calls, each for the client's timeout at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.client.profile import EngineProfile, version_numbers
from hyper_jupyter.client.responses import Reply
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, ProtocolError
from hyper_jupyter.protocol.printable import printable

__all__ = [
    "HYPER_API_VERSION",
    "MAX_API_VERSION",
    "Negotiation",
    "check_version",
    "choose_version",
    "version_details",
]

MAX_API_VERSION: Final = "1.45"
"""The newest API that this client was tested with (Docker Engine 26.1)."""

HYPER_API_VERSION: Final = "1.23"
"""The version of an engine that names none: Hyper's API, 2016-04-04."""

MAX_VERSION: Final = 100
"""The most characters of an engine's own version."""

_API_VERSION: Final = re.compile(r"\d{1,2}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Negotiation:
    """The result of two calls without a version.

    Attributes:
        profile: the profile of the engine's kind and version.
        engine_version: the engine's own version, such as ``"20.10.24"``; empty if it names none.
        api_version: the version to prefix requests with.
        oldest: the oldest version that it takes; empty if it does not say.
        newest: the newest one.
    """

    profile: EngineProfile
    engine_version: str
    api_version: str
    oldest: str = ""
    newest: str = ""

    @classmethod
    def ask(
        cls, call: Callable[[str, str], Reply], host: str, wanted: str | None, *, local: bool
    ) -> Negotiation:
        """Ask an engine.

        Args:
            call: makes a call with a method and a path.
            host: the engine's address, for error texts.
            wanted: the version that the user chose; ``None`` takes one that both support, by
                :func:`choose_version`.
            local: whether its address is that of the embedded engine.

        Raises:
            ConnectionFailed: nothing answers, or not as an engine does.
            ApiError: it requires a signature.
            ProtocolError: it names no API version.
        """
        try:
            headers: Mapping[str, str] = call("GET", "/_ping").headers
            refusal = None
        except ApiError as error:
            if error.status == 401:
                raise
            headers, refusal = {}, error
        theirs = headers.get("Api-Version", "")
        version = version_details(call)
        if refusal is not None and not version and not _is_unknown_path(refusal):
            page = "<" in refusal.message or not refusal.message  # of a web server
            what = "" if page else f" {refusal.message}"
            raise ConnectionFailed(
                f"{host} answers, but not as an engine: {refusal.status}{what}",
                hint=refusal.hint or "Check the address and the port.",
            ) from refusal
        theirs = theirs or str(version.get("ApiVersion") or HYPER_API_VERSION)
        if not _API_VERSION.fullmatch(theirs):
            raise ProtocolError(f"{host} names no API version")
        parts = version.get("Components")
        names = " ".join(
            str(part.get("Name", ""))
            for part in (parts if isinstance(parts, list) else [])
            if isinstance(part, dict)
        )
        kind = "docker"
        if "Libpod-API-Version" in headers or "podman" in names.lower():
            kind = "podman"
        elif local or "hyper_jupyter" in names:
            kind = "embedded"
        engine_version = printable(str(version.get("Version") or ""), MAX_VERSION)
        oldest = str(version.get("MinAPIVersion") or "")
        if not _API_VERSION.fullmatch(oldest):
            oldest = ""
        api_version = wanted or choose_version(oldest, theirs)
        profile = EngineProfile.of(kind, engine_version, api=api_version)
        return cls(profile, engine_version, api_version, oldest, theirs)


def _is_unknown_path(refusal: ApiError) -> bool:
    """Whether an engine says that it has no such path: Hyper's has no ``/_ping``."""
    return refusal.status == 404 and "page not found" in refusal.message.lower()


def choose_version(oldest: str, newest: str) -> str:
    """Return the version to use with an engine: the newest that was tested, if the engine takes it.

    Args:
        oldest: the oldest version that the engine takes; empty if it is not known.
        newest: the newest one.

    Returns:
        One that the engine takes. If even its oldest one is newer than :data:`MAX_API_VERSION`,
        that is its oldest.
    """
    tested = min(newest, MAX_API_VERSION, key=version_numbers)
    return max(tested, oldest, key=version_numbers)


def version_details(call: Callable[[str, str], Reply], *, needed: bool = False) -> dict[str, Any]:
    """Return the engine's answer to ``/version``; empty where it does not have that call.

    Args:
        call: makes a call with a method and a path.
        needed: raise on any error status except 404.

    Raises:
        ApiError: it requires a signature, or with ``needed`` refuses the call.
    """
    try:
        details = call("GET", "/version").json()
    except ApiError as error:
        if error.status == 401 or (needed and error.status != 404):
            raise
        return {}
    return details if isinstance(details, dict) else {}


def check_version(wanted: str | None) -> None:
    """Check that a text is a version of the API.

    Raises:
        ProtocolError: it is not.
    """
    if wanted and not _API_VERSION.fullmatch(wanted):
        raise ProtocolError(f"{wanted!r} is not an API version", hint="Use one such as 1.41.")
