"""Podman's own configuration: ``containers.conf``, and its list of connections.

Layer: client. Any thread; reads files, writes none.

This follows what podman 4.3 and 5.4 were seen to write and read. Podman 4 keeps connections in
``containers.conf``, podman 5 in ``podman-connections.json``. The latter win over those of the same
name in ``containers.conf``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.client.discovery.files import read_settings
from hyper_jupyter.client.secret import Secret
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["PodmanConfiguration", "PodmanConnection"]

_MAX_FILES: Final = 100
_SYSTEM: Final = ("/usr/share/containers", "/etc/containers")


@dataclass(frozen=True, slots=True)
class PodmanConnection:
    """A connection of ``podman system connection list``.

    Attributes:
        name: as the list shows it.
        url: of the engine; ``repr`` does not show it, because it may hold a password.
        identity: file with the key for ssh; empty for none.
    """

    name: str
    url: str = field(repr=False)
    identity: str = ""


class PodmanConfiguration:
    """What is configured now. Each file is read once, when it is needed.

    Args:
        env: has ``CONTAINERS_CONF``, ``CONTAINERS_CONF_OVERRIDE``, ``PODMAN_CONNECTIONS_CONF``,
            ``XDG_CONFIG_HOME`` and ``HOME``.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def connection(self, name: str) -> PodmanConnection:
        """Return the connection of a name (``CONTAINER_CONNECTION``).

        Raises:
            ConnectionFailed: there is none. That is an error for podman 5 too.
        """
        found = self._connections().get(name)
        if found is None:
            raise ConnectionFailed(
                f"podman has no connection {name[:100]!r}",
                hint="See podman system connection list.",
            )
        return found

    def default_connection(self) -> PodmanConnection | None:
        """Return the connection that podman's remote client uses; ``None`` if it has none.

        A default that is the name of no connection counts as none, as it does for podman.
        """
        kept = self._kept.get("Default")
        chosen = kept if isinstance(kept, str) and kept else self.setting("active_service")
        return self._connections().get(chosen) if isinstance(chosen, str) else None

    @property
    def is_remote(self) -> bool:
        """Whether plain ``podman`` uses its default connection.

        On Linux it runs containers itself, unless ``containers.conf`` has ``remote = true``.
        """
        return sys.platform != "linux" or self.setting("remote") is True

    def setting(self, name: str, *tables: str) -> Any:
        """Return a value of ``containers.conf``; ``None`` if no file has it.

        Args:
            name: of the value.
            tables: where it may be, ``engine`` by default. The first table that has it counts.
        """
        for table in tables or ("engine",):
            for content in reversed(self._files):
                section = content.get(table)
                if isinstance(section, dict) and name in section:
                    return section[name]
        return None

    def _connections(self) -> dict[str, PodmanConnection]:
        """Return all connections by name."""
        found: dict[str, PodmanConnection] = {}
        for content in self._files:
            engine = content.get("engine")
            entries = engine.get("service_destinations") if isinstance(engine, dict) else None
            found |= _read_connections(entries, "uri", "identity")
        return found | _read_connections(self._kept.get("Connections"), "URI", "Identity")

    @cached_property
    def _files(self) -> list[dict[str, Any]]:
        return [read_settings(path, tomllib.loads) for path in _paths(self._env)]

    @cached_property
    def _kept(self) -> dict[str, Any]:
        """The file of podman 5; empty if there is none, or if it is not JSON."""
        own = self._env.get("PODMAN_CONNECTIONS_CONF")
        path = Path(own or _own_folder(self._env) / "podman-connections.json")
        kept = read_settings(path).get("Connection")
        return kept if isinstance(kept, dict) else {}


def _read_connections(entries: Any, url: str, identity: str) -> dict[str, PodmanConnection]:
    found = {}
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        address = entry.get(url) if isinstance(entry, dict) else None
        if isinstance(address, str) and address.strip():
            key = entry.get(identity)
            found[name] = PodmanConnection(
                name, Secret(address), key if isinstance(key, str) else ""
            )
    return found


def _own_folder(env: Mapping[str, str]) -> Path:
    base = env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or Path.home()) / ".config"
    return Path(base) / "containers"


def _paths(env: Mapping[str, str]) -> Iterator[Path]:
    """The files of ``containers.conf``. Later ones win."""
    if named := env.get("CONTAINERS_CONF"):
        yield Path(named)
    else:
        for folder in (*map(Path, _SYSTEM), _own_folder(env)):
            yield folder / "containers.conf"
            try:
                more = sorted((folder / "containers.conf.d").glob("*.conf"))
            except (OSError, ValueError):
                continue
            yield from more[:_MAX_FILES]
    if last := env.get("CONTAINERS_CONF_OVERRIDE"):
        yield Path(last)
