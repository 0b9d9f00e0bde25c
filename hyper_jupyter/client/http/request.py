"""Building requests, for calls and for streams.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import requests
from requests.auth import AuthBase

from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["prepare_request"]


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
        ConnectionFailed: the endpoint's host is not a valid name.
    """
    prefix = f"/v{version}" if version else ""
    query = "?" + urlencode(params, quote_via=quote) if params else ""
    url = f"http://{endpoint.authority}{endpoint.base_path}{prefix}{path}{query}"
    request = requests.Request(method, url, json=body, headers=dict(headers or {}), auth=auth)
    try:
        prepared = _session().prepare_request(request)
    except requests.RequestException as error:
        raise ConnectionFailed(f"{str(endpoint)!r} is not the address of an engine") from error
    # Calls that may keep their connection, and streams with an upgrade, set their own value.
    prepared.headers.setdefault("Connection", "close")
    prepared.headers.setdefault("Host", endpoint.authority)
    for name, value in (user_headers or {}).items():
        prepared.headers.setdefault(name, value)
    return prepared


def _session() -> requests.Session:
    session = requests.Session()
    # From the environment requests would take .netrc, which would leak passwords, and CA bundles,
    # which would override the endpoint's own. Proxies are dial's business.
    session.trust_env = False
    session.headers = requests.structures.CaseInsensitiveDict(
        {"User-Agent": "hyper_jupyter", "Accept": "*/*"}
    )
    return session
