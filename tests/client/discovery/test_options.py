"""Which engine the arguments of ``connect()`` mean, where several things name one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.client import EngineChoice
from hyper_jupyter.exceptions import ConnectionFailed

KEYS = {"access_key": "fake-access", "secret_key": "fake-secret"}
OWN = "https://hyper.example:8443"
EU = "tcp://eu-central-1.hyper.sh:443"


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HYPER_JUPYTER_HOST", "HYPER_DEFAULT_REGION", "HYPER_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def endpoint(choice: EngineChoice, configured: str = "") -> tuple[str, str]:
    discovery, credentials = choice.find(configured)
    assert credentials is not None
    assert credentials.access_key == "fake-access"
    host = discovery.endpoint.host
    return f"{host}:{discovery.endpoint.port}", credentials.region


def test_keys_alone_are_for_hyper_s_own_endpoint() -> None:
    assert endpoint(EngineChoice(**KEYS)) == ("us-west-1.hyper.sh:443", "us-west-1")


def test_keys_alone_do_not_pass_over_an_address_of_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert endpoint(EngineChoice(**KEYS), OWN) == ("hyper.example:8443", "us-west-1")
    monkeypatch.setenv("HYPER_JUPYTER_HOST", "https://mine.example:1")
    assert endpoint(EngineChoice(**KEYS), OWN) == ("mine.example:1", "us-west-1")


def test_a_region_names_the_endpoint_before_any_configuration() -> None:
    choice = EngineChoice(region="eu-central-1", **KEYS)
    assert endpoint(choice, OWN) == ("eu-central-1.hyper.sh:443", "eu-central-1")


def test_an_address_as_the_region_is_the_host() -> None:
    assert endpoint(EngineChoice(region=OWN, **KEYS)) == ("hyper.example:8443", "us-west-1")
    with pytest.raises(ConnectionFailed, match="is not the name of a region"):
        EngineChoice(EU, region=OWN, **KEYS).find("")
