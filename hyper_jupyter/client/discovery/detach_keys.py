"""What the user's own engine commands are configured with, as far as it concerns attaching.

Layer: client. Any thread; reads files, writes none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hyper_jupyter.client.discovery.docker import docker_folder
from hyper_jupyter.client.discovery.files import read_settings
from hyper_jupyter.client.discovery.podman import PodmanConfiguration

__all__ = ["configured_detach_keys"]


def configured_detach_keys(engine: str, environ: Mapping[str, str] | None = None) -> str | None:
    """The user's detach keys.

    Docker: ``detachKeys`` of ``config.json`` in ``$DOCKER_CONFIG`` or ``~/.docker``. Hyper: the
    same of ``$HYPER_CONFIG`` or ``~/.hyper``. Podman: ``detach_keys`` below ``[engine]`` or
    ``[containers]`` of its ``containers.conf``, where present; else Docker's.

    Args:
        engine: ``"docker"``, ``"podman"``, ``"embedded"`` or ``"hyper"``.
        environ: instead of the process's environment.

    Returns:
        The sequence as it is written there, ``None`` where there is none. A file that cannot be
        read counts as absent, as it does for the engines' own commands.
    """
    env = os.environ if environ is None else environ
    if engine == "podman":
        keys = PodmanConfiguration(env).setting("detach_keys", "engine", "containers")
        if isinstance(keys, str) and keys:
            return keys
    if engine == "hyper":
        folder = Path(env.get("HYPER_CONFIG") or Path(env.get("HOME") or Path.home()) / ".hyper")
    else:
        folder = docker_folder(env)
    keys = read_settings(folder / "config.json").get("detachKeys")
    return keys if isinstance(keys, str) and keys else None
