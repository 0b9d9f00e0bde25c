"""CHANGELOG.md: the heading of what is not released becomes the heading of a version.

No I/O, no clock: text and date in, text out.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

__all__ = ["BadChangelog", "released"]

_HEADING: Final = re.compile(r"^## .*$", re.MULTILINE)
_UNRELEASED: Final = re.compile(r"## Unreleased(?: \((?P<planned>[^)]*)\))?")


class BadChangelog(Exception):
    """There is nothing to release in it."""


def released(text: str, version: str, day: date) -> str:
    """Return the text with ``## VERSION (DATE)`` in place of ``## Unreleased``.

    Args:
        text: with "## Unreleased", or "## Unreleased (VERSION)", as its first section.
        version: the version.
        day: of the release.

    Raises:
        BadChangelog: the first section is another one, is about another version, or is empty; or
            the version has a section already.
    """
    headings = list(_HEADING.finditer(text))
    first = headings[0] if headings else None
    found = _UNRELEASED.fullmatch(first.group().rstrip()) if first is not None else None
    if first is None or found is None:
        raise BadChangelog('the first section of the changelog is not "## Unreleased"')
    if found["planned"] not in (None, version):
        raise BadChangelog(f"the changelog plans {found['planned']}, not {version}")
    if any(heading.group().split()[1:2] == [version] for heading in headings):
        raise BadChangelog(f"the changelog has a section for {version} already")
    end = headings[1].start() if len(headings) > 1 else len(text)
    if not re.search(r"^[-*] ", text[first.end() : end], re.MULTILINE):
        raise BadChangelog("the changelog has no entry below Unreleased")
    return f"{text[: first.start()]}## {version} ({day.isoformat()}){text[first.end() :]}"
