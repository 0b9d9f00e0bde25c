"""Keys of a Hyper endpoint: from the caller, the hyper command's configuration or the environment.

Layer: client. Any thread; reads one file, writes none.

The order and the rules are hypercli's own (its documentation states the opposite order): the
``clouds`` of ``config.json`` win over the environment. Two rules are ours. Keys of the environment
are used for Hyper endpoints only, so that a variable of that name never makes us sign requests to
another engine. And a region that the caller names wins over all others.
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
"""The hyper command's configuration writes its own service this way."""

DEFAULT_ADDRESS: Final = (f"tcp://{DEFAULT_REGION}.hyper.sh:443", "only keys were given")
"""What to use where :func:`hyper_address` returns ``None``, in the same form."""

_CALL: Final = "the call"
_DOMAIN: Final = ".hyper.sh"
_PORT: Final = 443
_ACCESS_KEY: Final = re.compile(r"[!-+\--~]+")  # what a header can hold, except ","
_REGION: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

_NAME_KEYS: Final = (
    "Give connect() access_key= and secret_key=, put both below clouds in ~/.hyper/config.json, "
    "or set HYPER_ACCESS and HYPER_SECRET."
)


class Credentials:
    """A key pair, and the region that it signs for.

    Attributes:
        access_key: its public half.
        secret_key: its secret half. ``repr`` shows neither.
        region: such as ``"us-west-1"``.
        source: where the keys came from, in one phrase.
    """

    __slots__ = ("access_key", "region", "secret_key", "source")

    def __init__(self, access_key: str, secret_key: str, region: str, source: str) -> None:
        """Raises:
        ConnectionFailed: the keys or the region are invalid.
        """
        secret_key = Secret(secret_key)
        if not _ACCESS_KEY.fullmatch(access_key) or not _is_encodable(secret_key):
            raise ConnectionFailed(f"the keys from {source} contain characters that no key has")
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
        raise TypeError("credentials cannot be pickled or copied: the copy would be readable")


def find_credentials(
    endpoint: Endpoint,
    *,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Credentials | None:
    """Find the keys to sign with at an endpoint; ``None`` where requests are not signed.

    The first of these counts:

    1. The caller's keys.
    2. Those of ``clouds`` in ``config.json`` of ``$HYPER_CONFIG`` or ``~/.hyper``: below
       ``tcp://*.hyper.sh:443`` for ``REGION.hyper.sh``, then below the endpoint's own address.
    3. ``HYPER_ACCESS`` and ``HYPER_SECRET``: for ``REGION.hyper.sh``, for an address that
       ``HYPER_DEFAULT_REGION`` holds, and if ``region`` is given.

    The region is the caller's; else that of ``REGION.hyper.sh``; else the one next to the keys;
    else ``us-west-1``.

    Args:
        endpoint: where requests go.
        access_key: the caller's.
        secret_key: the caller's.
        region: the caller's.
        environ: replaces the process's environment.

    Raises:
        ConnectionFailed: half of the pair is missing, keys are given for ``local:``, or there are
            no keys for a Hyper endpoint.
    """
    access_key, secret_key = hide(access_key), hide(secret_key)
    if bool(access_key) != bool(secret_key):
        missing = "secret_key" if access_key else "access_key"
        raise ConnectionFailed(f"an access key goes with a secret key: {missing} is missing")
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
        found = _from_configuration(environ, address)
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
    """Add TLS to an endpoint where ``tcp://`` means TLS, as it does for the hyper command.

    That is the case where the keys come from where the hyper command reads them.
    """
    configured = credentials is not None and credentials.source != _CALL
    if endpoint.scheme == "tcp" and endpoint.tls is None and configured:
        return replace(endpoint, tls=Tls(verify=verify))
    return endpoint


def hyper_address(
    region: str | None = None, environ: Mapping[str, str] | None = None
) -> tuple[str, str] | None:
    """Find the endpoint of the user's own hyper command.

    Args:
        region: the name of a region, like the command's ``--region``.
        environ: replaces the process's environment.

    Returns:
        The address and where it came from, in one phrase; ``None`` if nothing is configured. As
        with the command, ``HYPER_DEFAULT_REGION`` counts only if it is an address: the name of a
        region there is ignored in favour of the region next to the keys.
    """
    if region:
        return f"tcp://{region}{_DOMAIN}:{_PORT}", "the region is named"
    named = _variable(environ, "HYPER_DEFAULT_REGION")
    if "://" in named:
        return named, "HYPER_DEFAULT_REGION is set"
    found, why = _from_configuration(environ, ""), "the hyper command's configuration has keys"
    if not found.complete:
        why = "HYPER_ACCESS and HYPER_SECRET are set"
        if not _from_environment(environ).complete:
            return None
    name = found.region if _REGION.fullmatch(found.region) else DEFAULT_REGION
    return f"tcp://{name}{_DOMAIN}:{_PORT}", why


class _Found(NamedTuple):
    """Keys as some place has them; empty where it has none."""

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


def _from_configuration(environ: Mapping[str, str] | None, address: str) -> _Found:
    """Read the configured keys for an address; without an address, those for ``*.hyper.sh``.

    A file that cannot be read counts as empty, as it does for the hyper command, which only warns.
    The result says why it could not be read, for the case that nothing else has keys.
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
        # Not the error's own text, which may quote the file.
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
    # Only this function has the whole mapping as a variable: tracebacks may show variables.
    return (os.environ if environ is None else environ).get(name, "").strip()


def _address(url: str) -> str:
    """Return an address in one form, whatever its scheme; empty if it is not an address."""
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
    """Return the region of ``REGION.hyper.sh`` at Hyper's port; empty for other addresses."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    known = host.endswith(_DOMAIN) and port == str(_PORT)
    return host.removesuffix(_DOMAIN) if known else ""


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return bool(value)
