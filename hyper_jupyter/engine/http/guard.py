"""Accepts only requests that are signed with the key pair that the engine was started with.

Layer: engine. Event loop only. A request is checked twice: its head before its body is read, so
that strangers cannot fill memory with bodies, and all of it before a route sees it. The key pair is
read once, at the start, from the command line, a file or the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hyper_jupyter.engine.http.request import Message
from hyper_jupyter.exceptions import ApiError, InvalidSignature
from hyper_jupyter.protocol import DEFAULT_REGION, verify

__all__ = ["FROM_ENVIRONMENT", "Guard", "NoKeys", "key_pair"]

FROM_ENVIRONMENT: Final = ""
"""What :func:`key_pair` gets if the command line has no pair."""

_VARIABLES: Final = ("HYPER_ACCESS", "HYPER_SECRET")
_MAX_FILE: Final = 4096


class NoKeys(Exception):
    """There is no key pair in the place that was named."""


def _now() -> datetime:
    return datetime.now(UTC)


class Guard:
    """Checks each request before any other code looks at it.

    Args:
        keys: access and secret key.
        region: the only one that is accepted.
        clock: returns the time, with its time zone.
    """

    def __init__(
        self,
        keys: tuple[str, str],
        region: str = DEFAULT_REGION,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._access_key, self._secret_key = keys
        self._region = region
        self._clock = clock

    def check_head(self, message: Message) -> None:
        """Check all but the body, which has not come yet.

        Raises:
            ApiError: 401 with the reason, if the request is not accepted.
        """
        self._verify(message, None)

    def check(self, message: Message) -> None:
        """Check one request.

        Raises:
            ApiError: 401 with the reason, if the request is not accepted.
        """
        if message.file is None:
            self._verify(message, message.body)
        else:
            self._verify(message, None, message.digest)

    def _verify(self, message: Message, body: bytes | None, digest: str | None = None) -> None:
        try:
            verify(
                message.method,
                message.target.decode("latin-1"),
                message.headers,
                body,
                digest=digest,
                access_key=self._access_key,
                secret_key=self._secret_key,
                region=self._region,
                now=self._clock(),
            )
        except InvalidSignature as invalid:
            raise ApiError(401, str(invalid)) from None


def key_pair(given: str) -> tuple[str, str]:
    """Return the key pair that the command line names.

    Args:
        given: ``ACCESS:SECRET``; or ``@PATH`` of a file that has this as its first line; or
            :data:`FROM_ENVIRONMENT`: ``HYPER_ACCESS`` and ``HYPER_SECRET``, which containers do
            not get.

    Raises:
        NoKeys: with the reason; the message never contains `given`.
    """
    if given == FROM_ENVIRONMENT:
        access_key, secret_key = (os.environ.get(name, "") for name in _VARIABLES)
        where = " and ".join(_VARIABLES)
    else:
        where = "--require-signature"
        if given.startswith("@"):
            where = given[1:]
            try:
                with Path(where).open(encoding="utf-8") as file:
                    given = file.readline(_MAX_FILE).strip()
            except OSError as error:
                raise NoKeys(f"{where}: {error.strerror}") from None
            except ValueError:
                raise NoKeys(f"{where} is not text") from None
        access_key, _, secret_key = given.partition(":")
    if not access_key or not secret_key:
        raise NoKeys(f"no ACCESS:SECRET in {where}")
    return access_key, secret_key
