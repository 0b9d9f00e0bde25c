"""The default client: functions that choose it, use it and examine it.

Layer: api. Any thread; all functions except ``current_client`` block it.
"""

from __future__ import annotations

import functools

from hyper_jupyter.api.client import Client, Tail
from hyper_jupyter.api.configuration import configured_host
from hyper_jupyter.api.session import Session
from hyper_jupyter.client import (
    DEFAULT_TIMEOUT,
    ConnectOptions,
    Finding,
    TlsChoice,
    examine,
    hide,
    renamed_parameter,
)
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.settings.current import application
from hyper_jupyter.widgets import kernel_findings

__all__ = [
    "attach",
    "client_for",
    "connect",
    "connect_with",
    "current_client",
    "default_client",
    "diagnose",
    "diagnose_with",
]

_default: Client | None = None


def connect(
    host: str | None = None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    api_version: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Client:
    """Choose an engine: :func:`attach` and the magics use it from now on.

    Args:
        host: ``local:`` (the embedded engine: it runs commands of this machine, and is no
            sandbox), ``unix:///path``, ``tcp://host:port``, ``https://host:port``,
            ``ssh://user@host``. ``None`` searches for an engine: ``HYPER_JUPYTER_HOST``,
            ``c.Client.default_host``, ``DOCKER_HOST``, ``DOCKER_CONTEXT`` or docker's current
            context, ``CONTAINER_CONNECTION``, ``CONTAINER_HOST`` or Podman's default connection,
            then well-known sockets. It never takes ``local:`` by itself.
        context: the name of a docker context, instead of ``host``.
        tls: a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, or a mapping of ``ca``,
            ``cert`` and ``key`` to files. ``True`` trusts the system's CAs, ``False`` is no TLS.
            ``None`` decides as the docker command does (``DOCKER_TLS_VERIFY``,
            ``DOCKER_CERT_PATH``).
        verify: ``False`` trusts any server, with a warning.
        access_key: of a Hyper endpoint, whose requests are signed. ``None`` looks for the keys
            where the hyper command does.
        secret_key: belongs to ``access_key``.
        region: the region to sign for, such as ``"us-west-1"``. Without ``host`` it also names the
            endpoint.
        api_version: such as ``"1.41"``. ``None`` takes ``DOCKER_API_VERSION``, or for Hyper
            ``HYPER_API_VERSION``, and otherwise negotiates.
        timeout: seconds for connecting and for each call.

    Raises:
        ConnectionFailed: no engine answers; the text lists what was tried.
        ApiError: the engine rejects our signature, or requires one and there are no keys.
    """
    access_key, secret_key = hide(access_key), hide(secret_key)  # tracebacks may show variables
    return connect_with(
        ConnectOptions(
            host, context, tls, verify, access_key, secret_key, region, api_version, timeout
        )
    )


def connect_with(options: ConnectOptions) -> Client:
    """Choose an engine as :func:`connect` does, with the arguments as one value."""
    global _default
    _default = _make_client(options)
    return _default


def client_for(
    host: str | None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    api_version: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Client:
    """Connect to an engine without making it the default client.

    The arguments and the errors are those of :func:`connect`; see also :class:`ConnectOptions`.
    """
    access_key, secret_key = hide(access_key), hide(secret_key)
    return _make_client(
        ConnectOptions(
            host, context, tls, verify, access_key, secret_key, region, api_version, timeout
        )
    )


def _make_client(options: ConnectOptions) -> Client:
    """Make the client. An error says where the engine's address came from."""
    discovery, credentials = options.find(configured_host())
    try:
        return Client(
            discovery,
            api_version=options.api_version,
            timeout=DEFAULT_TIMEOUT if options.timeout is None else options.timeout,
            credentials=credentials,
            parent=application(),
        )
    except ConnectionFailed as error:
        if options.host is None:
            error.args = (f"{error} ({discovery.why})",)
        if credentials and discovery.endpoint.scheme == "tcp" and not discovery.endpoint.tls:
            error.hint = error.hint or "This was without TLS; an https:// address is with it."
        raise


def current_client() -> Client | None:
    """Return the client of the last :func:`connect`; ``None`` before the first."""
    return _default


def default_client() -> Client:
    """Return the client of the last :func:`connect`; connect to an engine before the first.

    Raises:
        ConnectionFailed: there is no such client, and no engine is found.
    """
    try:
        return _default or connect()
    except ConnectionFailed as error:
        error.hint = error.hint or "Choose an engine with connect(HOST)."
        raise


@renamed_parameter("c", "container")
def attach(
    container: str,
    *,
    client: Client | None = None,
    stdin: bool = True,
    stdout: bool = True,
    stderr: bool = True,
    logs: bool = False,
    stream: bool = True,
    detach_keys: str | None = None,
    ws: bool = False,
    tail: Tail | None = None,
    frames: bool = False,
    record_input: bool = False,
    resume: bool = True,
    follow_restarts: bool = False,
    follow_name: bool = False,
) -> Session:
    """Attach to a container of the default client's engine, or of another client's.

    Args:
        container: its name or id.
        client: ``None`` is the client of the last :func:`connect`, or connects.
        stdin: type into it. This and all other options are those of :meth:`Client.attach`.
        stdout: receive its stdout.
        stderr: receive its stderr.
        logs: receive what it printed before.
        stream: receive what it prints from now on.
        detach_keys: such as ``"ctrl-p,ctrl-q"``; ``None`` takes the user's configuration, else a
            rare sequence of our own.
        ws: attach by WebSocket, for where a proxy blocks the upgrade. Docker and Hyper only.
        tail: how many lines that it printed before to show above the live output, or ``"all"``.
        frames: keep the newest frames of the stream, to look at the protocol.
        record_input: keep what is sent, for ``save(input=True)``.
        resume: attach again by itself if the connection is cut while the container runs on.
        follow_restarts: attach again when it is started again.
        follow_name: also go on with another container that takes its name.

    Raises:
        ConnectionFailed: no engine is found, or it did not answer in time.
        NotFound: there is no such container; the hint has similar names.
        Conflict: it is paused, or has ended.
        InvalidDetachKeys: the key sequence is malformed or empty.
    """
    return (client or default_client()).attach(
        container,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        logs=logs,
        stream=stream,
        detach_keys=detach_keys,
        ws=ws,
        tail=tail,
        frames=frames,
        record_input=record_input,
        resume=resume,
        follow_restarts=follow_restarts,
        follow_name=follow_name,
    )


def diagnose(
    host: str | None = None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    region: str | None = None,
    timeout: float | None = None,
) -> list[Finding]:
    """Examine the way to the engine and the kernel, step by step, as ``%hyper_doctor`` does.

    The arguments are those of :func:`connect`; see also :class:`ConnectOptions`. Without ``host``
    and ``context`` the default client is examined, if there is one.

    Args:
        host: as for :func:`connect`.
        context: as for :func:`connect`.
        tls: as for :func:`connect`.
        verify: as for :func:`connect`.
        region: as for :func:`connect`.
        timeout: seconds for each call. ``None`` is the default client's timeout where that client
            is examined, and otherwise 10.
    """
    return diagnose_with(ConnectOptions(host, context, tls, verify, region=region, timeout=timeout))


def diagnose_with(options: ConnectOptions) -> list[Finding]:
    """Examine an engine as :func:`diagnose` does, with the arguments as one value."""
    version, timeout = options.api_version, options.timeout
    try:
        if not options.names_an_engine and _default is not None:
            discovery, credentials = _default.discovery, _default.credentials
            version = _default.wanted_version
            timeout = _default.timeout if timeout is None else timeout
        else:
            discovery, credentials = options.find(configured_host())
        make = functools.partial(
            Client, credentials=credentials, api_version=version, parent=application()
        )
        findings = examine(discovery, make, timeout=DEFAULT_TIMEOUT if timeout is None else timeout)
    except HyperJupyterError as error:
        findings = [Finding(False, str(error), error.hint)]
    return [*findings, *kernel_findings()]
