"""The user's detach keys, from whichever file their engine's own command reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.client import EngineProfile, configured_detach_keys

DOCKER = EngineProfile.of("docker", api="1.45")
HYPER = EngineProfile.of("hyper", api="1.23")
PODMAN = EngineProfile.of("podman", api="1.41")
KEYS = '{"detachKeys": "ctrl-x,x"}'


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize("engine", ["docker", "embedded", "podman"])
def test_docker_s_file_in_the_home_folder(tmp_path: Path, engine: str) -> None:
    write(tmp_path / ".docker/config.json", KEYS)
    profile = EngineProfile.of(engine, api="1.41")
    assert configured_detach_keys(profile, {"HOME": str(tmp_path)}) == "ctrl-x,x"


def test_docker_s_folder_may_be_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / ".docker/config.json", '{"detachKeys": "a"}')
    write(tmp_path / "other/config.json", KEYS)
    env = {"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path / "other")}
    assert configured_detach_keys(DOCKER, env) == "ctrl-x,x"
    assert configured_detach_keys(DOCKER, env | {"DOCKER_CONFIG": ""}) == "a"


def test_hyper_reads_its_own_file_and_not_docker_s(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    write(tmp_path / ".docker/config.json", '{"detachKeys": "a"}')
    assert configured_detach_keys(HYPER, env) is None
    write(tmp_path / ".hyper/config.json", KEYS)
    assert configured_detach_keys(HYPER, env) == "ctrl-x,x"
    assert configured_detach_keys(DOCKER, env) == "a"
    write(tmp_path / "other/config.json", '{"detachKeys": "b"}')
    env["HYPER_CONFIG"] = str(tmp_path / "other")
    assert configured_detach_keys(HYPER, env) == "b"


@pytest.mark.parametrize("section", ["engine", "containers"])
def test_podman_s_own_file_comes_before_docker_s(tmp_path: Path, section: str) -> None:
    write(tmp_path / ".docker/config.json", '{"detachKeys": "a"}')
    write(
        tmp_path / ".config/containers/containers.conf", f'[{section}]\ndetach_keys = "ctrl-x,x"\n'
    )
    env = {"HOME": str(tmp_path)}
    assert configured_detach_keys(PODMAN, env) == "ctrl-x,x"
    assert configured_detach_keys(DOCKER, env) == "a"


def test_podman_s_file_may_be_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "x/containers/containers.conf", '[engine]\ndetach_keys = "b"\n')
    env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "x")}
    assert configured_detach_keys(PODMAN, env) == "b"
    write(tmp_path / "y.conf", '[engine]\ndetach_keys = "c"\n')
    assert (
        configured_detach_keys(PODMAN, env | {"CONTAINERS_CONF": str(tmp_path / "y.conf")}) == "c"
    )


@pytest.mark.parametrize(
    "text",
    ['engine = "no table"\n', "[engine]\n", "[engine]\ndetach_keys = 5\n",
     '[engine]\ndetach_keys = ""\n', "[engine\n", "x = " + "[" * 100_000, b"\xff\xfe"],
)  # fmt: skip
def test_a_broken_podman_file_counts_as_absent(tmp_path: Path, text: str | bytes) -> None:
    write(tmp_path / ".config/containers/containers.conf", text)
    write(tmp_path / ".docker/config.json", KEYS)
    assert configured_detach_keys(PODMAN, {"HOME": str(tmp_path)}) == "ctrl-x,x"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "5", "null", "{}", '{"detachKeys": ""}', '{"detachKeys": 5}',
     '{"detachKeys": null}', "[" * 100_000, b"\xff\xfe", " " * (1 << 20) + KEYS],
    ids=["empty", "cut", "list", "number", "null", "without", "empty keys", "number keys",
         "null keys", "deep", "no UTF-8", "too large"],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["docker", "hyper"])
def test_a_broken_file_counts_as_absent(tmp_path: Path, engine: str, text: str | bytes) -> None:
    write(tmp_path / f".{engine}/config.json", text)
    profile = EngineProfile.of(engine, api="1.41")
    assert configured_detach_keys(profile, {"HOME": str(tmp_path)}) is None


def test_a_missing_file_and_a_folder_in_its_place_count_as_absent(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert configured_detach_keys(DOCKER, env) is None
    assert configured_detach_keys(PODMAN, env) is None
    (tmp_path / ".docker/config.json").mkdir(parents=True)
    assert configured_detach_keys(DOCKER, env) is None


def test_the_process_s_environment_is_read_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "config.json", KEYS)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert configured_detach_keys(DOCKER) == "ctrl-x,x"
