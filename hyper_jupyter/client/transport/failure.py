"""What a failure means: no connection, the engine's own error, no answer, or one that is none.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests
import urllib3

from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.endpoint import ADDRESS_FORMS, Endpoint
from hyper_jupyter.client.transport.ssh import SshFailure
from hyper_jupyter.exceptions import ApiError, Conflict, ConnectionFailed, NotFound, ProtocolError

__all__ = ["api_error", "break_reason", "call_failure", "dial_failure", "printable", "root_cause"]

_MAX_MESSAGE: Final = 2000

_PODMAN_CONFLICT: Final = re.compile("already in use|in state|as it is running")
"""Podman's words for what Docker answers with 409."""


def api_error(status: int, body: bytes) -> ApiError:
    """The error that an answer stands for.

    Args:
        status: 300 and above.
        body: JSON with a ``message`` (API 1.24 and newer), or plain text.
    """
    text = body[: 64 * 1024].decode("utf-8", "replace")
    try:
        details = json.loads(text)
    except (ValueError, RecursionError):
        details = None
    if isinstance(details, dict):
        text = str(details.get("message") or details.get("cause") or "")
    text = printable(text)
    if 300 <= status < 400:
        return ApiError(status, text or f"the engine redirects (status {status}); not followed")
    if status == 404 or (status == 500 and "no such container" in text.lower()):
        return NotFound(status, text)  # Podman says 500 while one is being removed
    text = text.removeprefix("Conflict. ")
    if status == 409 or (status == 500 and _PODMAN_CONFLICT.search(text)):
        return Conflict(status, text)
    failure = ApiError(status, text)
    if status == 400 and "https server" in text.lower():
        failure.hint = "It speaks TLS: name it as https://host:port."
    return failure


def printable(text: str) -> str:
    """A stranger's text, as a notebook may show it: one line, and no escape sequences."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MAX_MESSAGE]


def break_reason(error: BaseException) -> str:
    """What ended a connection, in a few words; empty where nothing is known."""
    if isinstance(error, ssl.SSLEOFError):
        return "it ended without TLS's own end (close_notify)"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {printable((error.reason or 'fault').replace('_', ' ').lower())}"
    return printable(str(getattr(error, "strerror", None) or ""))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that requests and urllib3 wrapped, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        yield current
        seen.add(id(current))
        inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner or current.__cause__ or current.__context__


def root_cause(error: BaseException) -> BaseException:
    """The error at the socket, below the wrappers of requests and urllib3."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException):
            return cause
    return error


def _is_nonsense(error: BaseException) -> bool:
    """Whether something came that is not HTTP; a connection that merely ended is no nonsense."""
    for cause in _causes(error):
        if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
            return bool(cause.length)
        if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead):
            return False
        if isinstance(cause, http.client.HTTPException | urllib3.exceptions.DecodeError):
            return True
    return False


def call_failure(
    host: str, error: BaseException, deadline: Deadline
) -> ConnectionFailed | ProtocolError:
    """The error for a call that got no whole answer.

    Args:
        host: the engine's address, for the text.
        error: what ``requests`` or the socket raised.
        deadline: of the call.
    """
    root = root_cause(error)
    if isinstance(root, ssl.SSLError) and not isinstance(root, ssl.SSLEOFError):
        return _tls_failure(host, root)  # TLS 1.3 refuses a client behind the handshake only
    if isinstance(root, SshFailure):
        command = "podman" if host.endswith("/podman.sock") else "docker"
        return ConnectionFailed(
            f"no connection to {host}: {root.strerror}",
            hint=f"It must work without a question: ssh HOST {command} system dial-stdio. Keys "
            "come from ssh's agent and configuration; the host must be known.",
        )
    if deadline.remaining() == 0 and isinstance(root, OSError):
        failure = ConnectionFailed(f"no answer from {host} within {deadline.seconds} s")
        failure.unanswered = True
        failure.hint = "Check that the engine is up, or give connect() a longer timeout."
        return failure
    if _is_nonsense(error):
        return ProtocolError(f"not a valid HTTP answer from {host}")
    detail = break_reason(root) or "the connection ended before the answer was complete"
    return ConnectionFailed(f"the call to {host} failed: {detail}")


def dial_failure(endpoint: Endpoint, error: OSError | UnicodeError) -> ConnectionFailed:
    """The error for a connection that could not be made.

    Args:
        endpoint: where to.
        error: what the system or OpenSSL raised.
    """
    where = str(endpoint)
    match error:
        case ssl.SSLError():
            return _tls_failure(where, error)
        case FileNotFoundError():
            return ConnectionFailed(
                f"no engine at {where}: the socket does not exist",
                hint="Start the engine, name another with %hyper_connect HOST, or use "
                "%hyper_connect local:",
            )
        case PermissionError():
            return ConnectionFailed(
                f"permission denied on {where}",
                hint="Your user may not use this socket: join its group (usually: sudo usermod -aG "
                "docker $USER, then log in again), or use a rootless engine.",
            )
        case ConnectionRefusedError() if endpoint.scheme != "unix":
            return ConnectionFailed(
                f"no engine at {where}: nobody listens there",
                hint="Start the engine on that machine, or correct the address and its port.",
            )
        case ConnectionRefusedError() if not Path(endpoint.path).is_socket():
            return ConnectionFailed(
                f"no engine at {where}: that is no socket",
                hint="Name the engine's socket, with its whole path.",
            )
        case ConnectionRefusedError():
            return ConnectionFailed(
                f"no engine at {where}: nobody listens there",
                hint="Start the engine (Docker Desktop, systemctl start docker, podman system "
                "service), or use %hyper_connect local:",
            )
        case TimeoutError():
            return ConnectionFailed(
                f"no answer from {where}: timed out",
                hint="Check that the engine is up, or give connect() a longer timeout.",
            )
        case socket.gaierror() | UnicodeError():
            return ConnectionFailed(
                f"the host name {endpoint.host!r} is not known",
                hint=f"Check its spelling. An engine's address is {ADDRESS_FORMS}.",
            )
    reason = getattr(error, "strerror", None) or error
    return ConnectionFailed(f"no connection to {where}: {reason}")


def _tls_failure(where: str, error: ssl.SSLError) -> ConnectionFailed:
    reason = (error.reason or "").replace("_", " ").lower()
    if isinstance(error, ssl.SSLCertVerificationError):
        why = printable(error.verify_message)
        return ConnectionFailed(
            f"the certificate of {where} is not trusted: {why}",
            hint="Name the folder with its ca.pem, by tls=FOLDER, %hyper_connect --tls FOLDER or "
            "DOCKER_CERT_PATH. --skip-verify (verify=False) trusts anybody.",
        )
    if "certificate required" in reason or "handshake failure" in reason:
        return ConnectionFailed(
            f"{where} wants a client certificate",
            hint="Name the folder with cert.pem and key.pem, by tls=FOLDER, %hyper_connect --tls "
            "FOLDER or DOCKER_CERT_PATH.",
        )
    if "wrong version number" in reason or "record layer failure" in reason:
        return ConnectionFailed(
            f"{where} does not speak TLS", hint="Without TLS its address is http://host:port."
        )
    if "alert" in reason:
        return ConnectionFailed(
            f"{where} refuses the TLS connection: {reason}",
            hint="Its log says more; often our certificate is not one that it trusts.",
        )
    if isinstance(error, ssl.SSLEOFError):
        return ConnectionFailed(f"{where} ended the connection during the TLS handshake")
    return ConnectionFailed(f"no TLS connection to {where}: {printable(reason or str(error))}")
