"""The headers of docker's configuration go to docker's engines, and into nothing that is shown."""

from __future__ import annotations

import errno
import logging
import traceback
from pathlib import Path
from typing import Any, Final

import pytest

from hyper_jupyter.client import Discovery, Endpoint, resolve_address
from hyper_jupyter.client.discovery.headers import RequestDefaults
from hyper_jupyter.client.discovery.hyper import Credentials
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from tests.client.conftest import Serve, client_of
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.conftest import nothing_custom as nothing_custom  # noqa: PLC0414 - a fixture
from tests.client.conftest import serve as serve  # noqa: PLC0414 - a fixture
from tests.client.discovery.test_headers import Write
from tests.client.discovery.test_headers import (
    docker_config as docker_config,  # noqa: PLC0414 - a fixture
)
from tests.client.servers import PING, Peer, ScriptedServer, answer

docker_s_alone = pytest.mark.claim(
    "The headers of docker's configuration go to no engine that is not docker's: to no Hyper "
    "endpoint, not to `local:`, and to none of Podman's configuration."
)
no_secret = pytest.mark.claim(
    "Secret keys, passwords of proxies, passwords in an address of the environment, values of "
    "`env=`, signatures and the headers of docker's configuration are in no output, error, "
    "traceback with variables, log record, `repr`, widget or saved notebook."
)

SECRET: Final = "s3cret-token"
KEYS: Final = Credentials("ACCESS", "SECRET", "us-west-1", "the test")


@docker_s_alone
@pytest.mark.parametrize(
    ("discovery", "signed"),
    [
        (Discovery(Endpoint("local"), ""), False),
        (Discovery(Endpoint.parse("unix:///x"), "", is_podman=True), False),
        (Discovery(Endpoint.parse("https://us-west-1.hyper.sh"), ""), True),
    ],
    ids=["embedded", "podman", "hyper"],
)
def test_they_go_to_no_engine_that_is_not_docker_s(
    docker_config: Write, tmp_path: Path, discovery: Discovery, signed: bool
) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET}})
    env = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_API_VERSION": "1.30"}
    assert RequestDefaults.of(discovery, env, signed=signed) == RequestDefaults()
    others = resolve_address("unix:///x", environ={})
    assert RequestDefaults.of(others, env, signed=False) == RequestDefaults(
        {"X-Token": SECRET}, "1.30"
    )


@docker_s_alone
def test_a_signed_request_has_none_of_them(serve: Serve, docker_config: Write) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET}})
    server = serve()
    client_of(server.url, credentials=KEYS)
    assert server.requests
    assert all("x-token" not in request.headers for request in server.requests)


@no_secret
def test_nothing_of_a_client_shows_them(serve: Serve, docker_config: Write) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET}})
    client = client_of(serve().url)
    connection, exchange = client.open("GET", "/containers/c/attach")
    connection.close()
    prepared = client._prepare("GET", "/x")
    shown = [repr(thing) for thing in (client, vars(client), client._defaults, exchange, prepared)]
    shown += [repr(prepared.headers), repr(client.trait_values())]
    assert "X-Token" in repr(client._defaults)
    assert SECRET not in "\n".join(shown)


def hang_up(peer: Peer) -> None:
    """The end, before anything was said."""


@no_secret
def test_no_log_record_has_them(
    serve: Serve, docker_config: Write, caplog: pytest.LogCaptureFixture
) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET}})
    loggers = [logging.getLogger(name) for name in (None, *logging.root.manager.loggerDict)]
    for logger in loggers:
        caplog.set_level(logging.DEBUG, logger.name)
    server = serve({"GET /containers/json": answer([])})
    client_of(server.url).containers()
    assert server.requests[-1].headers["x-token"] == SECRET
    records = [f"{record.getMessage()} {vars(record)!r}" for record in caplog.records]
    assert SECRET not in "\n".join(records)


FAULTS: Final[dict[str, Any]] = {
    "refused": answer(b"no\n", "403 Forbidden"),
    "garbage": b"this is no HTTP\r\n\r\n",
    "end": hang_up,
    "silence": lambda peer: peer.wait_for_end(),
    "not JSON": answer(b"<html>"),
}


@no_secret
@pytest.mark.parametrize("name", FAULTS)
def test_a_traceback_with_variables_shows_none_of_them(
    docker_config: Write, folder: Path, name: str
) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET}})
    fault = FAULTS[name]
    with (
        ScriptedServer(folder / "s", {"GET /_ping": PING, "GET /containers/json": fault}) as server,
        pytest.raises(HyperJupyterError) as caught,
    ):
        client_of(server.url, timeout=0.5).containers()
    assert SECRET not in with_variables(caught.value)


@no_secret
def test_neither_where_the_network_goes_down_before_the_request_is_sent(
    docker_config: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system says so of the socket: to be in time with a real end is luck."""
    docker_config({"HttpHeaders": {"X-Token": SECRET}})

    def down(*_: object) -> None:
        raise OSError(errno.ENETDOWN, "Network is down")

    with ScriptedServer(folder / "s") as server:
        client = client_of(server.url)
        monkeypatch.setattr(DeadlineSocket, "sendall", down)
        with pytest.raises(ConnectionFailed, match="Network is down") as caught:
            client.containers()
    assert SECRET not in with_variables(caught.value)


def with_variables(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    shown = "".join(
        traceback.TracebackException(type(error), error, trace, capture_locals=True).format()
    )
    assert "self = <" in shown  # variables are shown, indeed
    return shown
