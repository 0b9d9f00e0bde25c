"""The table of routes: from a request to its response; paths, API versions, errors.

Layer: engine. No I/O here.
"""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from hyper_jupyter.engine.http.guard import Guard
from hyper_jupyter.engine.http.request import (
    ClientConnection,
    Message,
    Request,
    parse_form,
    unescape,
)
from hyper_jupyter.engine.http.response import Response, Streamed
from hyper_jupyter.exceptions import ApiError

__all__ = [
    "API_VERSION",
    "HIJACKED",
    "MIN_API_VERSION",
    "Answer",
    "Route",
    "Routes",
    "version_text",
]

API_VERSION: Final = (1, 45)
MIN_API_VERSION: Final = (1, 23)
"""Hyper's own version, which is older than what today's Docker accepts."""

JSON_ERRORS_FROM: Final = (1, 24)
"""The version from which errors are JSON; below it they are plain text."""

HIJACKED: Final = None
"""What a route returns after it has taken over the connection."""

Answer = Response | Streamed | None
Route = Callable[..., Awaitable[Answer]]

_VERSIONED: Final = re.compile(r"/v([0-9.]+)(/.*)")
_PODMAN: Final = "/libpod/"
"""Podman's own API, whose versions are Podman's."""

_FORM: Final = "application/x-www-form-urlencoded"
_log: Final = logging.getLogger(__name__)


class Routes:
    """A table of routes.

    Args:
        guard: accepts signed requests; ``None`` accepts all.
    """

    def __init__(self, guard: Guard | None = None) -> None:
        self._guard = guard
        self._routes: list[tuple[str, re.Pattern[str], Route]] = []

    def add(self, method: str, path: str, route: Route) -> None:
        """Add a route.

        Args:
            method: such as ``GET``, which does not answer HEAD; ``*`` for all.
            path: with ``{}`` for each segment that is an argument of `route`, and ``{path}`` for
                an argument of one or more segments. The first route that fits answers.
            route: called with the request and those arguments.
        """
        pattern = re.escape(path).replace(r"\{\}", "([^/]+)").replace(r"\{path\}", "(.+)")
        self._routes.append((method, re.compile(pattern), route))

    def refuse(self, head: Message) -> Response | None:
        """Return the refusal of a request whose body has not been read; ``None`` to go on."""
        if self._guard is None:
            return None
        try:
            self._guard.check_head(head)
        except ApiError as error:
            return error_response(error, _stated_version(head.target))
        return None

    async def answer(self, message: Message, connection: ClientConnection) -> Answer:
        """Answer a request; errors of routes become responses.

        Raises:
            ConnectionError: the connection broke.
        """
        version: tuple[int, ...] = API_VERSION
        try:
            if self._guard is not None:
                version = _stated_version(message.target)
                self._guard.check(message)
                version = API_VERSION
            target, _, query = message.target.partition(b"?")
            target = re.sub(rb"^[a-zA-Z]+://[^/]*", b"", target)  # absolute form, sent to proxies
            path = unescape(target, plus=False)
            cleaned = _clean_path(path)
            if cleaned != path:
                # Nothing is left out: without a tab in between, two slashes would name a host.
                location = quote(cleaned, safe="/:@!$&'()*+,;=~", errors="surrogateescape")
                return Response(301, b"", {"Location": location})
            versioned = _VERSIONED.fullmatch(path)
            if versioned:
                path = versioned[2]
            if path.startswith(_PODMAN):
                raise ApiError(501, "the embedded engine has no API of Podman, only Docker's")
            if versioned:
                version = _parse_version(versioned[1])
                _check_version(version, versioned[1])
            route, arguments = self._find(message.method, path)
            form = dict(parse_form(query))
            if message.headers.get("content-type", "").split(";")[0].strip().lower() == _FORM:
                for key, values in parse_form(message.body).items():
                    form[key] = values + form.get(key, [])
            request = Request(
                method=message.method,
                path=path,
                version=version,
                form=form,
                headers=message.headers,
                body=message.body,
                connection=connection,
                file=message.file,
            )
            return await route(request, *arguments)
        except ApiError as error:
            return error_response(error, version)
        except ConnectionError:
            raise
        except OSError as error:  # of the system, such as no descriptors left: no bug of ours
            reason = error.strerror or type(error).__name__
            _log.warning("%s %s: %s", message.method, message.target[:200], reason)
            return error_response(ApiError(500, reason.lower()), version)
        except Exception as error:  # noqa: BLE001 - a bug here must not end the server
            _log.exception("%s %s", message.method, message.target[:200])
            return error_response(ApiError(500, f"{type(error).__name__}: {error}"), version)

    def _find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]]:
        for wanted, pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match and wanted in (method, "*"):
                return route, match.groups()
        raise ApiError(404, "page not found")


def _stated_version(target: bytes) -> tuple[int, ...]:
    """Return the version of a request whose path was not checked yet; errors have its form."""
    versioned = _VERSIONED.match(target.decode("latin-1"))
    return _parse_version(versioned[1]) if versioned else API_VERSION


def error_response(error: ApiError, version: tuple[int, ...]) -> Response:
    """Return an error in the form of an API version."""
    if error.status == 304:
        return Response(304)
    headers = {}
    if error.status == 401:
        # Close: what follows may be the input of a refused attach instead of a request.
        headers = {"WWW-Authenticate": "HYPER-HMAC-SHA256", "Connection": "close"}
    if version < JSON_ERRORS_FROM:
        text = error.message.encode("utf-8", "backslashreplace") + b"\n"
        headers["Content-Type"] = "text/plain; charset=utf-8"
        return Response(error.status, text, headers)
    return Response(error.status, {"message": error.message}, headers)


def version_text(version: tuple[int, ...]) -> str:
    """Return a version as text, such as ``1.45``."""
    return ".".join(map(str, version))


def _parse_version(text: str) -> tuple[int, ...]:
    # moby compares part by part; what is not a number is 0. So "01.41" and "1.41." are valid.
    parts = [int(part[:9]) if part else 0 for part in text.split(".")]
    while len(parts) > 2 and not parts[-1]:
        parts.pop()
    return (*parts, 0) if len(parts) == 1 else tuple(parts)


def _check_version(version: tuple[int, ...], text: str) -> None:
    if version > API_VERSION:
        raise ApiError(
            400,
            f"client version {text[:50]} is too new. "
            f"Maximum supported API version is {version_text(API_VERSION)}",
        )
    if version < MIN_API_VERSION:
        raise ApiError(
            400,
            f"client version {text[:50]} is too old. Minimum supported API version is "
            f"{version_text(MIN_API_VERSION)}, please upgrade your client to a newer version",
        )


def _clean_path(path: str) -> str:
    # Go's mux redirects a path with "//", "." or ".." to the clean one.
    if not path.startswith("/"):
        return "/" + path
    cleaned = posixpath.normpath("/" + path.lstrip("/"))
    return cleaned + "/" if path.endswith("/") and cleaned != "/" else cleaned
