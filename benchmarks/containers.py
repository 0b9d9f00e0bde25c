"""Containers for the benchmarks. docker-py makes them, so our own code has no part in it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

import docker
from docker.types import LogConfig

from benchmarks.part import Missing, Options, docker_engine

__all__ = ["Containers", "containers", "docker_attach"]

SLACK = 600.0
"""Seconds to wait for anything; after that it counts as broken."""


class Containers:
    """Makes containers of one engine.

    Attributes:
        url: where the engine listens.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = docker.DockerClient(base_url=url, timeout=60)
        self._made: list[Any] = []

    def start(self, script: str, files: Mapping[str, bytes] | None = None) -> str:
        """Start a container that has no log, and whose stdin ends with its first client.

        Args:
            script: a script for busybox' shell.
            files: files to put into its root before the start.

        Returns:
            The container's id.
        """
        made = self._client.containers.create(
            "busybox",
            ["sh", "-c", script],
            network_mode="none",
            stdin_open=True,
            log_config=LogConfig(type="none"),
        )
        self._made.append(made)
        if files:
            made.put_archive("/", _archive(files))
        made.start()
        return str(made.id)

    def start_logged(self, script: str) -> str:
        """Run a script in a container that has a log, to its end; return the container's id."""
        made = self._client.containers.create("busybox", ["sh", "-c", script], network_mode="none")
        self._made.append(made)
        made.start()
        made.wait(timeout=SLACK)
        return str(made.id)

    def remove(self, identifier: str) -> None:
        """End a container and remove it."""
        with contextlib.suppress(docker.errors.APIError):
            self._client.api.remove_container(identifier, force=True)

    def close(self) -> None:
        """Remove all containers that are left."""
        for made in self._made:
            self.remove(made.id)
        self._client.close()


@contextlib.contextmanager
def containers(options: Options) -> Iterator[Containers]:
    """Make containers on the engine to measure with; remove them all at the end."""
    made = Containers(docker_engine(options).url)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def docker_attach(url: str, identifier: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``docker attach ID > /dev/null`` as a process with a pipe for its stdin."""
    command = ["docker", "--host", url, "attach", "--sig-proxy=false", identifier]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
    try:
        client = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment
        )
    except FileNotFoundError:
        raise Missing("no docker command line") from None
    try:
        yield client
    finally:
        client.kill()
        assert client.stdin is not None
        with contextlib.suppress(OSError):
            client.stdin.close()
        client.wait()


def _archive(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()
