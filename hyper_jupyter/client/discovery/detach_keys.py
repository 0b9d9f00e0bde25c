"""The detach keys that the user has configured for the engine's own command.

Layer: client. Any thread; reads files, writes none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hyper_jupyter.client.discovery.docker import docker_folder
from hyper_jupyter.client.discovery.files import read_settings
from hyper_jupyter.client.discovery.podman import PodmanConfiguration
from hyper_jupyter.client.profile import EngineProfile, KeysFile

__all__ = ["configured_detach_keys"]


def configured_detach_keys(
    profile: EngineProfile, environ: Mapping[str, str] | None = None
) -> str | None:
    """Return the user's detach keys.

    Docker: ``detachKeys`` of ``config.json`` in ``$DOCKER_CONFIG`` or ``~/.docker``. Hyper: the
    same of ``$HYPER_CONFIG`` or ``~/.hyper``. Podman: ``detach_keys`` below ``[engine]`` or
    ``[containers]`` of its ``containers.conf``.

    Args:
        profile: of the engine; it says which files count.
        environ: replaces the process's environment.

    Returns:
        The sequence as it is written there; ``None`` if none is configured. A file that cannot be
        read counts as absent, as it does for the engines' own commands.
    """
    env = os.environ if environ is None else environ
    for file in profile.detach_keys_files:
        if isinstance(keys := _READERS[file](env), str) and keys:
            return keys
    return None


def _of_docker(env: Mapping[str, str]) -> object:
    return read_settings(docker_folder(env) / "config.json").get("detachKeys")


def _of_hyper(env: Mapping[str, str]) -> object:
    folder = Path(env.get("HYPER_CONFIG") or Path(env.get("HOME") or Path.home()) / ".hyper")
    return read_settings(folder / "config.json").get("detachKeys")


def _of_podman(env: Mapping[str, str]) -> object:
    return PodmanConfiguration(env).setting("detach_keys", "engine", "containers")


_READERS: Final[dict[KeysFile, Callable[[Mapping[str, str]], object]]] = {
    KeysFile.DOCKER: _of_docker,
    KeysFile.HYPER: _of_hyper,
    KeysFile.PODMAN: _of_podman,
}
