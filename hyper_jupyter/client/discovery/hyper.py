"""Keys of a Hyper endpoint: from the caller, from the hyper command's configuration, from the
environment.

Layer: client. Any thread; reads one file, writes none.

The order and the rules are hypercli's own (its documentation has them the other way round): the
``clouds`` of ``config.json`` win over the environment. What is ours: keys of the environment are
for Hyper endpoints only, so that a variable of that name never makes us sign what goes to some
other engine; and a region that is named wins over all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from hyper_jupyter.client.discovery.files import read_document
from hyper_jupyter.client.secret import Secret, hide
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.tls import Tls
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import DEFAULT_REGION

__all__ = [
    "ANY_REGION",
    "DEFAULT_ADDRESS",
    "Credentials",
    "add_default_tls",
    "find_credentials",
    "hyper_address",
]

ANY_REGION: Final = "tcp://*.hyper.sh:443"
"""How the hyper command's configuration spells its own service."""

DEFAULT_ADDRESS: Final = (f"tcp://{DEFAULT_REGION}.hyper.sh:443", "only keys were given")
"""As :func:`hyper_address` returns it, where nothing is configured."""

_CALL: Final = "the call"
_DOMAIN: Final = ".hyper.sh"
_PORT: Final = 443
_ACCESS_KEY: Final = re.compile(r"[!-+\--.0-~]+")  # what a header takes, but for "," and "/"
_REGION: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

_NAME_KEYS: Final = (
    "Give connect() access_key= and secret_key=, put both below clouds in ~/.hyper/config.json, "
    "or set HYPER_ACCESS and HYPER_SECRET."
)


class Credentials:
    """A key pair, and the region that it signs for.

    Attributes:
        access_key: its public half.
        secret_key: its other half; not shown by ``repr``.
        region: such as ``"us-west-1"``.
        source: where the keys came from, one phrase.
    """

    __slots__ = ("access_key", "region", "secret_key", "source")

    def __init__(self, access_key: str, secret_key: str, region: str, source: str) -> None:
        """Raises:
        ConnectionFailed: where these cannot be the keys or the region of anything.
        """
        secret_key = Secret(secret_key)
        if not _ACCESS_KEY.fullmatch(access_key) or not _is_text(secret_key):
            raise ConnectionFailed(f"the keys from {source} have characters that keys do not have")
        if not _REGION.fullmatch(region):
            raise ConnectionFailed(
                f"{region[:70]!r} is not the name of a region", hint="Use one such as us-west-1."
            )
        self.access_key = Secret(access_key)
        self.secret_key = secret_key
        self.region = region
        self.source = source

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for region {self.region}, from {self.source}>"

    def __reduce__(self) -> Any:
        raise TypeError("credentials are not pickled or copied: they would be readable")


def find_credentials(
    endpoint: Endpoint,
    *,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Credentials | None:
    """The keys to sign with at an endpoint; ``None`` where its requests are not signed.

    The caller's; else those of ``clouds`` in ``config.json`` of ``$HYPER_CONFIG`` or
    ``~/.hyper``: below ``tcp://*.hyper.sh:443`` for ``REGION.hyper.sh``, then below the
    endpoint's own address; else ``HYPER_ACCESS`` and ``HYPER_SECRET``, for ``REGION.hyper.sh``,
    for the address that ``HYPER_DEFAULT_REGION`` is, and where ``region`` is given.

    The region is the caller's; else that of ``REGION.hyper.sh``; else what is written next to the
    keys; else ``us-west-1``.

    Args:
        endpoint: where requests go.
        access_key: the caller's.
        secret_key: the caller's.
        region: the caller's.
        environ: instead of the process's environment.

    Raises:
        ConnectionFailed: half a pair; keys for ``local:``; a Hyper endpoint without keys.
    """
    access_key, secret_key = hide(access_key), hide(secret_key)
    if bool(access_key) != bool(secret_key):
        missing = "secret_key" if access_key else "access_key"
        raise ConnectionFailed(f"a key pair has two halves: {missing} is missing")
    if endpoint.scheme == "local":
        if access_key:
            raise ConnectionFailed("local: takes no keys: only this kernel can reach it")
        return None
    address = _address(str(endpoint))
    own_region = _region_of(address)
    if access_key and secret_key:
        found = _Found(access_key, secret_key)
        source = _CALL
    else:
        found = _configured(environ, address)
        source = "the hyper command's configuration"
        named = _address(_variable(environ, "HYPER_DEFAULT_REGION"))
        if not found.complete and (own_region or region or (address and named == address)):
            fault = f" ({found.fault})" if found.fault else ""
            found = _from_environment(environ)
            source = "HYPER_ACCESS and HYPER_SECRET"
            if not found.complete:
                raise ConnectionFailed(f"no keys for {endpoint}{fault}", hint=_NAME_KEYS)
        if not found.complete:
            return None
    chosen = region or own_region or found.region or DEFAULT_REGION
    return Credentials(found.access_key, found.secret_key, chosen, source)


def add_default_tls(
    endpoint: Endpoint, credentials: Credentials | None, *, verify: bool
) -> Endpoint:
    """The endpoint with TLS where ``tcp://`` means that, as it does for the hyper command.

    It does for whatever has its keys from where the hyper command has them.
    """
    configured = credentials is not None and credentials.source != _CALL
    if endpoint.scheme == "tcp" and endpoint.tls is None and configured:
        return replace(endpoint, tls=Tls(verify=verify))
    return endpoint


def hyper_address(
    region: str | None = None, environ: Mapping[str, str] | None = None
) -> tuple[str, str] | None:
    """The endpoint of the user's own hyper command.

    Args:
        region: the name of one, as its ``--region``.
        environ: instead of the process's environment.

    Returns:
        The address and where it came from, one phrase; ``None`` where nothing is configured. As
        with the command, ``HYPER_DEFAULT_REGION`` counts only where it is an address: with the
        name of a region it is passed over for the region next to the keys.
    """
    if region:
        return f"tcp://{region}{_DOMAIN}:{_PORT}", "the region is named"
    named = _variable(environ, "HYPER_DEFAULT_REGION")
    if "://" in named:
        return named, "HYPER_DEFAULT_REGION is set"
    found, why = _configured(environ, ""), "the hyper command's configuration has keys"
    if not found.complete:
        why = "HYPER_ACCESS and HYPER_SECRET are set"
        if not _from_environment(environ).complete:
            return None
    name = found.region if _REGION.fullmatch(found.region) else DEFAULT_REGION
    return f"tcp://{name}{_DOMAIN}:{_PORT}", why


class _Found(NamedTuple):
    """Keys as they were written somewhere; empty where they were not."""

    access_key: str = ""
    secret_key: str = ""
    region: str = ""
    fault: str = ""

    @property
    def complete(self) -> bool:
        """Whether both halves are there."""
        return bool(self.access_key and self.secret_key)


def _from_environment(environ: Mapping[str, str] | None) -> _Found:
    return _Found(
        Secret(_variable(environ, "HYPER_ACCESS")), Secret(_variable(environ, "HYPER_SECRET"))
    )


def _configured(environ: Mapping[str, str] | None, address: str) -> _Found:
    """What the configuration has for an address; without one, for ``*.hyper.sh``.

    A file that cannot be read counts as empty, as for the hyper command, which only warns; why it
    could not be read is told, for the case that nothing else has keys.
    """
    home = _variable(environ, "HOME") or str(Path.home())
    folder = _variable(environ, "HYPER_CONFIG")
    path = Path(folder) if folder else Path(home, ".hyper")
    fault, config = "", None
    try:
        config = read_document(path / "config.json")
    except FileNotFoundError:
        pass
    except OSError as error:
        fault = f"{path / 'config.json'}: {error.strerror}"
    except (ValueError, RecursionError):
        # Not the error's own words, which may quote the file.
        fault = f"{path / 'config.json'} is not JSON"
    clouds = config.get("clouds") if isinstance(config, dict) else None
    if not isinstance(clouds, dict):
        return _Found(fault=fault)
    keys = [ANY_REGION] if not address or _region_of(address) else []
    keys += [key for key in clouds if address and _address(key) == address]
    entry: dict[str, Any] = next(
        (clouds[key] for key in keys if isinstance(clouds.get(key), dict)), {}
    )
    access_key, secret_key, region = (
        Secret(value) if isinstance(value := entry.get(name), str) else ""
        for name in ("accesskey", "secretkey", "region")
    )
    return _Found(access_key, secret_key, str(region))


def _variable(environ: Mapping[str, str] | None, name: str) -> str:
    # The mapping as a whole stays out of other functions' variables, which tracebacks may show.
    return (os.environ if environ is None else environ).get(name, "").strip()


def _address(url: str) -> str:
    """An address in one form, whatever its scheme; empty where it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme == "unix":
        return f"unix://{parts.netloc}{parts.path}"
    if parts.scheme not in ("tcp", "http", "https") or not host or "*" in host:
        return ""
    return f"tcp://{host}:{port or _PORT}"


def _region_of(address: str) -> str:
    """Of ``REGION.hyper.sh``, at Hyper's port; empty elsewhere."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    known = host.endswith(_DOMAIN) and port == str(_PORT)
    return host.removesuffix(_DOMAIN) if known else ""


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return bool(value)
