"""Ids and names of containers.

Layer: engine. No I/O here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Container as Names
from typing import Final

from hyper_jupyter.exceptions import ApiError

__all__ = ["check_name", "new_id", "new_name"]

_VALID: Final = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+")

_ADJECTIVES: Final = (
    "amber brave breezy bright brisk calm candid chirpy clever cosy crisp curious dapper "
    "eager earnest fabled fair fleet fluent frank frosty gentle glad golden graceful handy "
    "hearty humble jolly keen kind lively lucid lucky mellow merry mild neat nimble noble "
    "patient placid plucky polite proud quiet quick rosy serene silent sleek sly snug "
    "sober spry steady sturdy sunny swift tidy tranquil upbeat vivid warm wary wise witty "
    "zesty "
)
_NOUNS: Final = (
    "acorn anchor anvil aspen badger beacon birch bison brook cairn canyon cedar clover "
    "comet condor cove crane delta dune ember falcon fern finch fjord geyser glacier gull "
    "harbor hazel heron ibis isle juniper kestrel lagoon lantern larch lichen lynx maple "
    "marten meadow mesa moss newt oriole otter pebble pine plover prairie quartz quill "
    "raven reef ridge robin sparrow spruce summit tern thicket tundra vale walnut willow "
    "wren "
)


def new_id() -> str:
    """Return a new id: 64 hexadecimal digits."""
    return secrets.token_hex(32)


def new_name(taken: Names[str]) -> str:
    """Return a random name, ``adjective_noun``, that is not taken."""
    while True:
        name = f"{secrets.choice(_ADJECTIVES.split())}_{secrets.choice(_NOUNS.split())}"
        if name not in taken:
            return name
        name += str(secrets.randbelow(1000))
        if name not in taken:
            return name


def check_name(name: str) -> str:
    """Return the name without its optional slash.

    Raises:
        ApiError: 400 if docker does not allow the name.
    """
    if not _VALID.fullmatch(name) or len(name) > 255:
        rule = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        least = ", at least two characters" if len(name.removeprefix("/")) < 2 else ""
        raise ApiError(400, f"Invalid container name ({name[:300]}), {rule}{least}")
    return name.removeprefix("/")
