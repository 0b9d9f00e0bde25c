"""Inputs that are nearly right: seeds, changed at a few places and cut into pieces.

Any thread; the same number gives the same input.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from typing import Any, Final

__all__ = ["changed", "mutated"]

_TOKENS: Final = (
    b"\0", b"\r\n", b"\r\n\r\n", b"\n", b"%", b"%zz", b"\xff", b"\x7f", b"\x80", b"\x1b[31m",
    b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff" * 8, b"-1", b"0", b"9" * 20, b"9" * 5000,
    b"1e999", b"[" * 2000, b'{"a":' * 500, b'"', b"\\ud800", b"null", b"true", b"{}", b"[]",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 ", b"://", b"@", b"[::",
    b"]", b"/../", b" " * 100, "\u0661".encode(), "\u2028".encode(), b"\xed\xa0\x80", b"=", b";",
)  # fmt: skip
_VALUES: Final[tuple[Any, ...]] = (
    None, True, -1, 0, 1.5, 10**30, float("inf"), float("nan"), "", "x", "\ud800", "a\0b\n",
    "9" * 30, [], [None], [[1]], {}, {"": None}, "tcp://[", "ssh://-o", "unix://", "1.1000000",
)  # fmt: skip
_MOST_PIECES: Final = 4


def mutated(seeds: Sequence[bytes], number: int, name: str) -> list[bytes]:
    """An input in pieces.

    Args:
        seeds: inputs that are right.
        number: which one.
        name: the target's, so that each has inputs of its own.
    """
    chance = random.Random(f"{name} {number}")
    data = _changed_often(chance.choice(seeds), seeds, chance)
    places = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(0, _MOST_PIECES)))
    edges = [0, *places, len(data)]
    return [data[start:stop] for start, stop in itertools.pairwise(edges)]


def changed(data: bytes, seeds: Sequence[bytes], number: int) -> bytes:
    """An input that is nearly another one.

    Args:
        data: that one.
        seeds: inputs that are right.
        number: the same one makes the same changes.
    """
    return _changed_often(data, seeds, random.Random(number))


def _changed_often(data: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    if chance.random() < 0.4:
        data = _other_values(data, chance)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        data = _changed(data, seeds, chance)
    return data


def _changed(data: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    stop = min(len(data), start + chance.choice((0, 1, 1, 2, 4, 16)))
    before, there, after = data[:start], data[start:stop], data[stop:]
    match chance.randrange(7):
        case 0:
            return before + after
        case 1:
            return before + bytes(byte ^ (1 << chance.randrange(8)) for byte in there) + after
        case 2:
            return before + chance.choice(_TOKENS) + after
        case 3:
            return before + chance.randbytes(stop - start + 1) + after
        case 4:
            return before + there * chance.choice((2, 3, 200)) + after
        case 5:
            return before + chance.choice(seeds)[chance.randint(0, 40) :]
        case _:
            return before


def _other_values(data: bytes, chance: random.Random) -> bytes:
    """JSON with a value of another kind somewhere; anything else as it is."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data
    return json.dumps(_replaced(value, chance)).encode()


def _replaced(value: Any, chance: random.Random) -> Any:
    if not value or not isinstance(value, dict | list) or chance.random() < 0.2:
        return chance.choice(_VALUES)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        return [*value[:at], _replaced(value[at], chance), *value[at + 1 :]]
    key = chance.choice(list(value))
    return {**value, key: _replaced(value[key], chance)}
