"""The real engines that tests run against, and what to do where one is missing.

Any thread. CI names its engines in HYPER_JUPYTER_TEST_ENGINES, as ``scripts/engines start`` wrote
them, and sets HYPER_JUPYTER_TEST_REQUIRE=all: there a missing engine is a failure. On a user's
machine a running Docker or Podman is used if it has the image ``busybox`` already; tests that find
none are skipped.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest


@dataclass(frozen=True)
class RealEngine:
    """A running engine with the image ``busybox``.

    Attributes:
        name: what test reports call it, such as "docker26".
        kind: "docker" or "podman".
        url: where it listens, "unix://" and a path.
        version: its own version, such as "26.1.5+dfsg1".
        tls: the address where it speaks TLS; empty where it does not.
        certificates: the folder of who may speak to it there.
    """

    name: str
    kind: str
    url: str
    version: str
    tls: str = ""
    certificates: str = ""


def real_engines() -> list[RealEngine]:
    """The engines to test against; none is no error."""
    listed = os.environ.get("HYPER_JUPYTER_TEST_ENGINES")
    if not listed:
        usual = [found_engine(path) for path in usual_sockets()]
        return [engine for engine in usual if engine is not None]
    found = []
    for entry in json.loads(Path(listed).read_text()):
        tls = entry.get("tls") or {"url": "", "certificates": ""}
        where = (f"unix://{entry['socket']}", entry["version"], tls["url"], tls["certificates"])
        found.append(RealEngine(entry["name"], entry["kind"], *where))
    return found


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
    return RealEngine(kind, kind, f"unix://{path}", version["Version"])


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
