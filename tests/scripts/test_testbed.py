"""Which engines the script for real engines must bring up, and what it does without the others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.testbed import starting, unpacking
from scripts.testbed.catalogue import ENGINES, Engine
from scripts.testbed.roots import EXPERIMENTAL, FORKY, ROOTS, Root
from scripts.testbed.tools import EnginesError

NEWEST = "podman-experimental"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that all roots are in; it is empty."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("HYPER_JUPYTER_ENGINES_CACHE", str(folder))
    return folder


def downloading(monkeypatch: pytest.MonkeyPatch, missing: Root) -> None:
    """Let apt have all suites except one, and each of them no package."""

    def download(root: Root, *_: Any) -> list[Path]:
        if root is missing:
            raise subprocess.CalledProcessError(100, ["apt-get"])
        return []

    monkeypatch.setattr(unpacking, "download", download)
    monkeypatch.setattr(unpacking, "fill", lambda root, *_: root.folder().mkdir())
    monkeypatch.setattr(unpacking, "mirror", lambda: "http://nowhere.invalid/debian")


def test_a_suite_without_its_engine_is_left_out_in_one_line_if_it_is_not_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    downloading(monkeypatch, EXPERIMENTAL)
    unpacking.unpack(ROOTS)
    assert [root.name for root in ROOTS if not root.folder().exists()] == ["experimental"]
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "engines: Debian experimental does not have its engine now: left out"


def test_a_suite_that_is_required_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    downloading(monkeypatch, FORKY)
    with pytest.raises(subprocess.CalledProcessError):
        unpacking.unpack(ROOTS)


def test_a_folder_s_name_changes_with_what_it_is_made_from() -> None:
    other = Root(FORKY.name, FORKY.packages, FORKY.sources, "Package: *\n", FORKY.required)
    assert FORKY.folder() != other.folder()


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[str]]:
    """A function that starts all engines except some, and returns those in engines.json."""

    def start(*, absent: str = "", broken: str = "") -> list[str]:
        for root in ROOTS:
            if root.name != absent:
                root.folder().mkdir()

        def finish(engine: Engine, *_: Any) -> dict[str, Any]:
            if engine.name == broken:
                raise EnginesError("it ended before it answered")
            return {"name": engine.name, "version": "1", "api_version": "1.41"}

        for name in ("make_certificates", "end", "stop"):
            monkeypatch.setattr(starting, name, lambda *_: None)
        monkeypatch.setattr(starting, "spawn", lambda *_: 1)
        monkeypatch.setattr(starting, "busybox_image", lambda: b"")
        monkeypatch.setattr(starting, "finish", finish)
        starting.start(tmp_path / "engines", require=True)
        return [
            entry["name"] for entry in json.loads((tmp_path / "engines/engines.json").read_text())
        ]

    return start


def test_all_engines_are_started(starts: Callable[..., list[str]]) -> None:
    assert starts() == [engine.name for engine in ENGINES]


def test_an_engine_that_is_not_required_may_be_absent(
    starts: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert NEWEST not in starts(absent="experimental")
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if NEWEST in line] == [
        f"engines: {NEWEST}: not installed, so not started; it is not required"
    ]


def test_an_engine_that_is_not_required_may_fail(starts: Callable[..., list[str]]) -> None:
    assert NEWEST not in starts(broken=NEWEST)


def test_an_engine_that_is_required_must_not_be_absent(starts: Callable[..., list[str]]) -> None:
    with pytest.raises(EnginesError, match="scripts/engines install"):
        starts(absent="forky")


def test_an_engine_that_is_required_must_come_up(starts: Callable[..., list[str]]) -> None:
    with pytest.raises(EnginesError, match="not all engines came up"):
        starts(broken="docker-forky")


def test_podman_with_cgroup_v2_alone_uses_a_runtime_that_takes_it() -> None:
    podmans = [engine for engine in ENGINES if engine.kind == "podman"]
    assert {engine.cgroup2 for engine in podmans} == {True, False}
    for engine in podmans:
        assert ("--runtime=crun" in engine.command()) is engine.cgroup2
        assert ("pids_limit = 0" in engine.settings()["containers.conf"]) is engine.cgroup2
