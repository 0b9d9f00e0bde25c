"""The folders that newer engines run in."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

NEWER_SUITE = "trixie"
NEWER_PACKAGES = [
    *("base-files", "base-passwd"),
    *("docker.io", "podman", "runc", "uidmap", "iptables", "nftables", "netavark", "tini"),
    "busybox-static",
]
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def cache() -> Path:
    """Return the folder that ``install`` unpacks into, outside of the checkout."""
    chosen = os.environ.get("HYPER_JUPYTER_ENGINES_CACHE")
    if chosen:
        return Path(chosen).resolve()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hyper-jupyter-engines"


def newer_root() -> Path:
    """Return the root folder of the Debian 13 engines; its name depends on the list of packages."""
    digest = hashlib.sha256(" ".join(NEWER_PACKAGES).encode()).hexdigest()
    return cache() / f"{NEWER_SUITE}-{digest[:8]}"
