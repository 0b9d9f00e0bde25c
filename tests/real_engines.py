"""The real engines that tests run against, and what to do where one is missing.

Any thread. CI names its engines in HYPER_JUPYTER_TEST_ENGINES, as ``scripts/engines start`` wrote
them, and sets HYPER_JUPYTER_TEST_REQUIRE=all: there a missing engine is a failure. On a user's
machine a running Docker or Podman is used if it has the image ``busybox`` already; tests that find
none are skipped.

Not every scenario runs on every engine. The newest engines of each kind run the *full list*
(``full_list``). The others run a core, and what their profile makes different
(``differing_fields``). HYPER_JUPYTER_TEST_SCENARIOS=all, which ``make test-all`` sets, runs
everything everywhere.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from hyper_jupyter.client.negotiation import choose_version
from hyper_jupyter.client.profile import EngineProfile, version_numbers

IN_FULL: Final = {"docker": 2, "podman": 1}
"""How many engines of each kind run the full list of scenarios, from the newest on."""


@dataclass(frozen=True)
class RealEngine:
    """A running engine with the image ``busybox``.

    Attributes:
        name: what test reports call it, such as "docker26".
        kind: "docker" or "podman".
        url: where it listens, "unix://" and a path.
        version: its own version, such as "26.1.5+dfsg1".
        api_version: the newest version of the API that it takes, such as "1.45".
        lowest_api_version: the oldest one.
        tls: the address where it speaks TLS; empty where it does not.
        certificates: the folder of who may speak to it there.
        pid: of the engine, whose parent has its network; 0 if ``scripts/engines`` has not started
            it.
    """

    name: str
    kind: str
    url: str
    version: str
    api_version: str
    lowest_api_version: str
    tls: str = ""
    certificates: str = ""
    pid: int = 0

    @property
    def profile(self) -> EngineProfile:
        """The profile that a client chooses for it."""
        api = choose_version(self.lowest_api_version, self.api_version)
        return EngineProfile.of(self.kind, self.version, api=api)


def real_engines() -> list[RealEngine]:
    """The engines to test against; none is no error."""
    listed = os.environ.get("HYPER_JUPYTER_TEST_ENGINES")
    if not listed:
        usual = [found_engine(path) for path in usual_sockets()]
        return [engine for engine in usual if engine is not None]
    found = []
    for entry in json.loads(Path(listed).read_text()):
        tls = entry.get("tls") or {"url": "", "certificates": ""}
        found.append(
            RealEngine(
                entry["name"],
                entry["kind"],
                f"unix://{entry['socket']}",
                entry["version"],
                entry["api_version"],
                entry["lowest_api_version"],
                tls["url"],
                tls["certificates"],
                entry["pid"],
            )
        )
    return found


def everything_everywhere() -> bool:
    """Whether every scenario runs on every engine."""
    return os.environ.get("HYPER_JUPYTER_TEST_SCENARIOS") == "all"


def newest(engines: Sequence[RealEngine], kind: str, number: int = 1) -> list[RealEngine]:
    """The newest engines of one kind, in the order of their versions."""
    of_kind = [engine for engine in engines if engine.kind == kind]
    return sorted(of_kind, key=lambda engine: version_numbers(engine.version))[-number:]


def full_list(engines: Sequence[RealEngine]) -> list[RealEngine]:
    """The engines that run the full list of scenarios."""
    if everything_everywhere():
        return list(engines)
    return [each for kind, number in IN_FULL.items() for each in newest(engines, kind, number)]


def newest_of_each_kind() -> list[RealEngine]:
    """The engines for tests that take long and show that a kind of engine works at all."""
    engines = real_engines()
    if everything_everywhere():
        return engines
    return [each for kind in IN_FULL for each in newest(engines, kind)]


def differing_fields(engine: RealEngine, full: Sequence[RealEngine]) -> frozenset[str]:
    """The fields of an engine's profile whose values no engine of its kind has in ``full``."""
    others = [each.profile for each in full if each.kind == engine.kind]
    return frozenset(
        field.name
        for field in fields(EngineProfile)
        if all(
            getattr(engine.profile, field.name) != getattr(other, field.name) for other in others
        )
    )


def require(part: str) -> list[RealEngine]:
    """The engines of this name or kind; without one the test is skipped, or fails in CI."""
    chosen = [engine for engine in real_engines() if part in {engine.name, engine.kind}]
    if not chosen:
        skip_or_fail(f"no running {part} with the image busybox")
    return chosen


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test with one line; where all parts are required, fail it."""
    if os.environ.get("HYPER_JUPYTER_TEST_REQUIRE") == "all":
        pytest.fail(f"{reason}, and HYPER_JUPYTER_TEST_REQUIRE=all", pytrace=False)
    pytest.skip(reason)


def usual_sockets() -> list[Path]:
    """Where Docker and Podman listen when nobody said anything else."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return [
        Path("/var/run/docker.sock"),
        *([Path(runtime) / "podman/podman.sock"] if runtime else []),
        Path("/run/podman/podman.sock"),
    ]


def found_engine(path: Path) -> RealEngine | None:
    """The engine behind a socket; None without one, or when it lacks the image."""
    try:
        version = get(path, "/version")
        get(path, "/images/busybox/json")
    except (OSError, http.client.HTTPException, ValueError):
        return None
    parts = {part.get("Name") for part in version.get("Components") or []}
    kind = "podman" if "Podman Engine" in parts else "docker"
    api, lowest = version["ApiVersion"], version["MinAPIVersion"]
    return RealEngine(kind, kind, f"unix://{path}", version["Version"], api, lowest)


def get(path: Path, target: str) -> Any:
    """One GET of a JSON document over a unix socket; OSError for any status but 200."""
    connection = http.client.HTTPConnection("engine", timeout=2)
    with socket.socket(socket.AF_UNIX) as connected:
        connected.settimeout(2)
        connected.connect(str(path))
        connection.sock = connected
        connection.request("GET", target)
        answer = connection.getresponse()
        content = answer.read()
    if answer.status != http.client.OK:
        raise OSError(f"{target}: {answer.status}")
    return json.loads(content)
