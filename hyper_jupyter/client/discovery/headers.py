"""What the user's own command line puts into every request: headers, and the API's version.

Layer: client. Any thread; reads one file, writes none.

As docker 28.2 was seen to do: ``HttpHeaders`` of its ``config.json`` go with every request,
upgrades too, where they do not take the place of its own; ``DOCKER_CUSTOM_HEADERS`` replaces all of
them. They may hold secrets: values are :class:`Secret`, and no error repeats one.
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
"""Headers that docker takes from nobody, or that would change what a request is."""


@dataclass(frozen=True, slots=True)
class RequestDefaults:
    """What goes into the requests to one engine.

    Attributes:
        headers: over those that we send; the values are not shown by ``repr``.
        api_version: instead of a negotiated one; ``None`` negotiates.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    api_version: str | None = None

    @classmethod
    def of(cls, discovery: Discovery, env: Mapping[str, str], *, signed: bool) -> RequestDefaults:
        """What belongs to an engine.

        ``HttpHeaders`` and ``DOCKER_API_VERSION`` are docker's, and for engines that docker's
        command could be meant for: neither for ``local:``, nor for Podman's, nor for Hyper's. The
        latter has ``HYPER_API_VERSION``.

        Args:
            discovery: the engine.
            env: ``DOCKER_CONFIG``, ``HOME`` and the variables above.
            signed: whether it is a Hyper endpoint.

        Raises:
            ConnectionFailed: a header that none can be.
            ProtocolError: a version that none can be.
        """
        if signed:
            return cls(api_version=_version("HYPER_API_VERSION", env))
        if discovery.is_podman or discovery.endpoint.scheme == "local":
            return cls()
        source, found = _written(env)
        for name, value in found.items():
            if not _NAME.fullmatch(name):
                raise ConnectionFailed(f"{source} has a name that no header can have")
            if not _VALUE.fullmatch(value):
                raise ConnectionFailed(
                    f"the header {name[:100]} of {source} has a value that no header can have",
                    hint="Printable characters of ASCII are possible.",
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


def _written(env: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Where headers are written, and all of them.

    No error from here, for its traceback may show the variables.
    """
    text = env.get("DOCKER_CUSTOM_HEADERS")
    if text:
        return "DOCKER_CUSTOM_HEADERS", _from_variable(text)
    path = docker_folder(env) / "config.json"
    entries = read_settings(path).get("HttpHeaders")
    return f"HttpHeaders in {path}", {
        name: Secret(value.strip(" \t"))
        for name, value in (entries.items() if isinstance(entries, dict) else ())
        if isinstance(value, str)
    }


def _from_variable(text: str) -> dict[str, str]:
    """``NAME=VALUE`` with commas between them, quoted as in CSV."""
    try:
        entries = [entry for row in csv.reader([text], strict=True) for entry in row]
    except csv.Error:
        entries = [""]
    pairs = [entry.partition("=") for entry in entries]
    # A name that is missing is refused as any other that is none.
    return {name.strip() if sign else "": Secret(value.strip()) for name, sign, value in pairs}
