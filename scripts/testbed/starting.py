"""Start the engines, wait until they answer, and describe them."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .catalogue import ACTIVATE, ENGINES, PLACE, Engine, installed
from .material import busybox_image, make_certificates
from .stopping import end, stop
from .tools import EnginesError, answers, ask, birth, descend, identity, say, write_json

START_TIMEOUT = 60.0


def start(folder: Path, *, require: bool) -> None:
    """Start all engines in parallel, give each the image, write engines.json."""
    if (folder / "started.json").exists():
        raise EnginesError(f"engines were already started in {folder}: stop them first")
    engines = installed()
    absent = [engine for engine in ENGINES if engine not in engines]
    if any(engine.required for engine in absent):
        raise EnginesError("not all engines are installed: run `scripts/engines install`")
    for engine in absent:
        say(f"{engine.name}: not installed, so not started; it is not required")
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    make_certificates(folder / "certificates")
    holders = {engine.name: spawn(engine, folder / engine.name) for engine in engines}
    record_holders(folder, holders)
    image = busybox_image()
    ready: dict[str, dict[str, Any]] = {}
    for engine in engines:
        place = folder / engine.name
        for again in (True, False):  # a busy machine can be too slow for an engine's own timeouts
            try:
                entry = finish(engine, place, holders[engine.name], image)
            except (EnginesError, OSError, http.client.HTTPException, ValueError) as reason:
                say(f"{engine.name} {'tried again' if again else 'left out'}: {reason}")
                end(identity(holders[engine.name]), place)
                if again:
                    holders[engine.name] = spawn(engine, place)
                    record_holders(folder, holders)
                continue
            ready[engine.name] = entry
            took = time.monotonic() - began
            say(
                f"{engine.name}: {entry['version']} (API {entry['api_version']}) after {took:.1f} s"
            )
            break
    write_json(folder / "engines.json", list(ready.values()))
    if require and any(engine.required and engine.name not in ready for engine in engines):
        stop(folder)
        raise EnginesError("not all engines came up")


def record_holders(folder: Path, holders: dict[str, int]) -> None:
    """Write down the processes that ``stop`` has to end: the name of an engine to its process."""
    write_json(folder / "started.json", {name: identity(pid) for name, pid in holders.items()})


def spawn(engine: Engine, place: Path) -> int:
    """Start an engine in its own namespaces; return the pid of the process that holds them."""
    return launch(engine, place).pid


def launch(engine: Engine, place: Path) -> subprocess.Popen[bytes]:
    """Start an engine in its own namespaces; return the process that holds them."""
    place.mkdir(parents=True, exist_ok=True)
    socket_path = place / "engine.sock"
    if len(os.fsencode(socket_path)) > 107:
        raise EnginesError(f"{socket_path} is too long for a socket: choose a shorter DIR")
    for name, content in engine.settings().items():
        (place / name).write_text(content)
    for name in ("tmp", "networks"):
        (place / name).mkdir(exist_ok=True)
    environment = {
        "PATH": "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": PLACE,
        "TMPDIR": f"{PLACE}/tmp",
        "CONTAINERS_CONF": f"{PLACE}/containers.conf",
        "CONTAINERS_REGISTRIES_CONF": f"{PLACE}/registries.conf",
        "LANG": "C.UTF-8",
    }
    with (place / "log").open("ab") as log, socket.create_server(("127.0.0.1", 0)) as listener:
        command = engine.command()
        handed: tuple[int, ...] = ()
        if engine.kind == "docker":
            shutil.copytree(place.parent / "certificates/server", place / "tls", dirs_exist_ok=True)
            write_json(place / "port.json", listener.getsockname()[1])
            handed = (listener.fileno(),)
            command = ["/bin/busybox", "sh", "-c", ACTIVATE, "sh", str(handed[0]), *command]
        return subprocess.Popen(
            [*engine.entering(place), *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            pass_fds=handed,
            start_new_session=True,
        )


def finish(engine: Engine, place: Path, holder: int, image: bytes) -> dict[str, Any]:
    """Wait until the engine answers, import the image, and describe the engine."""
    path = place / "engine.sock"
    wait_until(lambda: answers(path), holder, START_TIMEOUT, place / "log")
    changes = "".join(f"&changes={quote(change)}" for change in ("ENV PATH=/bin", 'CMD ["sh"]'))
    ask(path, "POST", f"/images/create?fromSrc=-&repo=busybox&tag=latest{changes}", image)
    ask(path, "POST", "/images/busybox:latest/tag?repo=busybox&tag=local")
    version = json.loads(ask(path, "GET", "/version"))
    tls = None
    if engine.kind == "docker":
        port = json.loads((place / "port.json").read_text())
        client = place.parent / "certificates/client"
        tls = {"url": f"https://127.0.0.1:{port}", "certificates": str(client)}
    return {
        "name": engine.name,
        "kind": engine.kind,
        "socket": str(path),
        "tls": tls,
        "version": version["Version"],
        "api_version": version["ApiVersion"],
        "lowest_api_version": version["MinAPIVersion"],
        "pid": descend(holder, 2),
    }


def wait_until(ready: Callable[[], bool], holder: int, timeout: float, log: Path) -> None:
    """Wait until the engine of this process is ready.

    Raises:
        EnginesError: it ended, or took too long; with the last line of its log.
    """
    deadline = time.monotonic() + timeout
    while not ready():
        said = (log.read_text(errors="replace").strip().splitlines() or ["(no output)"])[-1]
        if birth(holder) is None:
            raise EnginesError(f"it ended before it answered: {said}")
        if time.monotonic() > deadline:
            raise EnginesError(f"no answer within {timeout:.0f} s: {said}")
        time.sleep(0.1)
