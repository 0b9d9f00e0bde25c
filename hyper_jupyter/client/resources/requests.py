"""What calls about containers share: the path of one, and the errors of those that fail.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.http.streaming import StreamingResponse
from hyper_jupyter.client.records import Container
from hyper_jupyter.client.resources.advice import advise, suggest_names
from hyper_jupyter.client.responses import Reply
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, NotFound, ProtocolError

__all__ = [
    "ContainerRequests",
    "Filters",
    "container_path",
    "encode_filters",
    "list_containers",
    "quote_name",
    "require_field",
    "require_list",
    "says_no_container",
]

MAX_ROWS: Final = 50_000
"""Containers in a list. Reading so many rows takes a second."""

Filters = Mapping[str, str | bool | Sequence[str]]
"""Conditions of a list, as the engine's API names them: ``{"label": ["a=b", "c"], "status":
"exited"}``."""

_NO_CONTAINER: Final = ("no such container", "no container", "no such id", "layer not known")

_T = TypeVar("_T")


class ContainerRequests(Channel):
    """Requests about one container."""

    def about_container(
        self,
        container: str,
        method: str,
        what: str,
        params: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        timeout: float | None = None,
        wait: bool = False,
    ) -> Reply:
        """Make a call about one container.

        Args:
            container: its name or id.
            method: ``"GET"``, …
            what: the path after its name.
            params: the query.
            body: as for :meth:`call`.
            timeout: as for :meth:`call`.
            wait: as for :meth:`call`.

        Raises:
            NotFound: there is no such container; the hint has similar names.
        """
        try:
            path = container_path(container, what)
            return self.call(method, path, params, body=body, timeout=timeout, wait=wait)
        except NotFound as error:
            self._explain_missing(error, container)
            advise(error)
            raise
        except ApiError as error:
            advise(error)
            raise

    def stream_about(
        self,
        container: str,
        method: str,
        what: str,
        params: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> StreamingResponse:
        """Make a request about one container whose response is read as it comes.

        The options are those of :meth:`stream`.

        Raises:
            NotFound: there is no such container; the hint has similar names.
        """
        try:
            return self.stream(method, container_path(container, what), params, **options)
        except NotFound as error:
            self._explain_missing(error, container)
            raise

    def _explain_missing(self, error: NotFound, container: str) -> None:
        # The missing thing may also be the network that it starts with.
        if not error.message or says_no_container(error.message):
            error.hint = error.hint or self._suggest_names(container)

    def _suggest_names(self, wanted: str) -> str:
        """Make a hint for a container that does not exist; empty where the list fails too."""
        try:
            names = [container.name for container in list_containers(self, {"all": 1})]
        except (ApiError, ConnectionFailed, ProtocolError):
            return ""
        return suggest_names(wanted, names)


def says_no_container(message: str) -> bool:
    """Whether an engine says that there is no such container, and not something else in its place.

    While an engine is away, a proxy in front of it may answer with 404, too.
    """
    text = message.lower()
    return any(words in text for words in _NO_CONTAINER)


def list_containers(channel: Channel, params: Mapping[str, Any]) -> list[Container]:
    """Ask for the list of containers.

    Raises:
        ProtocolError: the engine's answer is not a list of containers, or lists over 50,000.
    """
    rows = channel.call("GET", "/containers/json", params).json()
    if not isinstance(rows, list):
        raise ProtocolError("the engine's answer is not a list of containers")
    if len(rows) > MAX_ROWS:
        raise ProtocolError(f"the engine lists more than {MAX_ROWS:,} containers")
    return [Container.from_row(row) for row in rows]


def container_path(container: str, what: str) -> str:
    """Return a path about a container; ``what`` follows its name."""
    name = container.removeprefix("/")  # inspect puts it there
    return f"/containers/{quote_name(name, 'container')}{what}"


def quote_name(name: str, kind: str) -> str:
    """Quote a name for a path.

    Raises:
        NotFound: nothing can be called so.
    """
    if not name:
        raise NotFound(404, f"no {kind} was named")
    if not {"", ".", ".."}.isdisjoint(name.split("/")):
        # In a path these mean something else: Docker redirects to what it takes them for.
        raise NotFound(404, f"No such {kind}: {name}")
    return quote(name, safe="")


def encode_filters(filters: Filters | None) -> dict[str, str]:
    """Return the parameter of a query for filters; empty without any.

    A value is a text, ``True`` or ``False``, or a list of texts, of which one must hold.
    """
    if not filters:
        return {}
    lists = {
        name: ["true" if value else "false"]
        if isinstance(value, bool)
        else [value]
        if isinstance(value, str)
        else list(value)
        for name, value in filters.items()
    }
    return {"filters": json.dumps(lists)}


def require_list(reply: Reply, what: str) -> list[Any]:
    """Return the list that an answer is; an empty one for ``null``.

    Raises:
        ProtocolError: it is none.
    """
    rows = reply.json()
    if not isinstance(rows or [], list):
        raise ProtocolError(f"the engine's answer is not {what}")
    return rows or []


def require_field(reply: Reply, name: str, kind: type[_T]) -> _T:
    """Return a field of the answer that must be there.

    Raises:
        ProtocolError: it is missing, or of another type.
    """
    value = reply.json_object().get(name)
    if not isinstance(value, kind):
        raise ProtocolError(f"the engine's answer is not complete: {name} is missing")
    return value
