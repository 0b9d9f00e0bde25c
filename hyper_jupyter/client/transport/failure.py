"""The errors for failures: no connection, an error of the engine, no response or a malformed one.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import errno
import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine
from pathlib import Path
from typing import Final

import requests
import urllib3

from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.endpoint import ADDRESS_FORMS, Endpoint
from hyper_jupyter.client.transport.ssh import SshFailure
from hyper_jupyter.exceptions import ApiError, Conflict, ConnectionFailed, NotFound, ProtocolError
from hyper_jupyter.protocol.missing_program import missing_program_step
from hyper_jupyter.protocol.printable import printable

__all__ = [
    "EXHAUSTED",
    "EXHAUSTED_HINT",
    "api_error",
    "break_reason",
    "call_failure",
    "dial_failure",
    "root_cause",
]

EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE)
"""Errors of this process or machine: it can open no more files and sockets."""

EXHAUSTED_HINT: Final = (
    "The kernel's process can open no more files and sockets: detach sessions (%hyper_detach), "
    "close what your own code has open, or start Jupyter with a higher limit (ulimit -n)."
)

_RUNTIME: Final = re.compile(
    r"\b(?:runc|crun|OCI runtime)\b|start (?:the|container) process", re.IGNORECASE
)
"""What starts the program of a container says that it does."""

_PODMAN_CONFLICT: Final = re.compile(
    "already in use|in state|as it is running|UNIQUE constraint failed|"
    "can only be used on running|network already exists|is being used"
)
"""Matches Podman's texts where Docker answers with 409."""

_PODMAN_NOT_FOUND: Final = re.compile("no such container|layer not known", re.IGNORECASE)
"""Matches Podman's texts where Docker answers with 404: while one is being removed, and in diff."""


def api_error(status: int, body: bytes) -> ApiError:
    """Make the error that a response stands for.

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
        return ApiError(
            status, text or f"the engine redirects (status {status}), which is not followed"
        )
    if status == 404 or (status == 500 and _PODMAN_NOT_FOUND.search(text)):
        missing = NotFound(status, text)
        if text.lower() in ("not found", "page not found"):
            missing.hint = "This engine, or this version of its API, does not have this call."
        return missing
    text = text.removeprefix("Conflict. ")
    # Docker says so in the answer to a start, Podman in that to an attach before it. Engines speak
    # of programs of their own in the same way: of docker-init, and of what a hook runs.
    ours = _RUNTIME.search(text) and "hook" not in text
    step = missing_program_step(text) if ours else ""
    if status == 409 or (status == 500 and _PODMAN_CONFLICT.search(text)):
        return Conflict(status, text, hint=step)
    failure = ApiError(status, text, hint=step)
    if status == 400 and "https server" in text.lower():
        failure.hint = "It uses TLS: name it as https://host:port."
    if status == 500 and "too many open files" in text.lower():
        failure.hint = "The engine can open no more files: stop containers or detach sessions."
    return failure


def break_reason(error: BaseException) -> str:
    """Say in a few words what ended a connection; empty if it is not known."""
    if isinstance(error, ssl.SSLEOFError):
        return "it ended without the end of TLS (close_notify)"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {printable((error.reason or 'fault').replace('_', ' ').lower())}"
    return printable(str(getattr(error, "strerror", None) or ""))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those that requests and urllib3 wrapped in it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        yield current
        seen.add(id(current))
        inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner or current.__cause__ or current.__context__


def root_cause(error: BaseException) -> BaseException:
    """Return the error of the socket, without the wrappers of requests and urllib3."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException):
            return cause
    return error


def _is_malformed(error: BaseException) -> bool:
    """Whether what came is not HTTP. A connection that only ended is not malformed."""
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
    """Make the error for a call without a complete response.

    Args:
        host: the engine's address, for the text.
        error: what ``requests`` or the socket raised.
        deadline: of the call.
    """
    root = root_cause(error)
    if isinstance(root, ssl.SSLError) and not isinstance(root, ssl.SSLEOFError):
        return _tls_failure(host, root)  # TLS 1.3 rejects a client only after the handshake
    if isinstance(root, SshFailure):
        command = "podman" if host.endswith("/podman.sock") else "docker"
        return ConnectionFailed(
            f"no connection to {host}: {root.strerror}",
            hint=f"This command must work without asking anything: ssh HOST {command} system "
            "dial-stdio. Keys come from ssh's agent and configuration; the host must be known.",
        )
    if deadline.remaining() == 0 and isinstance(root, OSError):
        failure = ConnectionFailed(f"no answer from {host} within {deadline.seconds} s")
        failure.unanswered = True
        failure.hint = "Check that the engine is up, or give connect() a longer timeout."
        return failure
    if _is_malformed(error) and host.startswith("ssh://"):
        return _greeting_failure(host, error)
    if _is_malformed(error):
        return ProtocolError(f"not a valid HTTP answer from {host}")
    detail = break_reason(root) or "the connection ended before the answer was complete"
    return ConnectionFailed(f"the call to {host} failed: {detail}")


def _greeting_failure(host: str, error: BaseException) -> ProtocolError:
    """Make the error for an ssh connection on which something else than HTTP came first."""
    line = next(
        (str(each.args[0]) for each in _causes(error) if isinstance(each, BadStatusLine)),
        "",
    )
    what = repr(printable(line)[:200]) if line.strip() else "text"
    return ProtocolError(
        f"{what} came from {host} before the engine's answer",
        hint="The shell there seems to print it whenever it starts: in ~/.bashrc, ~/.zshenv, "
        "~/.cshrc, config.fish or ~/.ssh/rc, print only where the shell is interactive. This must "
        "print nothing: ssh HOST true.",
    )


def dial_failure(endpoint: Endpoint, error: OSError | UnicodeError) -> ConnectionFailed:
    """Make the error for a connection that could not be made.

    Args:
        endpoint: the engine's.
        error: what the system or OpenSSL raised.
    """
    failure = _dial_failure(endpoint, error)
    failure.absent = isinstance(error, FileNotFoundError | ConnectionRefusedError)
    return failure


def _dial_failure(endpoint: Endpoint, error: OSError | UnicodeError) -> ConnectionFailed:
    where = str(endpoint)
    match error:
        case ssl.SSLError():
            return _tls_failure(where, error)
        case OSError(errno=number) if number in EXHAUSTED:
            return ConnectionFailed(
                f"no connection to {where}: {(error.strerror or '').lower()}", hint=EXHAUSTED_HINT
            )
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
                f"no engine at {where}: nothing listens there",
                hint="Start the engine on that machine, or correct the address and its port.",
            )
        case ConnectionRefusedError() if not Path(endpoint.path).is_socket():
            return ConnectionFailed(
                f"no engine at {where}: that is not a socket",
                hint="Name the engine's socket, with its whole path.",
            )
        case ConnectionRefusedError():
            return ConnectionFailed(
                f"no engine at {where}: nothing listens there",
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
            "DOCKER_CERT_PATH. --skip-verify (verify=False) trusts any server.",
        )
    if "certificate required" in reason or "handshake failure" in reason:
        return ConnectionFailed(
            f"{where} requires a client certificate",
            hint="Name the folder with cert.pem and key.pem, by tls=FOLDER, %hyper_connect --tls "
            "FOLDER or DOCKER_CERT_PATH.",
        )
    if "wrong version number" in reason or "record layer failure" in reason:
        return ConnectionFailed(
            f"{where} does not use TLS", hint="Without TLS its address is http://host:port."
        )
    if "alert" in reason:
        return ConnectionFailed(
            f"{where} refuses the TLS connection: {reason}",
            hint="Its log says more; often it does not trust our certificate.",
        )
    if isinstance(error, ssl.SSLEOFError):
        return ConnectionFailed(f"{where} ended the connection during the TLS handshake")
    return ConnectionFailed(f"no TLS connection to {where}: {printable(reason or str(error))}")
