"""The ``filters`` parameter of lists and events.

Layer: engine. No I/O here. Source: moby ``api/types/filters``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from hyper_jupyter.exceptions import ApiError

__all__ = ["Filters"]


class Filters:
    """Accepted values by key; a key without values accepts all."""

    def __init__(self, values: Mapping[str, Collection[str]] | None = None) -> None:
        self._values = {key: list(each) for key, each in (values or {}).items()}

    @classmethod
    def parse(cls, text: str, known: Collection[str]) -> Filters:
        """Read the parameter.

        Args:
            text: JSON, ``{"key": {"value": true}}`` or, from old clients, ``{"key": ["value"]}``.
            known: the keys that are allowed.

        Raises:
            ApiError: 400 if it is malformed, or has another key.
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
            values[key] = _parse_values(key, each)
        return cls(values)

    def __contains__(self, key: str) -> bool:
        return bool(self._values.get(key))

    def values(self, key: str) -> list[str]:
        """Return the values of a key."""
        return self._values.get(key, [])

    def accepts(self, key: str, value: str) -> bool:
        """Whether `value` is exactly one of the key's values."""
        return key not in self or value in self._values[key]

    def accepts_part(self, key: str, value: str) -> bool:
        """Whether `value` contains one of the key's values, taken as text or as a pattern."""
        return key not in self or any(_contains(value, each) for each in self._values[key])

    def one_flag(self, key: str) -> bool | None:
        """Return a key's value as a bool; ``None`` if it is missing.

        Raises:
            ApiError: 400 if it is something else, or has several values.
        """
        values = self.values(key)
        if not values:
            return None
        known = {"1": True, "true": True, "0": False, "false": False}
        if len(values) > 1 or values[0].lower() not in known:
            shown = " ".join(values)[:100]
            raise ApiError(400, f"invalid filter '{key}=[{shown}]'")
        return known[values[0].lower()]

    def accepts_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` have all that ``label`` asks for (``name`` or ``name=value``)."""
        return all(_is_labelled(labels, wanted) for wanted in self.values("label"))

    def excludes_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` have one that ``label!`` names."""
        return any(_is_labelled(labels, unwanted) for unwanted in self.values("label!"))


def _is_labelled(labels: Mapping[str, str], wanted: str) -> bool:
    name, equals, value = wanted.partition("=")
    return name in labels and (not equals or labels[name] == value)


def _parse_values(key: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(name) for name, on in value.items() if on]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise ApiError(400, f"invalid filter '{key[:100]}': values are a list of strings")


def _contains(value: str, pattern: str) -> bool:
    if pattern in value:
        return True
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return False
