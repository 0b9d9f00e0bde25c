"""A machine that lies in one folder: its well-known sockets, and other programs' configuration."""

from __future__ import annotations

import hashlib
import json
import socket
from contextlib import ExitStack
from pathlib import Path


class Machine:
    """The well-known sockets of a machine that lies in one folder."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self._stack = stack
        self.docker, self.podman = root / "docker.sock", root / "podman.sock"
        self.home, self.runtime = root / "h", root / "r"
        self.environ = {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.runtime)}

    def listen(self, path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        listener = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen()
        return f"unix://{path}"


def add_context(machine: Machine, name: str, meta: object, **files: bytes) -> None:
    """A context, as ``docker context create`` stores it."""
    identity = hashlib.sha256(name.encode()).hexdigest()
    folder = machine.home / ".docker/contexts"
    (folder / "meta" / identity).mkdir(parents=True)
    content = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
    (folder / "meta" / identity / "meta.json").write_bytes(content)
    for file, text in files.items():
        path = folder / "tls" / identity / "docker" / f"{file}.pem"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def choose_context(machine: Machine, content: object) -> None:
    folder = machine.home / ".docker"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(content))


def docker(host: str, **more: object) -> dict[str, object]:
    return {"Name": "x", "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}}


# As podman 5.4.2 wrote it for three times ``podman system connection add``.
KEPT_BY_5 = (
    '{"Connection":{"Default":"near","Connections":{'
    '"far":{"URI":"ssh://me@box.example:2222/run/user/1000/podman/podman.sock",'
    '"Identity":"/mnt/id"},'
    '"near":{"URI":"unix:///mnt/engines.sock"},'
    '"tcpone":{"URI":"tcp://10.0.0.5:8080"}}},"Farm":{}}\n'
)


# As podman 4.3.1 did.
KEPT_BY_4 = """[containers]

[engine]
  active_service = "near4"
  [engine.service_destinations]
    [engine.service_destinations.far4]
      uri = "ssh://me@box.example:2222/run/user/1000/podman/podman.sock"
      identity = "/tmp/id"
    [engine.service_destinations.near]
      uri = "unix:///hidden/by/5"
    [engine.service_destinations.near4]
      uri = "unix:///mnt/engine4.sock"

[machine]

[network]

[secrets]

[configmaps]
"""


REMOTE = "[engine]\nremote = true\n"


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def containers(machine: Machine) -> Path:
    return machine.home / ".config/containers"
