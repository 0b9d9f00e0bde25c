"""End what was started, and leave nothing of it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .tools import EnginesError, ask, descend, gone, is_alive

STOP_TIMEOUT = 15.0


def stop(folder: Path) -> None:
    """End every engine that ``start`` started for this folder, and delete its data."""
    record = folder / "started.json"
    if not record.exists():
        raise EnginesError(f"no engines were started in {folder}")
    holders = json.loads(record.read_text())
    with ThreadPoolExecutor(len(holders)) as pool:
        list(pool.map(end, holders.values(), (folder / name for name in holders)))
    (folder / "engines.json").unlink(missing_ok=True)
    shutil.rmtree(folder / "certificates", ignore_errors=True)
    record.unlink()


def end(holder: dict[str, Any], place: Path) -> None:
    """End one engine: its containers, then itself, then everything left in its namespaces."""
    path = place / "engine.sock"
    if is_alive(holder):
        containers = remove_containers(path)
        first = descend(holder["pid"], 1)
        if first is not None:
            os.kill(first, signal.SIGTERM)
        if not gone(holder, STOP_TIMEOUT):
            # This also kills the namespaces' first process (--kill-child), and with it all others.
            os.kill(holder["pid"], signal.SIGKILL)
            if not gone(holder, STOP_TIMEOUT):
                raise EnginesError(f"process {holder['pid']} does not end")
        remove_control_groups(containers)
    for left in place.iterdir():
        if left.name == "log":
            continue
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def remove_containers(path: Path) -> list[str]:
    """Remove an engine's containers, as far as possible; return their ids."""
    try:
        listed = json.loads(ask(path, "GET", "/containers/json?all=1", timeout=5))
    except (OSError, http.client.HTTPException, EnginesError, ValueError):
        return []
    found = [container["Id"] for container in listed]
    deadline = time.monotonic() + STOP_TIMEOUT
    for identifier in found:
        # Kill first: Podman's forced removal gives a container ten seconds to end.
        requests = (
            ("POST", f"/containers/{identifier}/unpause"),
            ("POST", f"/containers/{identifier}/kill"),
            ("DELETE", f"/containers/{identifier}?force=1&v=1"),
        )
        for method, target in requests:
            if time.monotonic() > deadline:
                return found
            with contextlib.suppress(OSError, http.client.HTTPException, EnginesError):
                ask(path, method, target, timeout=5)
    return found


def remove_control_groups(containers: list[str]) -> None:
    """Remove the empty cgroups that Podman leaves after it removed containers by force."""
    for identifier in containers:
        for group in Path("/sys/fs/cgroup").glob(f"**/*{identifier}*"):
            with contextlib.suppress(OSError):  # it is gone already, or in use and not ours
                group.rmdir()
