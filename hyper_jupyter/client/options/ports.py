"""Published ports: ``-p`` of the docker command line, and the mappings of Python.

Layer: client. Pure functions; any thread.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["Ports", "PublishedPort", "exposed_ports", "parse_ports", "published_ports"]

HostPort = int | str | tuple[str, int] | None
Ports = Mapping[str | int, HostPort | Sequence[HostPort]] | Iterable[str | int]
"""Either a mapping from the container's ports (``80``, ``"53/udp"``) to those of the engine's
machine (``8080``, ``("127.0.0.1", 8080)``, ``"127.0.0.1:8080"``, a list of these, or ``None`` for
any free one), or texts of ``-p``."""

_HINT: Final = "Write [ADDRESS:][HOST:]CONTAINER[/udp], such as 8080:80 or 127.0.0.1:53:53/udp."
_PORT: Final = re.compile(
    r"(?:(\[[0-9A-Za-z:.%]*\]|[^:\[\]]*):)??(?:([0-9-]*):)?([0-9-]+)(?:/([A-Za-z]+))?"
)
"""Address, port of the engine's machine, port of the container, protocol."""

_PROTOCOLS: Final = ("tcp", "udp", "sctp")


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """One port of a container and where it is published.

    Attributes:
        container: number and protocol, such as ``80/tcp``.
        host_ip: the address of the engine's machine; empty for all.
        host_port: the port there; empty for any free one; or a range, of which one is free.
    """

    container: str
    host_ip: str = ""
    host_port: str = ""


def parse_ports(text: str) -> list[PublishedPort]:
    """Read one ``-p``.

    Args:
        text: ``80``, ``8080:80``, ``127.0.0.1:8080:80/udp``, ``127.0.0.1::80``, ``[::1]:8080:80``,
            ``8000-8010:8000-8010``, ``8000-8010:80``, or ``published=8080,target=80,protocol=tcp``.

    Raises:
        HyperJupyterError: it is none of them.
    """
    spec = _from_words(text) if "=" in text else text.strip()
    found = _PORT.fullmatch(spec)
    if found is None:
        raise _invalid(text)
    address, host, container, protocol = found.groups()
    if address is not None and host is None:  # "name:80" is no address and a port
        if address and not re.fullmatch("[0-9-]+", address):
            raise _invalid(text)
        address, host = "", address
    protocol = (protocol or "tcp").lower()
    inside = _range(container, text)
    outside = _range(host, text) if host else None
    if protocol not in _PROTOCOLS or inside is None:
        raise _invalid(text)
    ip = _address(address or "", text)
    if outside is None:
        return [PublishedPort(f"{port}/{protocol}", ip) for port in inside]
    if len(inside) == 1 and len(outside) > 1:
        return [PublishedPort(f"{inside[0]}/{protocol}", ip, host or "")]
    if len(inside) != len(outside):
        raise HyperJupyterError(
            f"publish: {text!r} has ranges of different lengths",
            hint="Write as many ports on both sides: 8000-8010:9000-9010.",
        )
    pairs = zip(inside, outside, strict=True)
    return [PublishedPort(f"{port}/{protocol}", ip, str(other)) for port, other in pairs]


def published_ports(ports: Ports) -> list[PublishedPort]:
    """Read ports as users name them; see :data:`Ports`.

    Raises:
        HyperJupyterError: one of them is invalid.
    """
    if isinstance(ports, str):
        return parse_ports(ports)
    if not isinstance(ports, Mapping):
        return [port for each in ports for port in parse_ports(str(each))]
    found: list[PublishedPort] = []
    for container, hosts in ports.items():
        several = hosts if isinstance(hosts, list | set) else [hosts]
        for host in several:
            found += parse_ports(_as_text(container, host))
    return found


def _as_text(container: str | int, host: Any) -> str:
    match host:
        case None:
            return str(container)
        case (str(ip), port):
            inside = f"[{ip}]" if ":" in ip else ip
            return f"{inside}:{'' if port is None else port}:{container}"
        case bool():
            raise _invalid(f"{container}: {host}")
        case _:
            return f"{host}:{container}"


def exposed_ports(ports: Iterable[str | int]) -> list[str]:
    """Read ``--expose``: ports that are not published, such as ``80``, ``53/udp`` or ``8000-8010``.

    Raises:
        HyperJupyterError: one of them is invalid.
    """
    listed = [ports] if isinstance(ports, str) else ports
    found: list[str] = []
    for each in listed:
        numbers, _, protocol = str(each).strip().partition("/")
        inside = _range(numbers, str(each)) if re.fullmatch("[0-9-]+", numbers) else None
        protocol = protocol.lower() or "tcp"
        if inside is None or protocol not in _PROTOCOLS:
            raise HyperJupyterError(
                f"expose: {each!r} is not a port", hint="Write 80, 53/udp or 8000-8010."
            )
        found += [f"{port}/{protocol}" for port in inside]
    return found


def _from_words(text: str) -> str:
    words = dict(word.partition("=")[::2] for word in text.strip().split(","))
    known = {"published", "target", "protocol", "mode"}
    if (
        not words.get("target")
        or not words.keys() <= known
        or words.get("mode", "host")
        not in (
            "host",
            "ingress",
        )
    ):
        raise _invalid(text)
    return f"{words.get('published', '')}:{words['target']}/{words.get('protocol') or 'tcp'}"


def _range(text: str | None, whole: str) -> range | None:
    """Return the ports that a text names; ``None`` for none."""
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text or "")
    if found is None:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    if not 0 < first <= last <= 65535:
        raise _invalid(whole)
    return range(first, last + 1)


def _address(text: str, whole: str) -> str:
    inside = text[1:-1] if text.startswith("[") else text
    if not inside:
        return ""
    try:
        ipaddress.ip_address(inside)
    except ValueError as error:
        raise HyperJupyterError(
            f"publish: {inside!r} in {whole!r} is not an address", hint=_HINT
        ) from error
    return inside


def _invalid(text: str) -> HyperJupyterError:
    return HyperJupyterError(f"publish: {text!r} is not a port", hint=_HINT)
