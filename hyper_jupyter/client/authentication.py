"""Signing requests, for calls and for streams alike.

Layer: client. Any thread; keeps nothing between requests.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from hyper_jupyter.client.discovery.hyper import Credentials
from hyper_jupyter.client.secret import Secret
from hyper_jupyter.exceptions import ApiError
from hyper_jupyter.protocol import sign

__all__ = ["HyperAuth", "explain_refusal"]


def now() -> datetime:
    """Return the time that requests are dated with."""
    return datetime.now(UTC)


class HyperAuth(AuthBase):
    """An ``auth`` for ``requests`` that adds Hyper's signature.

    Args:
        credentials: the keys and their region.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {self.credentials!r}>"

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Sign a request that is otherwise complete (called by ``requests``).

        Raises:
            InvalidSignature: the request cannot be signed.
        """
        url = str(r.url)
        # Set here: the connection may have another idea of its host (with a unix socket).
        r.headers["Host"] = urlsplit(url).netloc.rpartition("@")[2]
        added = sign(
            str(r.method),
            url,
            r.headers,
            r.body if isinstance(r.body, bytes | str) else None,
            access_key=self.credentials.access_key,
            secret_key=self.credentials.secret_key,
            region=self.credentials.region,
            date=now(),
        )
        r.headers.update(added | {"Authorization": Secret(added["Authorization"])})
        return r


def explain_refusal(error: ApiError, auth: HyperAuth | None) -> ApiError:
    """Add a hint to an error of an engine that requires a signature, or rejects ours."""
    if auth is not None and error.status in (401, 403):
        error.hint = (
            f"Signed for region {auth.credentials.region}, with the keys from "
            f"{auth.credentials.source}. Check them, and that this machine's clock is right."
        )
    elif error.status == 401:
        error.hint = (
            "This engine requires signed requests: give connect() access_key= and secret_key=, or "
            "put its address with the keys below clouds in ~/.hyper/config.json."
        )
    return error
