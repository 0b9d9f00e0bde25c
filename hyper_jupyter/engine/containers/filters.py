"""The ``filters`` parameter of lists and events.

Layer: engine. No I/O. Source: moby ``api/types/filters``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from hyper_jupyter.exceptions import ApiError

__all__ = ["Filters"]


class Filters:
    """Keys with the values that are let through; a key without values lets everything through."""

    def __init__(self, values: Mapping[str, Collection[str]] | None = None) -> None:
        self._values = {key: list(each) for key, each in (values or {}).items()}

    @classmethod
    def parse(cls, text: str, known: Collection[str]) -> Filters:
        """Read the parameter.

        Args:
            text: JSON, ``{"key": {"value": true}}`` or, from old clients, ``{"key": ["value"]}``.
            known: the keys that have a meaning.

        Raises:
            ApiError: 400 at anything else.
        """
        if not text:
            return cls()
        try:
            decoded = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, f"invalid filter: {str(error)[:200]}") from error
        if not isinstance(decoded, dict):
            raise ApiError(400, "invalid filter: not a JSON object")
        values: dict[str, list[str]] = {}
        for key, each in decoded.items():
            if key not in known:
                raise ApiError(400, f"invalid filter '{key[:100]}'")
            values[key] = _names(key, each)
        return cls(values)

    def __contains__(self, key: str) -> bool:
        return bool(self._values.get(key))

    def values(self, key: str) -> list[str]:
        """What was asked for under a key."""
        return self._values.get(key, [])

    def accepts(self, key: str, value: str) -> bool:
        """Whether `value` is one of the key's, exactly."""
        return key not in self or value in self._values[key]

    def finds(self, key: str, value: str) -> bool:
        """Whether `value` contains one of the key's, taken as text or as a pattern."""
        return key not in self or any(_found(each, value) for each in self._values[key])

    def accepts_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether all of ``label`` (``name`` or ``name=value``) are there."""
        for wanted in self.values("label"):
            name, equals, value = wanted.partition("=")
            if name not in labels or (equals and labels[name] != value):
                return False
        return True


def _names(key: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(name) for name, on in value.items() if on]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise ApiError(400, f"invalid filter '{key[:100]}': values are a list of strings")


def _found(pattern: str, value: str) -> bool:
    if pattern in value:
        return True
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return False
