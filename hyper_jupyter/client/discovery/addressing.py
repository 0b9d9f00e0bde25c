"""How what is written somewhere becomes an endpoint, with the TLS that belongs to it.

Layer: client. No threads; reads the environment and the configuration of docker and podman.
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
"""A folder with ``ca.pem``, ``cert.pem`` and ``key.pem``; ``True`` for the system's CAs; ``False``
for no TLS; a mapping with ``ca``, ``cert`` and ``key``; ``None`` for what the environment says."""


class EndpointResolver:
    """Makes endpoints.

    Attributes:
        podman: Podman's configuration.

    Args:
        env: the environment.
        tls: how a tcp endpoint is protected; ``None`` for what the environment says.
        verify: whether the engine has to prove who it is.
    """

    def __init__(self, env: Mapping[str, str], tls: TlsChoice = None, verify: bool = True) -> None:
        self.podman = PodmanConfiguration(env)
        self._env = env
        self._tls = tls
        self._verify = verify

    def from_url(self, url: str) -> Endpoint:
        """An address with the TLS that belongs to it, as the docker command decides.

        ``tcp://`` is TLS where ``DOCKER_TLS_VERIFY`` or ``DOCKER_TLS`` is not empty, with the files
        of ``DOCKER_CERT_PATH`` or docker's own folder. Other than the docker command, certificates
        are verified even where only the latter is set.

        Raises:
            ConnectionFailed: it is no address, or the caller's choice does not fit it.
        """
        env, endpoint = self._env, Endpoint.parse(url)
        if endpoint.scheme != "tcp" or self._tls is not None:
            return self._chosen(endpoint)
        plain = url.strip().lower().startswith("http://")
        if endpoint.host.endswith(".hyper.sh") and not plain:
            endpoint = replace(endpoint, tls=Tls())
        elif (env.get("DOCKER_TLS_VERIFY") or env.get("DOCKER_TLS")) and not plain:
            folder = Path(env.get("DOCKER_CERT_PATH") or docker_folder(env))
            endpoint = replace(endpoint, tls=Tls.from_folder(folder))
        return self._chosen(endpoint)

    def from_context(self, name: str) -> Endpoint:
        """The endpoint of a docker context.

        Raises:
            ConnectionFailed: as :func:`context_endpoint`, or the caller's choice does not fit it.
        """
        return self._chosen(context_endpoint(name, self._env))

    def from_podman_url(self, url: str, identity: str = "") -> Endpoint:
        """An address as podman has it: docker's variables for TLS are not for it.

        Args:
            url: the address.
            identity: file with the key for ssh; else ``CONTAINER_SSHKEY``.

        Raises:
            ConnectionFailed: as for :meth:`from_url`.
        """
        endpoint = Endpoint.parse(url)
        if endpoint.scheme == "ssh":
            key = identity or self._env.get("CONTAINER_SSHKEY", "").strip()
            endpoint = replace(endpoint, identity=key)
        return self._chosen(endpoint)

    def from_podman_connection(self, name: str) -> Endpoint:
        """The endpoint of one of podman's connections.

        Raises:
            ConnectionFailed: there is none of this name, or as for :meth:`from_url`.
        """
        found = self.podman.connection(name)
        return self.from_podman_url(found.url, found.identity)

    def _chosen(self, endpoint: Endpoint) -> Endpoint:
        """What the caller said of TLS wins."""
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
