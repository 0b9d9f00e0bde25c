"""Fields of a request's JSON: read with their types checked.

Layer: engine. No I/O here. A field that is missing, or ``null``, has its type's empty value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hyper_jupyter.exceptions import ApiError

__all__ = ["read_flag", "read_number", "read_object", "read_strings", "read_text", "read_texts"]

Body = Mapping[str, Any]


def read_text(body: Body, key: str) -> str:
    """Return a string without zero bytes.

    Raises:
        ApiError: 400, as all functions here.
    """
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise _invalid(key, "a string")
    return value


def read_texts(body: Body, key: str) -> tuple[str, ...]:
    """Return a list of strings without zero bytes; one string is a list of one."""
    value = body.get(key)
    if value is None:
        return ()
    if isinstance(value, str):  # moby takes it as one argument, and does not split it
        value = [value]
    if not isinstance(value, list) or not all(
        isinstance(each, str) and "\0" not in each for each in value
    ):
        raise _invalid(key, "a list of strings")
    return tuple(value)


def read_flag(body: Body, key: str) -> bool:
    """Return a bool."""
    value = body.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _invalid(key, "true or false")
    return value


def read_number(body: Body, key: str) -> int | None:
    """Return a whole number, ``None`` if it is missing."""
    value = body.get(key)
    if value is not None and type(value) is not int:
        raise _invalid(key, "a number")
    return value


def read_object(body: Body, key: str) -> Body:
    """Return an object."""
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid(key, "an object")
    return value


def read_strings(body: Body, key: str) -> dict[str, str]:
    """Return an object whose values are strings."""
    value = read_object(body, key)
    if not all(isinstance(each, str) for each in value.values()):
        raise _invalid(key, "strings by name")
    return dict(value)


def _invalid(key: str, wanted: str) -> ApiError:
    return ApiError(400, f"invalid request body: {key} must be {wanted}")
