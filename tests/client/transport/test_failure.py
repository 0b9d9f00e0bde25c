"""What the user reads of a failure."""

from __future__ import annotations

import errno
import http.client
import io
import json
import socket
import ssl
from pathlib import Path

import pytest
import requests
import urllib3

from hyper_jupyter.client import Deadline, Endpoint, Tls, api_error, break_reason
from hyper_jupyter.client.transport.failure import call_failure, dial_failure, root_cause
from hyper_jupyter.client.transport.ssh import SshFailure
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
    NotFound,
    ProtocolError,
)
from hyper_jupyter.protocol.printable import printable


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"No such container: x"}', "No such container: x"),
        (
            b'{"cause":"no such container","message":"no container with name x","response":404}',
            "no container with name x",
        ),
        (b'{"cause":"no such container"}', "no such container"),
        (b"No such container: x\r\n", "No such container: x"),
        (b"<html>\n<h1>502</h1>\n</html>", "<html> <h1>502</h1> </html>"),
        (b'"quoted"', '"quoted"'),
        (b"[1, 2]", "[1, 2]"),
        (b'{"message": 5}', "5"),
        (b'{"message": null}', ""),
        (b"{}", ""),
        (b"", ""),
        (b"[" * 60_000, "[" * 2000),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
        (b'{"message":"a\\u001b[31mred\\u0007\\u009b\\u202e"}', "a [31mred"),
        (b"a\x1b]0;title\x07b\tc\0d\x7fe", "a ]0;title b c d e"),
        (b"x" * 5000, "x" * 2000),
        (json.dumps({"message": "y" * 5000}).encode(), "y" * 2000),
    ],
)  # fmt: skip
def test_the_engine_s_text_becomes_one_harmless_line(body: bytes, message: str) -> None:
    error = api_error(500, body)
    assert (error.status, error.message) == (500, message)
    assert str(error) == (message or "the engine answered with status 500")


@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_program_that_is_missing_is_answered_with_the_next_step(status: int) -> None:
    said = b'runc create failed: exec: "nosuch": executable file not found in $PATH'
    step = "The image has no program nosuch in its PATH: check the command."
    assert api_error(status, said).hint == step


@pytest.mark.parametrize(
    "said",
    [
        'exec: "docker-init": executable file not found in $PATH',
        'error getting credentials - err: exec: "docker-credential-x": executable file not found',
        'runc create failed: error running hook #0: exec: "x": executable file not found in $PATH',
    ],
)
def test_a_program_of_the_engine_s_own_is_not_looked_for_in_the_image(said: str) -> None:
    assert api_error(500, said.encode()).hint == ""


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "anything", NotFound),
        (409, "anything", Conflict),
        (400, "bad parameter", ApiError),
        (500, "no such container", NotFound),
        (500, "Error: No such container: x", NotFound),
        (500, "driver failed", ApiError),
        (500, 'container name "x" is already in use', Conflict),
        (500, "can only kill running containers. x is in state exited", Conflict),
        (500, "cannot remove container x as it is running", Conflict),
        (400, "is in state exited", ApiError),
    ],
)
def test_the_kind_of_error_is_its_status_or_podman_s_words_for_it(
    status: int, text: str, kind: type[ApiError]
) -> None:
    assert type(api_error(status, text.encode())) is kind


def test_a_redirect_without_a_text_says_that_it_is_one() -> None:
    assert str(api_error(301, b"")) == "the engine redirects (status 301), which is not followed"
    assert str(api_error(301, b"<a>Moved</a>")) == "<a>Moved</a>"


def test_plain_http_at_a_tls_port_is_recognised_by_the_server_s_words() -> None:
    error = api_error(400, b"Client sent an HTTP request to an HTTPS server.\n")
    assert error.hint == "It uses TLS: name it as https://host:port."
    assert api_error(400, b"bad parameter").hint == ""


def test_a_conflict_does_not_say_so_twice() -> None:
    assert (
        str(api_error(409, b'{"message":"Conflict. The name is in use"}')) == "The name is in use"
    )


def test_foreign_text_is_one_line_of_printable_characters() -> None:
    assert printable(" a\x1b[31m\n\tb\u202e c\u00e9 ") == "a [31m b c\u00e9"
    assert len(printable("x" * 5000)) == 2000


def tls_error(reason: str | None, kind: type[ssl.SSLError] = ssl.SSLError) -> ssl.SSLError:
    error = kind(1, f"[SSL: {reason}] text (_ssl.c:1000)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
         "Connection reset by peer"),
        (ssl.SSLEOFError(8, "EOF"), "it ended without the end of TLS (close_notify)"),
        (tls_error("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
         "TLS: decryption failed or bad record mac"),
        (tls_error(None), "TLS: fault"),
        (OSError("no number"), ""),
        (ValueError("x"), ""),
    ],
)  # fmt: skip
def test_what_broke_a_connection_in_a_few_words(error: Exception, reason: str) -> None:
    assert break_reason(error) == reason


def test_the_root_cause_is_the_socket_s_error_below_all_wrappers() -> None:
    reset = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
    wrapped = requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection broken", reset))
    assert root_cause(wrapped) is reset
    alone = requests.ConnectionError("nothing below")
    assert root_cause(alone) is alone


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert root_cause(first) is first


HOST = "tcp://box:2375"
LATER, PASSED = Deadline(None), Deadline(0)


def chunk(length: bytes) -> Exception:
    """A chunk whose length is not one; empty where the connection has ended."""
    response = urllib3.HTTPResponse(io.BytesIO())
    return urllib3.exceptions.InvalidChunkLength(response, length)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (http.client.BadStatusLine("garbage"), "not a valid HTTP answer from tcp://box:2375"),
        (urllib3.exceptions.DecodeError("gzip"), "not a valid HTTP answer"),
        (chunk(b"zz"), "not a valid HTTP answer"),
    ],
    ids=["status line", "encoding", "chunk"],
)  # fmt: skip
def test_what_is_not_http_is_a_protocol_error(error: Exception, text: str) -> None:
    failure = call_failure(HOST, requests.ConnectionError(error), LATER)
    assert isinstance(failure, ProtocolError)
    assert text in str(failure)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (http.client.RemoteDisconnected("closed"), "the connection ended before the answer was"),
        (chunk(b""), "the connection ended before the answer was"),
        (http.client.IncompleteRead(b"half", 3), "the connection ended before the answer was"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
         "the call to tcp://box:2375 failed: Connection reset by peer"),
    ],
    ids=["no answer", "in a chunk", "half of one", "reset"],
)  # fmt: skip
def test_a_connection_that_only_ended_is_a_failed_one(error: Exception, text: str) -> None:
    failure = call_failure(HOST, requests.ConnectionError(error), LATER)
    assert isinstance(failure, ConnectionFailed)
    assert text in str(failure)
    assert not failure.unanswered


def test_an_error_after_the_deadline_is_no_answer_in_time() -> None:
    failure = call_failure(HOST, requests.ConnectionError(TimeoutError("timed out")), PASSED)
    assert isinstance(failure, ConnectionFailed)
    assert str(failure) == "no answer from tcp://box:2375 within 0 s"
    assert failure.unanswered
    assert "timeout" in failure.hint


@pytest.mark.parametrize(
    ("host", "command"), [("ssh://box", "docker"), ("ssh://box/run/podman/podman.sock", "podman")]
)
def test_ssh_s_own_words_are_the_reason_also_after_the_deadline(host: str, command: str) -> None:
    for deadline in (LATER, PASSED):
        failure = call_failure(host, SshFailure(255, "Permission denied (publickey)."), deadline)
        assert str(failure) == f"no connection to {host}: Permission denied (publickey)."
        assert failure.hint.startswith("This command must work without asking anything: ssh HOST ")
        assert f"ssh HOST {command} system dial-stdio." in failure.hint


UNIX, TCP = Endpoint("unix", path="/nowhere/x.sock"), Endpoint("tcp", host="box", port=2376)
SECURE = Endpoint("tcp", host="box", port=2376, tls=Tls())


@pytest.mark.parametrize(
    ("endpoint", "error", "text", "hint"),
    [
        (UNIX, FileNotFoundError(), "the socket does not exist", "%hyper_connect local:"),
        (UNIX, PermissionError(), "permission denied on unix:///nowhere/x.sock", "usermod"),
        (UNIX, ConnectionRefusedError(), "that is not a socket", "with its whole path"),
        (TCP, ConnectionRefusedError(), "nothing listens there", "on that machine"),
        (TCP, TimeoutError(), "no answer from tcp://box:2376: timed out", "longer timeout"),
        (TCP, socket.gaierror(-2, "x"), "the host name 'box' is not known", "spelling"),
        (TCP, UnicodeError(), "the host name 'box' is not known", "spelling"),
        (TCP, OSError(errno.ENETUNREACH, "Network is unreachable"),
         "no connection to tcp://box:2376: Network is unreachable", ""),
        (TCP, OSError("odd"), "no connection to tcp://box:2376: odd", ""),
        (SECURE, tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "requires a client certificate",
         "cert.pem and key.pem"),
        (SECURE, tls_error("SSLV3_ALERT_HANDSHAKE_FAILURE"), "requires a client certificate",
         "cert.pem and key.pem"),
        (SECURE, tls_error("WRONG_VERSION_NUMBER"), "does not use TLS", "http://host:port"),
        (SECURE, tls_error("TLSV1_ALERT_UNKNOWN_CA"), "refuses the TLS connection",
         "does not trust our certificate"),
        (SECURE, tls_error("UNEXPECTED_EOF_WHILE_READING", ssl.SSLEOFError),
         "ended the connection during the TLS handshake", ""),
        (SECURE, tls_error("NO_PROTOCOLS_AVAILABLE"),
         "no TLS connection to https://box:2376: no protocols available", ""),
    ],
)  # fmt: skip
def test_each_failed_connection_has_its_text_and_its_next_step(
    endpoint: Endpoint, error: OSError | UnicodeError, text: str, hint: str
) -> None:
    failure = dial_failure(endpoint, error)
    assert text in str(failure)
    assert hint in failure.hint
    assert bool(hint) == bool(failure.hint)


def test_a_certificate_that_is_not_trusted_says_why() -> None:
    error = tls_error("CERTIFICATE_VERIFY_FAILED", ssl.SSLCertVerificationError)
    error.verify_message = "self-signed\x1b certificate"  # type: ignore[attr-defined]
    failure = dial_failure(SECURE, error)
    assert str(failure) == (
        "the certificate of https://box:2376 is not trusted: self-signed certificate"
    )
    assert "ca.pem" in failure.hint
    assert "trusts any server" in failure.hint


def test_a_socket_at_which_nothing_listens_is_no_missing_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    failure = dial_failure(Endpoint("unix", path=str(path)), ConnectionRefusedError())
    assert str(failure) == f"no engine at unix://{path}: nothing listens there"
    assert "systemctl start docker" in failure.hint
