"""Building requests, for calls and for streams.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol.printable import printable

__all__ = ["prepare_request"]

_HEADERS: Final = MappingProxyType({"User-Agent": "hyper_jupyter", "Accept": "*/*"})


def prepare_request(
    endpoint: Endpoint,
    method: str,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    version: str = "",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    user_headers: Mapping[str, str] | None = None,
    auth: AuthBase | None = None,
) -> requests.PreparedRequest:
    """Build a request.

    Args:
        endpoint: where the request goes.
        method: ``"GET"``, …
        path: without the version, starting with a slash.
        params: the query.
        version: of the API; empty leaves it out of the path.
        body: sent as JSON unless it is ``None``.
        headers: replace those of every request.
        user_headers: headers that the user has configured; they replace no other.
        auth: signs the request.

    Raises:
        ConnectionFailed: the endpoint's host is not a valid name, or the path or the query is not
            valid text.
    """
    prefix = f"/v{version}" if version else ""
    try:
        query = "?" + urlencode(params, quote_via=quote) if params else ""
        url = requests.utils.requote_uri(f"{_base(endpoint)}{prefix}{path}{query}")
    except UnicodeEncodeError as error:
        # A name that an engine has given may have half of a surrogate pair.
        what = printable(f"{path} {dict(params or {})}")
        raise ConnectionFailed(f"{what} cannot be asked for: it is not valid text") from error
    prepared = requests.PreparedRequest()
    # What requests prepares besides (cookies, redirects, files, forms) no call has, and it takes
    # longer than everything else about a call.
    prepared.method = method.upper()
    prepared.url = url
    prepared.headers = CaseInsensitiveDict(_HEADERS)
    prepared.headers.update(headers or {})
    prepared.prepare_body(None, None, json=body)
    prepared.hooks = {"response": []}
    if auth is not None:
        prepared.prepare_auth(auth)
    # Calls that may keep their connection, and streams with an upgrade, set their own value.
    prepared.headers.setdefault("Connection", "close")
    prepared.headers.setdefault("Host", endpoint.authority)
    for name, value in (user_headers or {}).items():
        prepared.headers.setdefault(name, value)
    return prepared


def _base(endpoint: Endpoint) -> str:
    """Return the beginning of the endpoint's URLs.

    Raises:
        ConnectionFailed: its host is not a valid name.
    """
    try:
        return _checked(f"http://{endpoint.authority}{endpoint.base_path}")
    except requests.RequestException as error:
        raise ConnectionFailed(f"{str(endpoint)!r} is not the address of an engine") from error


@functools.lru_cache(maxsize=64)
def _checked(url: str) -> str:
    """Return a URL as requests writes it, without a slash at its end."""
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url).removesuffix("/")
