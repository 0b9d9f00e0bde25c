"""Finding the real engines: a missing one is skipped on a user's machine and fails in CI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import real_engines
from tests.real_engines import RealEngine


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one engine, as CI writes it."""
    path = tmp_path / "engines.json"
    entry = {
        "name": "docker26",
        "kind": "docker",
        "socket": "/somewhere/engine.sock",
        "tls": {"url": "https://127.0.0.1:2376", "certificates": "/somewhere/client"},
        "version": "26.1.5",
        "api_version": "1.45",
        "lowest_api_version": "1.24",
        "pid": 12,
    }
    path.write_text(json.dumps([entry]))
    monkeypatch.setenv("HYPER_JUPYTER_TEST_ENGINES", str(path))
    monkeypatch.delenv("HYPER_JUPYTER_TEST_REQUIRE", raising=False)
    return path


DOCKER = RealEngine(
    "docker26",
    "docker",
    "unix:///somewhere/engine.sock",
    "26.1.5",
    "1.45",
    "1.24",
    "https://127.0.0.1:2376",
    "/somewhere/client",
    12,
)


def test_listed_engines_are_taken_as_they_stand(listed: Path) -> None:
    assert real_engines.real_engines() == [DOCKER]


@pytest.mark.parametrize("part", ["docker", "docker26"])
def test_an_engine_is_required_by_name_or_kind(listed: Path, part: str) -> None:
    assert real_engines.require(part) == [DOCKER]


def test_a_missing_engine_skips_the_test(listed: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="no running podman with the image busybox"):
        real_engines.require("podman")


def test_a_missing_engine_fails_the_test_where_all_are_required(
    listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPER_JUPYTER_TEST_REQUIRE", "all")
    either = (pytest.fail.Exception, pytest.skip.Exception)  # an uncaught skip would not be red
    with pytest.raises(either, match="no running podman") as raised:
        real_engines.require("podman")
    assert raised.type is pytest.fail.Exception


def test_a_socket_nobody_listens_on_is_no_engine(tmp_path: Path) -> None:
    assert real_engines.found_engine(tmp_path / "podman.sock") is None
