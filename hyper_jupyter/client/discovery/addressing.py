"""Making endpoints of addresses and names, with the TLS that belongs to them.

Layer: client. Any thread; reads the environment and the configuration of docker and podman.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hyper_jupyter.client.discovery.docker import context_endpoint, docker_folder
from hyper_jupyter.client.discovery.podman import PodmanConfiguration
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.tls import Tls
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["EndpointResolver", "TlsChoice"]

TlsChoice = str | os.PathLike[str] | bool | Mapping[str, str] | None
"""A folder with ``ca.pem``, ``cert.pem`` and ``key.pem``; a mapping of ``ca``, ``cert`` and ``key``
to files; ``True`` for the system's CAs; ``False`` for no TLS; ``None`` for what the environment
says (``DOCKER_TLS_VERIFY``, ``DOCKER_CERT_PATH``)."""


class EndpointResolver:
    """Makes endpoints of what a user or another program has written.

    Attributes:
        podman: Podman's configuration.

    Args:
        env: the environment.
        tls: of tcp endpoints; ``None`` decides by the environment.
        verify: whether certificates are checked.
    """

    def __init__(self, env: Mapping[str, str], tls: TlsChoice = None, verify: bool = True) -> None:
        self.podman = PodmanConfiguration(env)
        self._env = env
        self._tls = tls
        self._verify = verify

    def from_url(self, url: str) -> Endpoint:
        """Parse an address and add the TLS that belongs to it, as the docker command decides.

        ``tcp://`` is TLS where ``DOCKER_TLS_VERIFY`` or ``DOCKER_TLS`` is not empty, with the files
        of ``DOCKER_CERT_PATH`` or docker's own folder. Unlike the docker command, this verifies
        certificates even where only ``DOCKER_TLS`` is set.

        Raises:
            ConnectionFailed: it is not an address, or the caller's ``tls`` does not fit it.
        """
        env, endpoint = self._env, Endpoint.parse(url)
        if endpoint.scheme != "tcp" or self._tls is not None:
            return self._apply_choice(endpoint)
        plain = url.strip().lower().startswith("http://")
        if endpoint.host.endswith(".hyper.sh") and not plain:
            endpoint = replace(endpoint, tls=Tls())
        elif (env.get("DOCKER_TLS_VERIFY") or env.get("DOCKER_TLS")) and not plain:
            folder = Path(env.get("DOCKER_CERT_PATH") or docker_folder(env))
            endpoint = replace(endpoint, tls=Tls.from_folder(folder))
        return self._apply_choice(endpoint)

    def from_context(self, name: str) -> Endpoint:
        """Return the endpoint of a docker context.

        Raises:
            ConnectionFailed: as for :func:`context_endpoint`, or the caller's ``tls`` does not fit.
        """
        return self._apply_choice(context_endpoint(name, self._env))

    def from_podman_url(self, url: str, identity: str = "") -> Endpoint:
        """Parse an address of podman's configuration. Docker's variables for TLS do not apply.

        Args:
            url: the address.
            identity: file with the key for ssh; empty takes ``CONTAINER_SSHKEY``.

        Raises:
            ConnectionFailed: as for :meth:`from_url`.
        """
        endpoint = Endpoint.parse(url)
        if endpoint.scheme == "ssh":
            key = identity or self._env.get("CONTAINER_SSHKEY", "").strip()
            endpoint = replace(endpoint, identity=key)
        return self._apply_choice(endpoint)

    def from_podman_connection(self, name: str) -> Endpoint:
        """Return the endpoint of one of podman's connections.

        Raises:
            ConnectionFailed: podman has no connection of this name, or as for :meth:`from_url`.
        """
        found = self.podman.connection(name)
        return self.from_podman_url(found.url, found.identity)

    def _apply_choice(self, endpoint: Endpoint) -> Endpoint:
        """Apply the caller's ``tls`` and ``verify``, which win over everything else."""
        tls = self._tls
        if tls is not None:
            if endpoint.scheme != "tcp":
                if tls is False:
                    return endpoint
                raise ConnectionFailed(
                    f"{endpoint} has no TLS", hint="TLS is for https://host:port."
                )
            if tls is False:
                if endpoint.tls is not None:
                    raise ConnectionFailed(f"{endpoint} is TLS, and tls=False says that it is not")
            elif tls is True:
                endpoint = replace(endpoint, tls=endpoint.tls or Tls())
            elif isinstance(tls, Mapping):
                endpoint = replace(endpoint, tls=_from_mapping(tls))
            else:
                endpoint = replace(endpoint, tls=Tls.from_folder(Path(tls).expanduser()))
        if endpoint.tls is not None and not self._verify:
            endpoint = replace(endpoint, tls=replace(endpoint.tls, verify=False))
        return endpoint


def _from_mapping(files: Mapping[str, str]) -> Tls:
    unknown = set(files) - {"ca", "cert", "key"}
    if unknown or ("key" in files and "cert" not in files):
        raise ConnectionFailed("tls takes the files ca, cert and key", hint="A key has its cert.")
    paths = {name: str(Path(path).expanduser()) for name, path in files.items()}
    return Tls(ca=paths.get("ca", ""), cert=paths.get("cert", ""), key=paths.get("key", ""))
