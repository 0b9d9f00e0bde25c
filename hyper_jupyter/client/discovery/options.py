"""What somebody said of the engine that is meant, and the engine that this is.

Layer: client. Any thread; no I/O but that of discovery and credentials.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from hyper_jupyter.client.secret import Environment
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["EngineChoice"]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The arguments of ``connect()`` that say which engine is meant; see there.

    The keys have to be hidden already (:func:`hide`): tracebacks may show the caller's variables.
    """

    host: str | None = None
    context: str | None = None
    tls: TlsChoice = None
    verify: bool = True
    access_key: str | None = None
    secret_key: str | None = None
    region: str | None = None

    def find(self, configured: str) -> tuple[Discovery, Credentials | None]:
        """Which engine is meant, and what its requests are signed with.

        Args:
            configured: the address that IPython's configuration has; empty for none.

        Raises:
            ConnectionFailed: no engine is found, or what was said does not fit together.
        """
        host, context, tls, verify = self.host, self.context, self.tls, self.verify
        if host is not None and context is not None:
            raise ConnectionFailed("host and context are two names of an engine", hint="Give one.")
        region = self.region
        if host is None and context is None and region and "://" in region:
            host, region = region, None  # as with the hyper command, an address will do
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
    """Whether an address of our own was chosen, which keys alone do not override."""
    return bool(Environment().get("HYPER_JUPYTER_HOST", "").strip() or configured.strip())
