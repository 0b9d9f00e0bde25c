"""How a caller names an engine, and the engine that this means.

Layer: client. Any thread; no I/O except what discovery and the search for keys do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter.client.discovery.addressing import TlsChoice
from hyper_jupyter.client.discovery.hyper import (
    ANY_REGION,
    DEFAULT_ADDRESS,
    Credentials,
    add_default_tls,
    find_credentials,
    hyper_address,
)
from hyper_jupyter.client.discovery.search import Discovery, find_engine, resolve_address
from hyper_jupyter.client.secret import Environment, hide
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["DEFAULT_TIMEOUT", "ConnectOptions"]

DEFAULT_TIMEOUT: Final[float] = 10
"""Seconds for connecting and for each call, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """Which engine is meant, and how to reach it: the arguments of ``connect()``.

    ``connect()``, ``client_for()``, ``diagnose()`` and the magics all take these options. Only
    :meth:`find` interprets them.

    The keys are hidden (:func:`hide`), so the ``repr`` does not show them. A caller that holds
    them in variables of its own hides those too, because tracebacks may show variables.

    Attributes:
        timeout: ``None`` is :data:`DEFAULT_TIMEOUT`, and for ``diagnose()`` the timeout of the
            client that it examines. The docstring of ``connect()`` describes the other ones.
    """

    host: str | None = None
    context: str | None = None
    tls: TlsChoice = None
    verify: bool = True
    access_key: str | None = None
    secret_key: str | None = None
    region: str | None = None
    api_version: str | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "access_key", hide(self.access_key))
        object.__setattr__(self, "secret_key", hide(self.secret_key))

    @property
    def names_an_engine(self) -> bool:
        """Whether the caller named an engine by its address or by a context."""
        return self.host is not None or self.context is not None

    def find(self, configured: str) -> tuple[Discovery, Credentials | None]:
        """Find the engine, and the keys that its requests are signed with.

        Args:
            configured: the address in IPython's configuration; empty for none.

        Raises:
            ConnectionFailed: no engine is found, or the options contradict each other.
        """
        host, context, tls, verify = self.host, self.context, self.tls, self.verify
        if host is not None and context is not None:
            raise ConnectionFailed("host and context are two names of an engine", hint="Give one.")
        region = self.region
        if not self.names_an_engine and region and "://" in region:
            host, region = region, None  # as with the hyper command, an address is accepted
        keys_only = (self.access_key or self.secret_key) and not _is_chosen(configured)
        if host == ANY_REGION or (host is None and context is None and (region or keys_only)):
            address, why = hyper_address(region) or DEFAULT_ADDRESS
            discovery = replace(resolve_address(address, tls=tls, verify=verify), why=why)
        elif host is not None:
            discovery = resolve_address(host, tls=tls, verify=verify)
        else:
            discovery = find_engine(
                context=context,
                configured=configured,
                hyper=hyper_address(),
                tls=tls,
                verify=verify,
            )
        credentials = find_credentials(
            discovery.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            region=region,
        )
        if tls is None and not (host or "").startswith("http:"):
            endpoint = add_default_tls(discovery.endpoint, credentials, verify=verify)
            discovery = replace(discovery, endpoint=endpoint)
        return discovery, credentials


def _is_chosen(configured: str) -> bool:
    """Whether an address of our own was chosen: keys alone do not override that."""
    return bool(Environment().get("HYPER_JUPYTER_HOST", "").strip() or configured.strip())
