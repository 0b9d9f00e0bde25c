"""The default client: who chooses it, who uses it, and what the doctor finds of it.

Layer: api. Any thread; all but ``current_client`` block it.
"""

from __future__ import annotations

import functools
from typing import Any

from hyper_jupyter.api.client import Client
from hyper_jupyter.api.configuration import application, configured_host
from hyper_jupyter.api.session import Session
from hyper_jupyter.client import EngineChoice, Finding, TlsChoice, examine, hide
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.widgets import kernel_findings

__all__ = [
    "attach",
    "client_for",
    "connect",
    "current_client",
    "default_client",
    "diagnose",
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
    timeout: float = 10,
) -> Client:
    """Choose an engine; it is the default of :func:`attach` and the magics from now on.

    Args:
        host: ``local:`` (the embedded engine: it runs commands of this machine, and is no
            sandbox), ``unix:///path``, ``tcp://host:port``, ``https://host:port``,
            ``ssh://user@host``; ``None`` finds one: ``HYPER_JUPYTER_HOST``,
            ``c.Client.default_host``, ``DOCKER_HOST``, ``DOCKER_CONTEXT`` or docker's current
            context, ``CONTAINER_CONNECTION``, ``CONTAINER_HOST`` or Podman's default connection,
            then well-known sockets. Never falls back to ``local:`` by itself.
        context: the name of a docker context, instead of ``host``.
        tls: a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, or a mapping of ``ca``,
            ``cert`` and ``key`` to files; ``True`` trusts the system's CAs, ``False`` is no TLS;
            ``None`` is as for the docker command (``DOCKER_TLS_VERIFY``, ``DOCKER_CERT_PATH``).
        verify: ``False`` trusts whoever answers, with a warning.
        access_key: of a Hyper endpoint, whose requests are signed; ``None`` looks for the keys
            where the hyper command does.
        secret_key: that belongs to it.
        region: that is signed for, such as ``"us-west-1"``; without ``host`` it names the endpoint
            too.
        api_version: such as ``"1.41"``; ``None`` takes ``DOCKER_API_VERSION``, or for Hyper
            ``HYPER_API_VERSION``, and else negotiates.
        timeout: seconds for connecting and for each call.

    Raises:
        ConnectionFailed: no engine there; the text lists what was tried.
        ApiError: it refuses our signature, or wants one and there are no keys.
    """
    global _default
    access_key, secret_key = hide(access_key), hide(secret_key)  # tracebacks may show variables
    choice = EngineChoice(host, context, tls, verify, access_key, secret_key, region)
    _default = _make(choice, api_version, timeout)
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
    timeout: float = 10,
) -> Client:
    """As :func:`connect`, but the default client stays what it is."""
    access_key, secret_key = hide(access_key), hide(secret_key)
    choice = EngineChoice(host, context, tls, verify, access_key, secret_key, region)
    return _make(choice, api_version, timeout)


def _make(choice: EngineChoice, api_version: str | None, timeout: float) -> Client:
    """The client of a choice; an error says where its address came from."""
    discovery, credentials = choice.find(configured_host())
    try:
        return Client(
            discovery,
            api_version=api_version,
            timeout=timeout,
            credentials=credentials,
            parent=application(),
        )
    except ConnectionFailed as error:
        if choice.host is None:
            error.args = (f"{error} ({discovery.why})",)
        if credentials and discovery.endpoint.scheme == "tcp" and not discovery.endpoint.tls:
            error.hint = error.hint or "This was without TLS; an https:// address is with it."
        raise


def current_client() -> Client | None:
    """The client of the last :func:`connect`, where there was one."""
    return _default


def default_client() -> Client:
    """The client of the last :func:`connect`.

    Raises:
        ConnectionFailed: there was none, and none is found.
    """
    try:
        return _default or connect()
    except ConnectionFailed as error:
        error.hint = error.hint or "Choose an engine with connect(HOST)."
        raise


def attach(c: str, *, client: Client | None = None, **options: Any) -> Session:
    """Attach with the default client, or another one; options as for :meth:`Client.attach`."""
    return (client or default_client()).attach(c, **options)


def diagnose(
    host: str | None = None,
    *,
    context: str | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
    region: str | None = None,
    timeout: float | None = None,
) -> list[Finding]:
    """What ``%hyper_doctor`` prints: the way to the engine and the kernel, step by step.

    Args:
        host: as for :func:`connect`; ``None`` looks at the default client, where there is one.
        context: as for :func:`connect`.
        tls: as for :func:`connect`.
        verify: as for :func:`connect`.
        region: as for :func:`connect`.
        timeout: seconds for each call; ``None`` is the default client's where that is looked at,
            else 10.
    """
    version = None
    try:
        if host is None and context is None and _default is not None:
            discovery, credentials = _default.discovery, _default.credentials
            version = _default.wanted_version
            timeout = _default.timeout if timeout is None else timeout
        else:
            choice = EngineChoice(host, context, tls, verify, region=region)
            discovery, credentials = choice.find(configured_host())
        make = functools.partial(
            Client, credentials=credentials, api_version=version, parent=application()
        )
        findings = examine(discovery, make, timeout=10 if timeout is None else timeout)
    except HyperJupyterError as error:
        findings = [Finding(False, str(error), error.hint)]
    return [*findings, *kernel_findings()]
