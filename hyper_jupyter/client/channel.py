"""The way to one engine: calls, and the requests that become streams.

Layer: client. Any thread; calls block the caller, at most for the client's timeout. Streams are
only dialled here: the socket belongs to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import requests
from traitlets.config import Configurable

from hyper_jupyter.client.authentication import HyperAuth, explain_refusal
from hyper_jupyter.client.discovery.headers import RequestDefaults
from hyper_jupyter.client.discovery.hyper import Credentials
from hyper_jupyter.client.discovery.options import DEFAULT_TIMEOUT
from hyper_jupyter.client.discovery.search import Discovery
from hyper_jupyter.client.http.calls import Calls, leaves_this_machine
from hyper_jupyter.client.http.request import prepare_request
from hyper_jupyter.client.http.streaming import StreamingResponse
from hyper_jupyter.client.negotiation import (
    HYPER_API_VERSION,
    MAX_VERSION,
    Negotiation,
    check_version,
    version_details,
)
from hyper_jupyter.client.profile import EngineProfile, version_numbers
from hyper_jupyter.client.responses import Reply
from hyper_jupyter.client.secret import Environment
from hyper_jupyter.client.transport.child import Schedule
from hyper_jupyter.client.transport.deadline import Deadline, DeadlineSocket
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.embedded import EmbeddedEngine, embedded_engine
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import api_error
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import Exchange
from hyper_jupyter.protocol.printable import printable

__all__ = ["Channel"]


class Channel(Configurable):  # type: ignore[misc]
    """Carries requests to one engine.

    Attributes:
        api_version: the version that prefixes requests, such as ``"1.41"``.
        profile: what the engine's kind and version do differently.
        api_versions: the oldest and the newest version that the engine takes; empty texts where it
            does not say.
        engine_version: the engine's own version, such as ``"20.10.24"``.
        timeout: seconds for connecting and for each call.
        discovery: how the engine was found.
        wanted_version: the version of the API that the caller chose; ``None`` for a negotiated one.
        instance: the embedded engine's process, if that is the engine. When it has ended, the next
            call starts another one.
    """

    def __init__(
        self,
        discovery: Discovery,
        *,
        api_version: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        credentials: Credentials | None = None,
        schedule: Schedule | None = None,
        **kwargs: Any,
    ) -> None:
        """Args:
            discovery: the endpoint and why it was chosen.
            api_version: ``None`` takes ``DOCKER_API_VERSION`` (``HYPER_API_VERSION`` where
                requests are signed), and otherwise negotiates.
            timeout: seconds for connecting and for each call.
            credentials: with these every request is signed, and the engine is Hyper's.
            schedule: the clock of the layer above. With it connections wait for the next call, and
                closing an ssh connection does not wait for the process.

        Raises:
            ConnectionFailed: no engine answers there, or docker's configuration has an invalid
                header.
            ApiError: the engine rejects our signature, or requires one.
            ProtocolError: the version is invalid.
        """
        super().__init__(**kwargs)
        self.discovery = discovery
        self.timeout = timeout
        self.wanted_version = api_version
        self.instance: EmbeddedEngine | None = None
        self.api_version = ""
        self.api_versions = ("", "")
        self.profile = EngineProfile.of("docker", api=HYPER_API_VERSION)  # until it has answered
        self.engine_version = ""
        self._endpoint = discovery.endpoint
        self._calls = Calls(schedule)
        self._auth = None if credentials is None else HyperAuth(credentials)
        check_version(api_version)
        signed = credentials is not None
        self._defaults = RequestDefaults.of(discovery, Environment(), signed=signed)
        self._negotiate(api_version or self._defaults.api_version)

    @property
    def over_network(self) -> bool:
        """Whether the way to the engine is TCP or ssh, where something in between may cut it."""
        return self._endpoint.scheme in ("tcp", "ssh")

    @property
    def engine(self) -> str:
        """The engine's kind: ``"embedded"``, ``"docker"``, ``"podman"`` or ``"hyper"``."""
        return self.profile.kind

    @property
    def host(self) -> str:
        """The engine's address, as a URL."""
        return str(self._endpoint)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about the way to the engine, one sentence each; often empty."""
        tls = self._endpoint.tls
        if tls is not None and not tls.verify:
            return (
                f"The certificate of {self.host} is not verified: any server could answer there.",
            )
        return ()

    @property
    def credentials(self) -> Credentials | None:
        """The keys that requests are signed with; ``None`` for unsigned requests."""
        return None if self._auth is None else self._auth.credentials

    @property
    def negotiates_version(self) -> bool:
        """Whether nobody has chosen the version of the API, in a call or in the environment."""
        return not (self.wanted_version or self._defaults.api_version)

    def api_at_least(self, version: str) -> bool:
        """Whether requests use this version of the API or a newer one."""
        return version_numbers(self.api_version) >= version_numbers(version)

    def __repr__(self) -> str:
        kind = f"{self.engine} {self.engine_version}, API {self.api_version}"
        return f"<{type(self).__name__} {self.host} ({kind})>"

    # -- requests -----------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        timeout: float | None = None,
        wait: bool = False,
    ) -> Reply:
        """Make one call and read its whole response.

        Args:
            method: ``"GET"``, …
            path: without the version, starting with a slash.
            params: the query.
            body: sent as JSON unless it is ``None``.
            timeout: seconds for the whole call. ``None`` is the client's timeout, or with ``wait``
                no limit.
            wait: the response may take as long as a container lives.

        Raises:
            ConnectionFailed: there is no connection, or no complete response in time.
            ApiError: the status is 400 or above, or a redirect.
            ProtocolError: the response is not HTTP, or is larger than 32 MiB.
        """
        seconds = timeout if timeout is not None or wait else self.timeout
        deadline = Deadline(seconds)
        # Only the response may take so long, not the connection.
        limit = timeout if timeout and timeout > 0 else self.timeout
        patience = Deadline(min(self.timeout, limit)) if wait else deadline
        self._follow_engine()
        try:
            status, headers, content = self._send(method, path, params, body, deadline, patience)
        except ConnectionFailed as failure:
            explained = self._explain(failure)
            if explained is failure or not (failure.absent or method == "GET"):
                raise explained from failure.__cause__
            # It has just ended, and has not read the request, or that changes nothing.
            self._follow_engine()
            status, headers, content = self._send(method, path, params, body, deadline, patience)
        # 304 says that a container is already running or stopped: what the caller wanted.
        if status >= 400 or (300 <= status < 400 and status != 304):
            raise explain_refusal(api_error(status, content), self._auth)
        return Reply(status, headers, content)

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Any,
        deadline: Deadline,
        dialling: Deadline,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request, and return status, headers and body of its response."""
        keep = self._calls.schedule is not None and leaves_this_machine(self._endpoint)
        request = self._prepare(
            method, path, params, body, {"Connection": "keep-alive"} if keep else None
        )
        return self._calls.make(self._endpoint, request, deadline, path, dialling=dialling)

    def open(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        deadline: Deadline | None = None,
        websocket: bool = False,
        chunked: bool = False,
    ) -> tuple[DeadlineSocket, Exchange]:
        """Dial a connection for a request whose response is a stream.

        Args:
            method: ``"GET"``, …
            path: without the version, starting with a slash.
            params: the query.
            headers: replace those of every request.
            body: sent as JSON unless it is ``None``.
            deadline: for the connection; ``None`` is the client's timeout.
            websocket: request a WebSocket, by a ``GET`` without a body.
            chunked: the request's body follows in pieces; ``body`` is ``None``.

        Returns:
            A connected socket on which nothing was sent yet, and the exchange that knows what
            to send. Both belong to the caller.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        request = self._prepare(method, path, params, body, headers)
        fields = dict(request.headers)
        content = request.body or b""
        exchange: Exchange
        if websocket:
            from hyper_jupyter.protocol.websocket import WebSocketExchange

            exchange = WebSocketExchange(request.path_url, fields)
        else:
            if chunked:
                fields.pop("Content-Length", None)
            exchange = Exchange(
                str(request.method),
                request.path_url,
                fields,
                content.encode() if isinstance(content, str) else bytes(content),
                chunked=chunked,
            )
        deadline = deadline or Deadline(self.timeout)
        try:
            connection = dial(self._endpoint, deadline, self._calls.schedule)
        except ConnectionFailed as failure:
            raise self._explain(failure) from failure.__cause__
        connection.deadline = None
        connection.settimeout(None)
        return connection, exchange

    def stream(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        upload: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        idle: float | None = None,
    ) -> StreamingResponse:
        """Send a request, and return its response, to iterate over, once its head has come.

        Everything happens in the caller's thread. The response belongs to the caller, who closes
        it; the end of its body closes it too.

        Args:
            method: ``"GET"``, …
            path: without the version, starting with a slash.
            params: the query.
            body: sent as JSON unless it is ``None``.
            upload: the request's body in pieces, instead of ``body``. It may be endless: no piece
                is kept.
            headers: replace those of every request.
            timeout: seconds for the connection, and then for the head, counted from the end of the
                request's body. ``None`` is the client's timeout.
            idle: the longest time in seconds without a byte of the body, in either direction;
                ``None`` is no limit.

        Raises:
            ConnectionFailed: there is no connection, or no head in time.
            ConnectionLost: the connection broke while the request's body was sent.
            ApiError: the status is 400 or above, or a redirect.
            ProtocolError: the response is not HTTP.
        """
        seconds = self.timeout if timeout is None else timeout
        self._follow_engine()
        sock, exchange = self.open(
            method,
            path,
            params,
            headers=headers,
            body=body,
            deadline=Deadline(min(self.timeout, seconds)),
            chunked=upload is not None,
        )
        response = StreamingResponse(sock, exchange, self.host, idle=idle)
        try:
            response.send_request(upload)
            response.read_head(Deadline(seconds))
            if response.status >= 300:
                failure = api_error(response.status, response.read_error(Deadline(seconds)))
                raise explain_refusal(failure, self._auth)
        except BaseException as error:
            response.close()
            if isinstance(error, ConnectionFailed):
                raise self._explain(error) from error.__cause__
            raise
        return response

    def _prepare(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.PreparedRequest:
        return prepare_request(
            self._endpoint,
            method,
            path,
            params,
            version=self.api_version,
            body=body,
            headers=headers,
            user_headers=self._defaults.headers,
            auth=self._auth,
        )

    # -- which engine it is -------------------------------------------------------------

    def _negotiate(self, wanted: str | None) -> None:
        if self._auth is not None:
            # Hyper has no _ping, and its paths always have the version.
            self.api_version = wanted or HYPER_API_VERSION
            details = version_details(self.call, needed=True)
            self.engine_version = printable(str(details.get("Version") or ""), MAX_VERSION)
            self.profile = EngineProfile.of("hyper", self.engine_version, api=self.api_version)
            return
        local = self._endpoint.scheme == "local"
        if local:
            self._use(embedded_engine(Deadline(self.timeout)))
        found = Negotiation.ask(self.call, self.host, wanted, local=local)
        self.profile, self.engine_version = found.profile, found.engine_version
        self.api_versions = (found.oldest, found.newest)
        self.api_version = found.api_version

    # -- the embedded engine ------------------------------------------------------------

    def _use(self, engine: EmbeddedEngine) -> None:
        self.instance = engine
        self._endpoint = Endpoint("local", path=engine.socket_path)

    def _follow_engine(self) -> None:
        """Use the engine that has taken the place of ours, if ours has ended. Starts it."""
        if self.instance is not None and self.instance.has_ended():
            self._use(embedded_engine(Deadline(self.timeout)))

    def _explain(self, failure: ConnectionFailed) -> ConnectionFailed:
        return failure if self.instance is None else self.instance.explain(failure)
