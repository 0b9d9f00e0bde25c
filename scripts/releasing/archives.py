"""What must be in the sdist and the wheel, by the names of files, and what must not.

Reads the names in the archives; nothing is unpacked.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

__all__ = ["sdist_faults", "sdist_names", "wheel_faults", "wheel_names"]

_SECOND: Final = tuple(
    f"second/{name}.js"
    for name in ("doctor", "lines", "place", "player", "reader", "reading", "search", "watches")
)
_STATIC: Final = frozenset(
    f"hyper_jupyter/static/{name}"
    for name in ("index.js", "replay.js", "style.css", "THIRD-PARTY-LICENSES.txt", *_SECOND)
)
_EXTENSIONS: Final = {
    "classic": ("nbextensions", ("bundle.js", "extension.js", "index.js", *_SECOND)),
    "lab": (
        "labextensions",
        (
            "install.json", "package.json", "static/bundle.js", "static/remoteEntry.HASH.js",
            *(f"static/{name}" for name in _SECOND),
        ),
    ),
}  # fmt: skip
BUILT: Final = _STATIC | {
    f"extension/{folder}/{name}" for folder, (_, names) in _EXTENSIONS.items() for name in names
}
"""The front end, which Git does not have. In the names of files here, HASH is any hash."""

_CONFIGURATION: Final = frozenset(
    {"jupyter_server_config.d/hyper_jupyter.json", "nbconfig/notebook.d/hyper_jupyter.json"}
)
_SDIST_FILES: Final = frozenset(
    {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "hatch_build.py", "pyproject.toml"}
)
_SDIST_FOLDERS: Final = ("extension/", "hyper_jupyter/", "jupyter-config/", "notebooks/")


def wheel_names(path: Path) -> set[str]:
    """Return the names of the files in a wheel."""
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def sdist_names(path: Path) -> set[str]:
    """Return the names of the files in an sdist, without the folder that holds them."""
    with tarfile.open(path) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


def wheel_faults(names: set[str], tracked: Iterable[str], version: str) -> list[str]:
    """Return what is wrong, a line for each file.

    Args:
        names: the files in the wheel.
        tracked: the files of the repository.
        version: of the wheel.
    """
    info, data = f"hyper_jupyter-{version}.dist-info", f"hyper_jupyter-{version}.data/data"
    names = _without_hashes(names)
    expected = _STATIC | {
        *_package(tracked),
        *(f"{data}/etc/jupyter/{name}" for name in _CONFIGURATION),
        *(
            f"{data}/share/jupyter/{folder}/hyper_jupyter/{name}"
            for folder, files in _EXTENSIONS.values()
            for name in files
        ),
        *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")),
        f"{info}/licenses/hyper_jupyter/static/THIRD-PARTY-LICENSES.txt",
    }
    return _lines("wheel", expected - names, names - expected)


def sdist_faults(names: set[str], tracked: Iterable[str]) -> list[str]:
    """Return what is wrong, a line for each file.

    Args:
        names: the files in the sdist.
        tracked: the files of the repository.
    """
    tracked, names = list(tracked), _without_hashes(names)
    # hatchling adds Git's list of what is ignored.
    allowed = _SDIST_FILES | BUILT | {*tracked, ".gitignore"}
    expected = _SDIST_FILES | BUILT | _package(tracked)
    expected |= {f"jupyter-config/{name}" for name in _CONFIGURATION}
    strange = {
        name
        for name in names
        if name not in allowed or ("/" in name and not name.startswith(_SDIST_FOLDERS))
    }
    return _lines("sdist", expected - names, strange)


def _without_hashes(names: Iterable[str]) -> set[str]:
    return {re.sub(r"(?<=/remoteEntry\.)[0-9a-f]{16}(?=\.js$)", "HASH", name) for name in names}


def _package(tracked: Iterable[str]) -> set[str]:
    return {
        name
        for name in tracked
        if name.startswith("hyper_jupyter/") and name.endswith((".py", ".json", "/py.typed"))
    }


def _lines(archive: str, missing: Iterable[str], strange: Iterable[str]) -> list[str]:
    return [
        *(f"the {archive} lacks {name}" for name in sorted(missing)),
        *(f"the {archive} should not have {name}" for name in sorted(strange)),
    ]
