"""What the user's own command line adds to every request: headers, and the version of the API.

Layer: client. Any thread; reads one file, writes none.

This does what docker 28.2 was seen to do: ``HttpHeaders`` of its ``config.json`` go with every
request, upgrades included, but replace none of docker's own headers. ``DOCKER_CUSTOM_HEADERS``
replaces all of ``HttpHeaders``. The headers may hold secrets: their values are :class:`Secret`, and
no error repeats a value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hyper_jupyter.client.discovery.docker import docker_folder
from hyper_jupyter.client.discovery.files import read_settings
from hyper_jupyter.client.discovery.search import Discovery
from hyper_jupyter.client.negotiation import check_version
from hyper_jupyter.client.secret import Secret
from hyper_jupyter.exceptions import ConnectionFailed, ProtocolError

__all__ = ["RequestDefaults"]

_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # a token, of RFC 9110
_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_OURS: Final = frozenset(
    ("host", "user-agent", "content-length", "transfer-encoding", "connection", "upgrade", "expect")
)
"""Headers that docker does not let users set, or that would change what a request means."""


@dataclass(frozen=True, slots=True)
class RequestDefaults:
    """What the user has configured for the requests to one engine.

    Attributes:
        headers: added to ours; ``repr`` does not show the values.
        api_version: replaces a negotiated one; ``None`` negotiates.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    api_version: str | None = None

    @classmethod
    def of(cls, discovery: Discovery, env: Mapping[str, str], *, signed: bool) -> RequestDefaults:
        """Read what applies to an engine.

        ``HttpHeaders`` and ``DOCKER_API_VERSION`` are docker's. They apply to engines that the
        docker command could also use: not to ``local:``, and not to those of Podman or Hyper. Hyper
        has ``HYPER_API_VERSION``.

        Args:
            discovery: the engine.
            env: has ``DOCKER_CONFIG``, ``HOME`` and the variables above.
            signed: whether it is a Hyper endpoint.

        Raises:
            ConnectionFailed: a header is invalid.
            ProtocolError: a version is invalid.
        """
        if signed:
            return cls(api_version=_version("HYPER_API_VERSION", env))
        if discovery.is_podman or discovery.endpoint.scheme == "local":
            return cls()
        source, found = _read_headers(env)
        for name, value in found.items():
            if not _NAME.fullmatch(name):
                raise ConnectionFailed(f"{source} has an invalid header name")
            if not _VALUE.fullmatch(value):
                raise ConnectionFailed(
                    f"the header {name[:100]} of {source} has an invalid value",
                    hint="Only printable characters of ASCII are allowed.",
                )
        headers = {
            name: value
            for name, value in found.items()
            if name.lower() not in _OURS and not name.lower().startswith("sec-websocket-")
        }
        return cls(headers, _version("DOCKER_API_VERSION", env))


def _version(variable: str, env: Mapping[str, str]) -> str | None:
    version = env.get(variable, "").strip().removeprefix("v")
    try:
        check_version(version)
    except ProtocolError as error:
        error.args = (f"{error} ({variable})",)
        raise
    return version or None


def _read_headers(env: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Read the configured headers, and where they are configured.

    Raises no error of ours: the traceback could show the variables of this function.
    """
    text = env.get("DOCKER_CUSTOM_HEADERS")
    if text:
        return "DOCKER_CUSTOM_HEADERS", _parse_variable(text)
    path = docker_folder(env) / "config.json"
    entries = read_settings(path).get("HttpHeaders")
    return f"HttpHeaders in {path}", {
        name: Secret(value.strip(" \t"))
        for name, value in (entries.items() if isinstance(entries, dict) else ())
        if isinstance(value, str)
    }


def _parse_variable(text: str) -> dict[str, str]:
    """Parse ``NAME=VALUE`` pairs with commas between them, quoted as in CSV."""
    try:
        entries = [entry for row in csv.reader([text], strict=True) for entry in row]
    except csv.Error:
        entries = [""]
    pairs = [entry.partition("=") for entry in entries]
    # A missing name is rejected later, like any other invalid name.
    return {name.strip() if sign else "": Secret(value.strip()) for name, sign, value in pairs}
