"""Detach keys: their grammar, and how engines look for them in stdin.

Layer: protocol. No I/O, no clock, no threads here; one matcher belongs to one stdin.

Sources: moby/term ``ascii.go`` (grammar) and ``proxy.go`` (matching). Engines look for the keys
only on a TTY with stdin attached. Podman also looks on framed streams. Podman, like Docker before
17.06, recognises a key only if it arrives alone in its own read.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.exceptions import InvalidDetachKeys

__all__ = ["DEFAULT_DETACH_KEYS", "DetachKeys", "parse_detach_keys"]

DEFAULT_DETACH_KEYS: Final = b"\x10\x11"
"""The sequence that engines use by default: ctrl-p, ctrl-q."""

_NAMED: Final[dict[bytes, int]] = {
    **{b"ctrl-" + bytes([code + 96]): code for code in range(1, 27)},
    **{b"ctrl-" + bytes([code + 64]): code for code in (0, 27, 28, 29, 30, 31)},
    b"DEL": 127,
}


def parse_detach_keys(spec: str | bytes) -> bytes:
    r"""Turn a key sequence such as ``"ctrl-p,ctrl-q"`` into the bytes to look for.

    Args:
        spec: keys, separated by commas. Each is one byte, taken literally, or one of
            ``ctrl-@``, ``ctrl-a`` to ``ctrl-z``, ``ctrl-[``, ``ctrl-\``, ``ctrl-]``,
            ``ctrl-^``, ``ctrl-_``, ``DEL``. Case matters, and spaces are not trimmed.
            A ``str`` is encoded as UTF-8, so only ASCII characters are one byte.

    Returns:
        One byte per key.

    Raises:
        InvalidDetachKeys: the spec has anything else. So a comma cannot be a key, and an empty
            sequence is invalid.
    """
    raw = _encode(spec) if isinstance(spec, str) else bytes(spec)
    keys = bytearray()
    for piece in raw.split(b","):
        if len(piece) == 1:
            keys += piece
        elif piece in _NAMED:
            keys.append(_NAMED[piece])
        else:
            shown = piece.decode("utf-8", "backslashreplace")
            raise InvalidDetachKeys(
                f"invalid detach keys: {shown!r} is not a key",
                hint="Use single characters or ctrl-a … ctrl-z, ctrl-@ [ \\ ] ^ _, DEL, "
                "separated by commas, for example ctrl-p,ctrl-q.",
            )
    return bytes(keys)


def _encode(spec: str) -> bytes:
    try:
        return spec.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Three bytes for each surrogate: that is not a key, and is reported as an invalid one.
        return spec.encode("utf-8", "surrogatepass")


class DetachKeys:
    """Looks for a key sequence in the input, as moby does since 17.06.

    A matched prefix is held back, and put in front of the next byte that does not match.
    That byte is not tried as a first key: ``^P ^P ^Q`` does not detach.
    """

    __slots__ = ("_keys", "_matched")

    def __init__(self, keys: bytes) -> None:
        """Args:
        keys: the sequence, at least one byte (from :func:`parse_detach_keys`).
        """
        if not keys:
            raise InvalidDetachKeys("invalid detach keys: the sequence is empty")
        self._keys = bytes(keys)
        self._matched = 0

    def receive_data(self, data: bytes) -> tuple[bytes, bool]:
        """Take the bytes of one read.

        Returns:
            The bytes to pass on to the program, and whether the sequence is complete. Bytes that
            follow a complete sequence are dropped.
        """
        keys = self._keys
        forward = bytearray()
        for byte in data:
            if byte == keys[self._matched]:
                self._matched += 1
                if self._matched == len(keys):
                    self._matched = 0
                    return bytes(forward), True
            else:
                forward += keys[: self._matched]
                self._matched = 0
                forward.append(byte)
        return bytes(forward), False
