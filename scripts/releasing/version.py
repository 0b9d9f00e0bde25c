"""The version: what it looks like, and the files that hold it.

No I/O: text in, text out. The page compares its own version with the package's, so the two are
always equal. Three numbers only: npm and PyPI write anything else in different ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["FILES", "BadVersion", "parse_version", "read_version", "write_version"]

FILES: Final[Mapping[str, tuple[re.Pattern[str], int]]] = {
    "hyper_jupyter/version.py": (re.compile(r'^(__version__ = ")(.*)(")$', re.MULTILINE), 1),
    "js/package.json": (re.compile(r'^(  "version": ")(.*)(",)$', re.MULTILINE), 1),
    # npm's lock file has it twice: for itself, and for the package at its root, the empty name.
    "js/package-lock.json": (
        re.compile(
            r'(\A\{\n  "name": "[^"\n]*",\n  "version": "|'
            r'^  "packages": \{\n    "": \{\n      "name": "[^"\n]*",\n      "version": ")'
            r'([^"\n]*)(",)$',
            re.MULTILINE,
        ),
        2,
    ),
}
"""The files, how they write the version, and how often."""


class BadVersion(Exception):
    """A version is malformed, or a file does not have it where it should."""


def parse_version(text: str) -> tuple[int, int, int]:
    """Return the three numbers.

    Raises:
        BadVersion: it is anything else.
    """
    found = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", text, re.ASCII)
    if found is None:
        raise BadVersion(f"{text!r} is no version: three numbers are, such as 1.2.3")
    major, minor, patch = (int(number) for number in found.groups())
    return major, minor, patch


def read_version(name: str, text: str) -> str:
    """Return the version that one of :data:`FILES` holds.

    Raises:
        BadVersion: it has none, too many, or different ones.
    """
    pattern, times = FILES[name]
    found = [match.group(2) for match in pattern.finditer(text)]
    if len(found) != times or len(set(found)) != 1:
        raise BadVersion(f"{name} must hold one version in {times} places, and has {found}")
    return found[0]


def write_version(name: str, text: str, version: str) -> str:
    """Return the text of one of :data:`FILES` with another version.

    Raises:
        BadVersion: the old one is not where it should be.
    """
    read_version(name, text)
    return FILES[name][0].sub(rf"\g<1>{version}\g<3>", text)
