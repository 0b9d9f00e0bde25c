"""The default client's functions: their arguments, and the client that they use."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter import api
from hyper_jupyter.client import ConnectOptions
from tests.client.servers import ScriptedServer, answer


@pytest.fixture(autouse=True)
def no_client_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.api.default._default", None)


OPTIONS = {field.name: field for field in dataclasses.fields(ConnectOptions)}


@pytest.mark.parametrize("function", [api.connect, api.client_for])
def test_the_arguments_of_connect_are_the_connect_options(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function, eval_str=True).parameters
    assert list(parameters) == list(OPTIONS)
    for name, parameter in parameters.items():
        if name != "timeout":
            assert parameter.default in (OPTIONS[name].default, inspect.Parameter.empty)


def test_the_arguments_of_diagnose_are_connect_options_too() -> None:
    parameters = inspect.signature(api.diagnose).parameters
    assert parameters.keys() < OPTIONS.keys()
    assert all(each.default == OPTIONS[name].default for name, each in parameters.items())


@pytest.mark.parametrize("timeout", [None, 7.0])
def test_options_in_one_value_mean_the_same_as_arguments(timeout: float | None) -> None:
    with ScriptedServer() as server:
        options = ConnectOptions(server.url, api_version="1.30", timeout=timeout)
        client = api.connect_with(options)
        assert client is api.current_client()
        assert (client.host, client.api_version) == (server.url, "1.30")
        assert client.timeout == (10 if timeout is None else timeout)


def test_the_doctor_examines_the_default_client_with_its_timeout_and_version() -> None:
    with ScriptedServer(answers={"GET /containers/json": answer([])}) as server:
        api.connect(server.url, api_version="1.30", timeout=5)
        del server.requests[:]
        findings = api.diagnose_with(ConnectOptions())
        assert findings[0].text == f"the engine is {server.url} (you named it)"
        assert server.lines[0] == "GET /v1.30/containers/json HTTP/1.1"


def test_the_doctor_examines_the_engine_that_is_named() -> None:
    with ScriptedServer() as chosen, ScriptedServer() as other:
        api.connect(chosen.url)
        del chosen.requests[:]
        assert api.diagnose(other.url)[0].text == f"the engine is {other.url} (you named it)"
        assert chosen.requests == []


def test_an_engine_that_cannot_be_found_is_a_finding() -> None:
    first = api.diagnose("nonsense://x")[0]
    assert first.good is False
    assert "is not the address of an engine" in first.text
    assert first.next_step
