"""The docker command's contexts: named endpoints in its configuration folder.

Layer: client. Any thread; reads files, writes none.

docker/cli stores them in ``contexts/meta/<sha256 of the name>/meta.json``, and the files for TLS in
``contexts/tls/<sha256 of the name>/docker``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hyper_jupyter.client.discovery.files import read_document, read_settings
from hyper_jupyter.client.transport.endpoint import DOCKER_SOCKET, Endpoint
from hyper_jupyter.client.transport.tls import Tls
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["context_endpoint", "current_context", "docker_folder"]


def docker_folder(env: Mapping[str, str]) -> Path:
    """Return the docker command's configuration folder."""
    return Path(env.get("DOCKER_CONFIG") or Path(env.get("HOME") or Path.home()) / ".docker")


def current_context(env: Mapping[str, str]) -> str:
    """Return what ``docker context use`` chose; empty for none, or if the file is not JSON."""
    name = read_settings(docker_folder(env) / "config.json").get("currentContext")
    return name if isinstance(name, str) and name != "default" else ""


def context_endpoint(name: str, env: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of a context.

    Args:
        name: as ``docker context ls`` shows it.
        env: has ``DOCKER_CONFIG`` and ``HOME``.

    Raises:
        ConnectionFailed: there is no such context, or it holds no address of an engine.
    """
    if name == "default":
        return Endpoint("unix", path=DOCKER_SOCKET)
    shown = repr(name[:100])
    folder = docker_folder(env) / "contexts"
    identity = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        meta = read_document(folder / "meta" / identity / "meta.json")
    except FileNotFoundError:
        raise ConnectionFailed(
            f"docker has no context {shown}", hint="See docker context ls."
        ) from None
    except (OSError, ValueError, RecursionError):
        raise ConnectionFailed(f"docker's context {shown} cannot be read") from None
    details: Any = meta
    for key in ("Endpoints", "docker"):
        details = details.get(key) if isinstance(details, dict) else None
    host = details.get("Host") if isinstance(details, dict) else None
    if not isinstance(host, str) or not host.strip():
        raise ConnectionFailed(f"docker's context {shown} has no address of an engine")
    endpoint = Endpoint.parse(host)
    if endpoint.scheme != "tcp":
        return endpoint
    # Set by docker context create … skip-tls-verify=true.
    verify = details.get("SkipTLSVerify") is not True
    files = folder / "tls" / identity / "docker"
    if _is_folder(files):
        return replace(endpoint, tls=Tls.from_folder(files, verify=verify))
    if not verify:
        return replace(endpoint, tls=Tls(verify=False))
    return endpoint


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
