"""The docker command line's notations for sizes, processors, durations, policies and limits.

Layer: client. Pure functions; any thread. Each takes what users write, as text or as a Python
value, and returns what the engine's API wants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from hyper_jupyter.exceptions import HyperJupyterError

__all__ = [
    "UNITS",
    "Duration",
    "Size",
    "parse_cpus",
    "parse_device",
    "parse_duration",
    "parse_host",
    "parse_restart_policy",
    "parse_size",
    "parse_tmpfs",
    "parse_ulimit",
]

Size = int | str
"""Bytes, or a text such as ``512m``: b, k, m, g, t and p, by steps of 1024."""

Duration = float | str | timedelta
"""Seconds, a timedelta, or a text such as ``1m30s``."""

_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kmgtp]?)i?b?", re.IGNORECASE)
_STEPS: Final = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}


def parse_size(size: Size, option: str) -> int:
    """Return a number of bytes.

    Args:
        size: see :data:`Size`; ``-1`` stays what it is, and is no limit.
        option: the name of the option, for the error's text.

    Raises:
        HyperJupyterError: it is no size.
    """
    if isinstance(size, int) and not isinstance(size, bool):
        if size >= -1:
            return size
    elif isinstance(size, str):
        if size.strip() == "-1":
            return -1
        if found := _SIZE.fullmatch(size.strip()):
            return int(Decimal(found[1]) * _STEPS[found[2].lower()])
    raise HyperJupyterError(
        f"{option}: {size!r} is not a size", hint="Write bytes, or a number with k, m or g: 512m."
    )


def parse_cpus(cpus: float | str) -> int:
    """Return billionths of a processor.

    Args:
        cpus: such as ``1.5``.

    Raises:
        HyperJupyterError: it is not a number of processors, or has more than nine decimals.
    """
    try:
        number = Decimal(str(cpus).strip()) * 10**9
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0 or number != int(number) or isinstance(cpus, bool):
        raise HyperJupyterError(
            f"cpus: {cpus!r} is not a number of processors", hint="Write a number such as 1.5."
        )
    return int(number)


UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,  # the sign for micro
    "μs": 10**3,  # the Greek letter
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
"""Nanoseconds of each unit in Go's notation of a duration."""

_PART: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")


def parse_duration(duration: Duration, option: str) -> int:
    """Return nanoseconds.

    Args:
        duration: see :data:`Duration`.
        option: the name of the option, for the error's text.

    Raises:
        HyperJupyterError: it is no duration, or a negative one.
    """
    found: int | None = None
    match duration:
        case bool():
            pass
        case timedelta():
            found = duration // timedelta(microseconds=1) * 1000
        case int() | float() if abs(duration) < 1e9:
            found = round(duration * 10**9)
        case str():
            text = duration.strip()
            parts = _PART.findall(text)
            if text == "0":
                found = 0
            elif parts and "".join(map("".join, parts)) == text:
                found = int(sum(Decimal(number) * UNITS[unit] for number, unit in parts))
    if found is None or found < 0:
        raise HyperJupyterError(
            f"{option}: {duration!r} is not a duration",
            hint="Write seconds, or a text such as 30s or 1m30s.",
        )
    return found


def parse_restart_policy(policy: str) -> dict[str, Any]:
    """Return the API's restart policy.

    Args:
        policy: ``no``, ``always``, ``unless-stopped``, ``on-failure`` or ``on-failure:3``.

    Raises:
        HyperJupyterError: it is none of them.
    """
    name, colon, count = policy.strip().partition(":")
    limited = name == "on-failure" and re.fullmatch("[0-9]{1,9}", count)
    if name not in ("no", "always", "unless-stopped", "on-failure") or (colon and not limited):
        raise HyperJupyterError(
            f"restart: {policy!r} is not a restart policy",
            hint="Write no, always, unless-stopped, on-failure or on-failure:3.",
        )
    return {"Name": name, "MaximumRetryCount": int(count or 0)}


_ULIMITS: Final = frozenset(
    (
        *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile"),
        *("nproc", "rss", "rtprio", "rttime", "sigpending", "stack"),
    )
)


def parse_ulimit(name: str, limits: str | int | tuple[int, int]) -> dict[str, Any]:
    """Return the API's form of a limit of processes.

    Args:
        name: such as ``nofile``.
        limits: soft and hard limit as a tuple or as ``1024:2048``; or one number for both. ``-1``
            is none.

    Raises:
        HyperJupyterError: there is no such limit, or it is no number, or the soft one is higher.
    """
    several = limits if isinstance(limits, tuple) else str(limits).split(":")
    pair = [str(each).strip() for each in several]
    written = f"{name}={':'.join(pair)}"
    numbers = [int(each) for each in pair if re.fullmatch("-1|[0-9]{1,18}", each)]
    if name not in _ULIMITS or len(numbers) != len(pair) or len(pair) not in (1, 2):
        raise HyperJupyterError(
            f"ulimit: {written!r} is not a limit",
            hint="Write NAME=SOFT or NAME=SOFT:HARD, such as nofile=1024:2048.",
        )
    soft, hard = numbers[0], numbers[-1]
    if hard != -1 and (soft > hard or soft == -1):
        raise HyperJupyterError(
            f"ulimit: {written!r} has a soft limit above the hard one",
            hint="Write the lower number first: nofile=1024:2048.",
        )
    return {"Name": name, "Soft": soft, "Hard": hard}


def parse_device(device: str) -> dict[str, str]:
    """Return the API's form of a device.

    Args:
        device: ``/dev/sdc``, ``/dev/sdc:/dev/xvdc`` or ``/dev/sdc:/dev/xvdc:rwm``.

    Raises:
        HyperJupyterError: it is none.
    """
    host, *rest = device.split(":")
    inside, permissions = host, "rwm"
    if len(rest) == 1 and _is_permissions(rest[0]):
        permissions = rest[0]
    elif len(rest) == 1:
        inside = rest[0]
    elif len(rest) == 2:
        inside, permissions = rest
    if not host or not inside or len(rest) > 2 or not _is_permissions(permissions):
        raise HyperJupyterError(
            f"device: {device!r} is not a device",
            hint="Write HOST, HOST:CONTAINER or HOST:CONTAINER:rwm, such as /dev/snd:/dev/snd:r.",
        )
    return {"PathOnHost": host, "PathInContainer": inside, "CgroupPermissions": permissions}


def _is_permissions(text: str) -> bool:
    return bool(re.fullmatch("[rwm]{1,3}", text)) and len(set(text)) == len(text)


def parse_host(host: str) -> str:
    """Return the API's form of a line for ``/etc/hosts``: ``name:address``.

    Args:
        host: ``name:address`` or ``name=address``; the address may be of version 6, in brackets
            too, or ``host-gateway``.

    Raises:
        HyperJupyterError: it is neither.
    """
    found = re.fullmatch(r"([^:=\s]+)[:=](\S+)", host.strip())
    if found is None:
        raise HyperJupyterError(
            f"add_host: {host!r} is not a host", hint="Write NAME:ADDRESS, such as db:10.0.0.5."
        )
    address = found[2]
    if address.startswith("[") and address.endswith("]"):
        address = address[1:-1]
    return f"{found[1]}:{address}"


def parse_tmpfs(mounts: str | Mapping[str, str] | list[str] | tuple[str, ...]) -> dict[str, str]:
    """Return folders of a container that are kept in memory, with their options.

    Args:
        mounts: ``/run``, ``/run:rw,size=64m``, several of these, or a mapping from path to options.

    Raises:
        HyperJupyterError: a path is not absolute.
    """
    if isinstance(mounts, Mapping):
        found = dict(mounts)
    else:
        listed = [mounts] if isinstance(mounts, str) else mounts
        found = {path: options for path, _, options in (each.partition(":") for each in listed)}
    for path in found:
        if not path.startswith("/"):
            raise HyperJupyterError(
                f"tmpfs: {path!r} is not an absolute path", hint="Write it as /run:size=64m."
            )
    return found
