"""One engine: its REST calls, and the requests that become streams.

Layer: client. Any thread; calls block the caller, bounded by the client's timeout. Streams are
only dialled here: the socket belongs to whoever asked for it.
"""

from __future__ import annotations

import difflib
import json
import re
import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests
from traitlets import Unicode
from traitlets.config import Configurable

from hyper_jupyter.client.embedded import embedded_engine
from hyper_jupyter.client.endpoint import Discovery, Endpoint
from hyper_jupyter.client.transport import Deadline, EndpointAdapter, dial
from hyper_jupyter.exceptions import ApiError, Conflict, ConnectionFailed, NotFound, ProtocolError
from hyper_jupyter.protocol import Exchange

__all__ = ["Container", "EngineClient", "Reply", "api_error"]

MAX_API_VERSION: Final = "1.45"
"""The newest API that this client was run against (Docker Engine 26.1)."""

HYPER_API_VERSION: Final = "1.23"
"""What an engine speaks that does not say: Hyper's API, 2016-04-04."""

_PODMAN_CONFLICT: Final = re.compile("already in use|in state|as it is running")
"""Podman's words for what Docker answers with 409."""

_KILL_GRACE: Final = 15.0

_API_VERSION: Final = re.compile(r"\d{1,2}\.\d{1,3}")

_MAX_BODY: Final = 32 * 1024 * 1024
_MAX_MESSAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer to a call.

    Attributes:
        status: below 400.
        headers: names in any case.
        body: at most 32 MiB.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ProtocolError: where it is none.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ProtocolError("the engine's answer is not JSON") from error


@dataclass(frozen=True, slots=True)
class Container:
    """One line of the list of containers.

    Attributes:
        id: 64 hexadecimal digits.
        name: without the leading slash.
        image: as it was named at creation.
        command: what it runs, one line.
        state: ``created``, ``running``, ``paused``, ``restarting``, ``exited``, …
        status: the engine's words, such as ``Up 3 minutes``.
        created: seconds since the epoch.
    """

    id: str
    name: str
    image: str
    command: str = ""
    state: str = ""
    status: str = ""
    created: int = 0


class EngineClient(Configurable):  # type: ignore[misc]
    """Speaks to one engine.

    Attributes:
        api_version: what requests are prefixed with, such as ``"1.41"``.
        engine: ``"embedded"``, ``"docker"``, ``"podman"`` or ``"hyper"``.
        engine_version: the engine's own version, such as ``"20.10.24"``.
        timeout: seconds for connecting and for each call.
        discovery: how the engine was found.
    """

    image = Unicode(
        "busybox", help="What the image 'default' stands for, where the engine takes any."
    ).tag(config=True)

    def __init__(
        self,
        discovery: Discovery,
        *,
        api_version: str | None = None,
        timeout: float = 10.0,
        **kwargs: Any,
    ) -> None:
        """Args:
            discovery: the endpoint and why it was chosen.
            api_version: ``None`` negotiates.
            timeout: seconds.

        Raises:
            ConnectionFailed: where no engine answers there.
        """
        super().__init__(**kwargs)
        self.discovery = discovery
        self.timeout = timeout
        self.api_version = ""
        self.engine = "docker"
        self.engine_version = ""
        self._endpoint = discovery.endpoint
        self._negotiate(api_version)

    @property
    def host(self) -> str:
        """The engine's address, as a URL."""
        return str(self._endpoint)

    @property
    def default_image(self) -> str:
        """The image that ``"default"`` stands for."""
        return "host" if self.engine == "embedded" else str(self.image)

    def api_at_least(self, version: str) -> bool:
        """Whether requests are made with this version of the API or a newer one."""
        return _version_key(self.api_version) >= _version_key(version)

    def __repr__(self) -> str:
        kind = f"{self.engine} {self.engine_version}, API {self.api_version}"
        return f"<{type(self).__name__} {self.host} ({kind})>"

    # -- containers ---------------------------------------------------------------------

    def containers(self, all: bool = True) -> list[Container]:  # noqa: A002 - the API's word
        """List containers, newest first.

        Args:
            all: stopped ones too.
        """
        rows = self.call("GET", "/containers/json", {"all": int(all)}).json()
        if not isinstance(rows, list) or not _have_ids(rows):
            raise ProtocolError(f"{self.host} answers with no list of containers")
        return [
            Container(
                id=row["Id"],
                name=_own_name(row.get("Names") or []) or row["Id"][:12],
                image=row.get("Image", ""),
                command=row.get("Command", ""),
                state=row.get("State", ""),
                status=row.get("Status", ""),
                created=int(row.get("Created") or 0),
            )
            for row in rows
        ]

    def create(
        self,
        image: str,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        tty: bool = False,
        stdin: bool = False,
        stdin_once: bool = False,
        env: Mapping[str, str] | Sequence[str] | None = None,
        auto_remove: bool = False,
        working_dir: str | None = None,
        labels: Mapping[str, str] | None = None,
        network: str | None = None,
    ) -> str:
        """Create a container.

        Args:
            image: ``"default"`` stands for :attr:`default_image`.
            command: a list goes as it is, a string through :func:`shlex.split`; ``None`` is the
                image's own.
            name: ``None`` lets the engine choose.
            tty: with a pseudo-terminal, so its stream is raw and all of it is stdout.
            stdin: open (``OpenStdin``).
            stdin_once: end the container's input when the first client that had it goes
                (``StdinOnce``).
            env: a mapping, or ``NAME=value`` lines.
            auto_remove: remove it when it exits.
            working_dir: ``None`` is the image's own.
            labels: names and values.
            network: the network mode, such as ``"none"``.

        Returns:
            The container's id.

        Raises:
            Conflict: where the name is taken.
            NotFound: where there is no such image.
        """
        argv = shlex.split(command) if isinstance(command, str) else list(command or [])
        body: dict[str, Any] = {
            "Image": self.default_image if image == "default" else image,
            "Cmd": argv or None,
            "Tty": tty,
            "OpenStdin": stdin,
            "StdinOnce": stdin_once,
            "AttachStdin": stdin,
            "AttachStdout": True,
            "AttachStderr": True,
            "HostConfig": {
                "AutoRemove": auto_remove,
                **({"NetworkMode": network} if network else {}),
            },
        }
        if env:
            lines = (
                [f"{key}={value}" for key, value in env.items()]
                if isinstance(env, Mapping)
                else env
            )
            body["Env"] = list(lines)
        if working_dir:
            body["WorkingDir"] = working_dir
        if labels:
            body["Labels"] = dict(labels)
        params = {"name": name} if name else {}
        reply = self.call("POST", "/containers/create", params, body=body)
        return str(self._details(reply)["Id"])

    def inspect(self, c: str) -> dict[str, Any]:
        """Everything the engine says of a container.

        Raises:
            NotFound: with the nearest names.
        """
        try:
            return self._details(self.call("GET", f"/containers/{_name(c)}/json"))
        except NotFound as error:
            error.hint = self._near_names(c)
            raise

    def start(self, c: str) -> None:
        """Start it; nothing happens where it runs."""
        self._command(c, "start")

    def stop(self, c: str, *, grace: float = 10.0) -> None:
        """Ask it to end (SIGTERM or its own stop signal), and after ``grace`` seconds kill it."""
        self._command(c, "stop", {"t": int(grace)}, timeout=grace + self.timeout)

    def kill(self, c: str, signal: str | int = "KILL") -> None:
        """Send a signal, by name with or without ``SIG``, or by number."""
        self._command(c, "kill", {"signal": signal})

    def wait(self, c: str, timeout: float | None = None) -> int:
        """Wait for the container to stop.

        Args:
            c: name or id.
            timeout: seconds; ``None`` waits as long as it takes.

        Returns:
            Its exit code.

        Raises:
            TimeoutError: where it did not stop in time.
        """
        path = f"/containers/{_name(c)}/wait"
        try:
            return int(self.call("POST", path, timeout=timeout, wait=True).json()["StatusCode"])
        except ConnectionFailed as error:
            if isinstance(error.__cause__, TimeoutError):
                raise TimeoutError(f"container {c} did not stop within {timeout} s") from error
            raise

    def resize(self, c: str, height: int, width: int) -> None:
        """Set the size of its terminal, in character cells."""
        self._command(c, "resize", {"h": height, "w": width})

    def pause(self, c: str) -> None:
        """Freeze its processes."""
        self._command(c, "pause")

    def unpause(self, c: str) -> None:
        """Let its processes go on."""
        self._command(c, "unpause")

    def remove(self, c: str, force: bool = False) -> None:
        """Remove it; with ``force`` kill it first."""
        try:
            # Podman asks the process to end first and kills it after ten seconds.
            self.call(
                "DELETE",
                f"/containers/{_name(c)}",
                {"force": int(force), "v": 1},
                timeout=self.timeout + (_KILL_GRACE if force else 0),
            )
        except NotFound as error:
            error.hint = self._near_names(c)
            raise

    def _details(self, reply: Reply) -> dict[str, Any]:
        details = reply.json()
        if not isinstance(details, dict) or "Id" not in details:
            raise ProtocolError(f"{self.host} answers with no container")
        return details

    def _command(
        self,
        c: str,
        verb: str,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> None:
        try:
            self.call("POST", f"/containers/{_name(c)}/{verb}", params, timeout=timeout)
        except NotFound as error:
            error.hint = error.hint or self._near_names(c)
            raise

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
        """Make one call and read its whole answer.

        Args:
            method: ``"GET"``, …
            path: without the version, starting with a slash.
            params: the query.
            body: sent as JSON where it is not ``None``.
            timeout: seconds for all of it; ``None`` is the client's timeout, except with
                ``wait``, where it is no limit.
            wait: the answer may take as long as a container lives.

        Raises:
            ConnectionFailed: no connection, or no complete answer in time.
            ApiError: status 400 and above, and redirects.
            ProtocolError: not HTTP, or larger than 32 MiB.
        """
        seconds = timeout if timeout is not None or wait else self.timeout
        deadline = Deadline(seconds)
        request = self._prepare(method, path, params, body)
        adapter = EndpointAdapter(self._endpoint, deadline)
        session = _session()
        session.mount("http://", adapter)
        try:
            with session.send(
                request, stream=True, allow_redirects=False, timeout=seconds
            ) as answer:
                content = bytearray()
                for piece in answer.iter_content(64 * 1024):
                    content += piece
                    if len(content) > _MAX_BODY:
                        raise ProtocolError(
                            f"the answer to {path} is larger than {_MAX_BODY} bytes"
                        )
                status, headers = answer.status_code, answer.headers
        except (requests.RequestException, OSError) as error:
            raise _explain(self.host, error, deadline) from _root(error)
        finally:
            session.close()
        # 304 says that a container runs, or is stopped, already: what was asked for.
        if status >= 400 or (300 <= status < 400 and status != 304):
            raise api_error(status, bytes(content))
        return Reply(status, headers, bytes(content))

    def open(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        deadline: Deadline | None = None,
    ) -> tuple[socket.socket, Exchange]:
        """Dial a connection for a request whose answer is a stream.

        Returns:
            A connected socket on which nothing was sent yet, and the exchange that knows what
            to send. Both are the caller's.

        Raises:
            ConnectionFailed: where the engine is not there.
        """
        request = self._prepare(method, path, params, body, headers)
        fields = {"Host": self._endpoint.authority, **request.headers}
        content = request.body or b""
        exchange = Exchange(
            str(request.method),
            request.path_url,
            fields,
            content.encode() if isinstance(content, str) else bytes(content),
        )
        connection = dial(self._endpoint, deadline or Deadline(self.timeout))
        connection.deadline = None
        return connection, exchange

    def _prepare(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.PreparedRequest:
        """One way to build a request, for calls and streams."""
        version = f"/v{self.api_version}" if self.api_version else ""
        query = "?" + urlencode(params, quote_via=quote) if params else ""
        url = f"http://{self._endpoint.authority}{self._endpoint.base_path}{version}{path}{query}"
        request = requests.Request(method, url, json=body, headers=dict(headers or {}))
        prepared = _session().prepare_request(request)
        # One connection a call: see _Pool. Streams name their own.
        prepared.headers.setdefault("Connection", "close")
        return prepared

    # -- which engine is it -------------------------------------------------------------

    def _negotiate(self, wanted: str | None) -> None:
        if self._endpoint.scheme == "local":
            engine = embedded_engine(Deadline(self.timeout))
            self._endpoint = Endpoint("local", path=engine.socket_path)
        try:
            ping = self.call("GET", "/_ping")
            headers: Mapping[str, str] = ping.headers
        except ApiError:
            headers = {}  # Hyper's API has no _ping
        theirs = headers.get("Api-Version", "")
        version = self._version_details()
        theirs = theirs or str(version.get("ApiVersion") or HYPER_API_VERSION)
        if not _API_VERSION.fullmatch(theirs):
            raise ProtocolError(f"{self.host} names no API version")
        names = " ".join(str(part.get("Name", "")) for part in version.get("Components") or [])
        if "Libpod-API-Version" in headers or "podman" in names.lower():
            self.engine = "podman"
        elif self._endpoint.scheme == "local" or "hyper_jupyter" in names:
            self.engine = "embedded"
        self.engine_version = str(version.get("Version") or "")
        if wanted and not _API_VERSION.fullmatch(wanted):
            raise ProtocolError(f"{wanted!r} is not an API version", hint="Use one such as 1.41.")
        self.api_version = wanted or min(theirs, MAX_API_VERSION, key=_version_key)

    def _version_details(self) -> dict[str, Any]:
        try:
            details = self.call("GET", "/version").json()
        except ApiError:
            return {}
        return details if isinstance(details, dict) else {}

    def _near_names(self, c: str) -> str:
        """A hint for a name that does not exist."""
        try:
            names = [container.name for container in self.containers()]
        except (ApiError, ConnectionFailed, ProtocolError):
            return ""
        near = difflib.get_close_matches(c, names, n=3, cutoff=0.5) or [
            name for name in names if c and c.lower() in name.lower()
        ]
        if near:
            return f"Did you mean {_either(near[:3])}?"
        if names:
            more = ", …" if len(names) > 5 else ""
            return f"There are: {', '.join(names[:5])}{more}."
        return "This engine has no containers; %hyper create or %hyper run makes one."


def api_error(status: int, body: bytes) -> ApiError:
    """The error that an answer stands for.

    Args:
        status: 300 and above.
        body: JSON with a ``message`` (API 1.24 and newer), or plain text.
    """
    text = body[: 64 * 1024].decode("utf-8", "replace")
    try:
        details = json.loads(text)
    except ValueError:
        details = None
    if isinstance(details, dict):
        text = str(details.get("message") or details.get("cause") or "")
    # An engine's text ends up in a notebook: one line, and no escape sequences.
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MAX_MESSAGE]
    if 300 <= status < 400:
        return ApiError(status, text or f"the engine redirects (status {status}); not followed")
    if status == 404 or (status == 500 and "no such container" in text.lower()):
        return NotFound(status, text)  # Podman says 500 while one is being removed
    if status == 409 or (status == 500 and _PODMAN_CONFLICT.search(text)):
        return Conflict(status, text)
    return ApiError(status, text)


def _session() -> requests.Session:
    session = requests.Session()
    # .netrc, proxies and CA bundles of the environment are not for a socket on this machine.
    session.trust_env = False
    session.headers = requests.structures.CaseInsensitiveDict(
        {"User-Agent": "hyper_jupyter", "Accept": "*/*"}
    )
    return session


def _root(error: BaseException) -> BaseException:
    """The error at the socket, below the wrappers of requests and urllib3."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, OSError) and not isinstance(current, requests.RequestException):
            return current
        seen.add(id(current))
        inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner or current.__cause__ or current.__context__
    return error


def _explain(
    host: str, error: BaseException, deadline: Deadline
) -> ConnectionFailed | ProtocolError:
    root = _root(error)
    if isinstance(root, TimeoutError) or (deadline.remaining() == 0 and isinstance(root, OSError)):
        failure = ConnectionFailed(f"no answer from {host} within {deadline.seconds} s")
        failure.hint = "Check that the engine is up, or give connect() a longer timeout."
        return failure
    if isinstance(
        error, requests.exceptions.InvalidHeader | requests.exceptions.ContentDecodingError
    ):
        return ProtocolError(f"not a valid HTTP answer from {host}")
    detail = (
        getattr(root, "strerror", None) or "the connection ended before the answer was complete"
    )
    return ConnectionFailed(f"the call to {host} failed: {detail}")


def _have_ids(rows: Sequence[Any]) -> bool:
    return all(isinstance(row, dict) and "Id" in row for row in rows)


def _name(c: str) -> str:
    if not c:
        raise NotFound(404, "no container was named")
    return quote(c, safe="")


def _own_name(names: Sequence[str]) -> str:
    """Of a container's names, its own: links of other containers have two slashes."""
    own = [name.lstrip("/") for name in names if name.count("/") <= 1]
    return own[0] if own else ""


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
