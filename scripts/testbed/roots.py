"""The folders that newer engines run in: what each holds, and which suite of Debian it is from."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ENGINE_PACKAGES = ("podman", "runc", "uidmap", "iptables", "nftables", "netavark", "tini")
BASE_PACKAGES = ("base-files", "base-passwd", "busybox-static")


@dataclass(frozen=True)
class Root:
    """One root folder.

    Attributes:
        name: the suite that it is there for.
        packages: what apt is asked for, besides what they depend on.
        sources: the suites that packages come from.
        preferences: apt's preferences: which source a package comes from if several have it.
        required: whether it is an error that the suite does not have the packages.
    """

    name: str
    packages: tuple[str, ...]
    sources: tuple[str, ...]
    preferences: str = ""
    required: bool = True

    def folder(self) -> Path:
        """Return the folder. Its name depends on what it is made from."""
        made_from = "\n".join((*self.packages, *self.sources, self.preferences))
        return cache() / f"{self.name}-{hashlib.sha256(made_from.encode()).hexdigest()[:8]}"


TRIXIE = Root("trixie", (*BASE_PACKAGES, "docker.io", *ENGINE_PACKAGES), ("trixie",))

# Testing may lack a package for some weeks: sid fills the gap.
FORKY = Root(
    "forky",
    (*BASE_PACKAGES, "docker.io", *ENGINE_PACKAGES, "crun"),
    ("forky", "sid"),
    "Package: *\nPin: release n=sid\nPin-Priority: 100\n",
)

# Podman and what it comes with are taken from experimental where it has them, all else from sid.
EXPERIMENTAL = Root(
    "experimental",
    (*BASE_PACKAGES, "podman/experimental", *ENGINE_PACKAGES[1:], "crun"),
    ("sid", "experimental"),
    "Package: podman golang-github-containers-* netavark aardvark-dns conmon crun\n"
    "Pin: release a=experimental\nPin-Priority: 990\n",
    required=False,
)

ROOTS = (TRIXIE, FORKY, EXPERIMENTAL)


def cache() -> Path:
    """Return the folder that ``install`` unpacks into, outside of the checkout."""
    chosen = os.environ.get("HYPER_JUPYTER_ENGINES_CACHE")
    if chosen:
        return Path(chosen).resolve()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hyper-jupyter-engines"
