"""Which engine the arguments of ``connect()`` mean, where several things name one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.client import ConnectOptions
from hyper_jupyter.exceptions import ConnectionFailed

KEYS = {"access_key": "fake-access", "secret_key": "fake-secret"}
OWN = "https://hyper.example:8443"
EU = "tcp://eu-central-1.hyper.sh:443"


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HYPER_JUPYTER_HOST", "HYPER_DEFAULT_REGION", "HYPER_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def endpoint(choice: ConnectOptions, configured: str = "") -> tuple[str, str]:
    discovery, credentials = choice.find(configured)
    assert credentials is not None
    assert credentials.access_key == "fake-access"
    host = discovery.endpoint.host
    return f"{host}:{discovery.endpoint.port}", credentials.region


def test_keys_alone_are_for_hyper_s_own_endpoint() -> None:
    assert endpoint(ConnectOptions(**KEYS)) == ("us-west-1.hyper.sh:443", "us-west-1")


@pytest.mark.parametrize(
    ("host", "tls", "secure"),
    [
        ("tcp://box:6443", None, True),  # as the hyper command means it
        ("http://box:6443", None, False),  # this says that it is not
        ("https://box:6443", None, True),
        ("tcp://box:6443", False, False),
    ],
)
def test_tcp_is_tls_with_keys_of_the_environment_unless_it_is_said_otherwise(
    monkeypatch: pytest.MonkeyPatch, host: str, tls: bool | None, secure: bool
) -> None:
    monkeypatch.setenv("HYPER_ACCESS", "fake-access")
    monkeypatch.setenv("HYPER_SECRET", "fake-secret")
    discovery, credentials = ConnectOptions(host, tls=tls, region="us-west-1").find("")
    assert credentials is not None
    assert (discovery.endpoint.tls is not None) is secure


def test_keys_alone_do_not_pass_over_an_address_of_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert endpoint(ConnectOptions(**KEYS), OWN) == ("hyper.example:8443", "us-west-1")
    monkeypatch.setenv("HYPER_JUPYTER_HOST", "https://mine.example:1")
    assert endpoint(ConnectOptions(**KEYS), OWN) == ("mine.example:1", "us-west-1")


def test_a_region_names_the_endpoint_before_any_configuration() -> None:
    choice = ConnectOptions(region="eu-central-1", **KEYS)
    assert endpoint(choice, OWN) == ("eu-central-1.hyper.sh:443", "eu-central-1")


def test_an_address_as_the_region_is_the_host() -> None:
    assert endpoint(ConnectOptions(region=OWN, **KEYS)) == ("hyper.example:8443", "us-west-1")
    with pytest.raises(ConnectionFailed, match="is not the name of a region"):
        ConnectOptions(EU, region=OWN, **KEYS).find("")


def test_the_keys_are_hidden_even_where_the_caller_did_not_hide_them() -> None:
    options = ConnectOptions("https://box", **KEYS)
    assert "fake-secret" not in repr(options)
    assert "fake-access" not in repr(options)
    assert (options.access_key, options.secret_key) == ("fake-access", "fake-secret")


def test_host_and_context_contradict_each_other() -> None:
    with pytest.raises(ConnectionFailed, match="host and context are two names of an engine"):
        ConnectOptions("https://box", "far").find("")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (ConnectOptions(), False),
        (ConnectOptions(region="eu-central-1"), False),
        (ConnectOptions("local:"), True),
        (ConnectOptions(context="far"), True),
    ],
)
def test_an_engine_is_named_by_its_address_or_by_a_context(
    options: ConnectOptions, named: bool
) -> None:
    assert options.names_an_engine is named
