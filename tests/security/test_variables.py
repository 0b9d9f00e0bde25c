"""Tracebacks with variables, as IPython's verbose mode prints them, show no password.

``test_secrets.py`` searches for keys and signatures; this is about what users pass in.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from IPython.core.ultratb import VerboseTB

from hyper_jupyter import api
from hyper_jupyter.exceptions import HyperJupyterError
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.servers import ScriptedServer, answer

no_secret = pytest.mark.claim(
    "Secret keys, passwords of proxies, passwords in an address of the environment, values of "
    "`env=`, signatures and the headers of docker's configuration are in no output, error, "
    "traceback with variables, log record, `repr`, widget or saved notebook."
)

PASSWORD: Final = "s3WORDFORTESTS"


def shown(call: Callable[[], Any]) -> str:
    """What both kinds of tracebacks show of an error, without this module's own frames."""
    with pytest.raises(HyperJupyterError) as caught:
        call()
    error, trace = caught.value, caught.value.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    plain = traceback.TracebackException(type(error), error, trace, capture_locals=True)
    verbose = VerboseTB(include_vars=True).text(type(error), error, trace)
    assert "self = " in str(plain) + "".join(plain.format()), "no variables are shown at all"
    return "".join(plain.format()) + verbose


@no_secret
@pytest.mark.parametrize(
    "address",
    [
        "tcp://me:{}@box:2375",
        "ssh://me:{}@box",
        "ssh://me:x/{}@box",
        "ssh://me@{}@box",
        "ssh://me@box/x?{}",
        "https://me:{}@[::1",
        "tcp://box:99999/{}",
    ],
)
@pytest.mark.parametrize("name", ["DOCKER_HOST", "HYPER_JUPYTER_HOST", "CONTAINER_HOST"])
def test_an_address_with_a_password_in_the_environment(
    address: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for each in ("DOCKER_HOST", "HYPER_JUPYTER_HOST", "CONTAINER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(name, address.format(PASSWORD))
    said = shown(api.connect)
    if "@" in address:  # otherwise the address is named, as it has no place for a password
        assert PASSWORD not in said


@no_secret
@pytest.mark.parametrize(
    "env", [{"PASSWORD": PASSWORD}, [f"PASSWORD={PASSWORD}"]], ids=["map", "list"]
)
@pytest.mark.parametrize("name", ["create", "run"])
def test_the_environment_of_a_container(folder: Path, env: Any, name: str) -> None:
    refused = {"POST /containers/create": answer({"message": "no"}, "409 Conflict")}
    with ScriptedServer(folder / "s", refused) as server:
        client = api.client_for(server.url)
        said = shown(lambda: getattr(client, name)("busybox", ["true"], env=env))
        [request] = [each for each in server.requests if each.line.startswith("POST")]
    assert request.json["Env"] == [f"PASSWORD={PASSWORD}"]
    assert PASSWORD not in said


RUNNING: Final = {"Id": "f00d", "Name": "/web", "Config": {}, "State": {"Running": True}}


@no_secret
@pytest.mark.parametrize(
    "env", [{"PASSWORD": PASSWORD}, [f"PASSWORD={PASSWORD}"]], ids=["map", "list"]
)
@pytest.mark.parametrize("name", ["exec", "exec_output", "exec_detached"])
def test_the_environment_of_an_exec(folder: Path, env: Any, name: str) -> None:
    answers = {
        "GET /containers/web/json": answer(RUNNING),
        "POST /containers/web/exec": answer({"message": "no"}, "409 Conflict"),
        "POST /containers/f00d/exec": answer({"message": "no"}, "409 Conflict"),
    }
    with ScriptedServer(folder / "s", answers) as server:
        client = api.client_for(server.url)
        said = shown(lambda: getattr(client, name)("web", ["true"], env=env))
        [request] = [each for each in server.requests if each.line.startswith("POST")]
    assert request.json["Env"] == [f"PASSWORD={PASSWORD}"]
    assert PASSWORD not in said
