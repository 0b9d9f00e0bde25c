"""The flags of ``create``, ``run`` and ``update`` that describe a container, as one table.

Layer: magics. No I/O, except that files with variables or labels are read.
"""

from __future__ import annotations

import argparse
import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.arguments import Completes, Parser, UsageFault
from hyper_jupyter.magics.verbs.tables import pairs_of

__all__ = ["FLAGS", "add_options", "add_updates", "options_of", "updates_of", "variables_of"]


_LONGEST_FILE: Final = 4 << 20
"""Bytes of a file with variables or labels."""


class _Kind(enum.Enum):
    TEXT = "one value"
    NUMBER = "one whole number"
    LIST = "may be repeated"
    PAIRS = "NAME=VALUE, may be repeated"
    SWITCH = "no value"


@dataclass(frozen=True, slots=True)
class _Flag:
    """A flag that is an option of ``client.create``.

    Attributes:
        names: the flag's names.
        option: of ``client.create``.
        help: what it does.
        metavar: what its value is.
        kind: how many values it has.
        completes: what Tab offers.
    """

    names: str
    option: str
    help: str
    metavar: str = ""
    kind: _Kind = _Kind.TEXT
    completes: Completes | None = None


_LIST, _PAIRS, _SWITCH, _NUMBER = _Kind.LIST, _Kind.PAIRS, _Kind.SWITCH, _Kind.NUMBER

FLAGS: Final = (
    _Flag("-p --publish", "ports", "publish a port: 8080:80, 127.0.0.1::80/udp", "PORT", _LIST),
    _Flag("-P --publish-all", "publish_all", "publish all exposed ports", kind=_SWITCH),
    _Flag("-v --volume", "volumes", "a folder or volume: /data:/in:ro, name:/in", "MOUNT", _LIST,
          Completes.VOLUME),
    _Flag("--mount", "mounts", "the same in words: type=bind,src=/data,dst=/in", "MOUNT", _LIST,
          Completes.MOUNT),
    _Flag("--tmpfs", "tmpfs", "a folder in memory: /run:size=64m", "MOUNT", _LIST),
    _Flag("--volumes-from", "volumes_from", "the volumes of another container", "CONTAINER", _LIST,
          Completes.CONTAINER),
    _Flag("--volume-driver", "volume_driver", "the driver of its new volumes", "DRIVER"),
    _Flag("--entrypoint", "entrypoint", "the program before the command; '' is none", "PROGRAM"),
    _Flag("-u --user", "user", "name or number, with a group after a colon", "USER"),
    _Flag("--group-add", "group_add", "another group", "GROUP", _LIST),
    _Flag("-h --hostname", "hostname", "its host name", "NAME"),
    _Flag("--domainname", "domainname", "its domain name", "NAME"),
    _Flag("--init", "init", "run a small init that reaps its processes", kind=_SWITCH),
    _Flag("--restart", "restart", "no, always, unless-stopped, on-failure[:N]", "POLICY"),
    _Flag("--stop-signal", "stop_signal", "the signal that asks it to end", "SIGNAL",
          completes=Completes.SIGNAL),
    _Flag("--stop-timeout", "stop_timeout", "seconds until it is killed", "S", _NUMBER),
    _Flag("-m --memory", "memory", "bytes that it may use: 512m", "SIZE"),
    _Flag("--memory-swap", "memory_swap", "memory and swap together; -1 is no limit", "SIZE"),
    _Flag("--memory-reservation", "memory_reservation", "a soft limit", "SIZE"),
    _Flag("--shm-size", "shm_size", "of /dev/shm", "SIZE"),
    _Flag("--cpus", "cpus", "how many processors it may use: 1.5", "N"),
    _Flag("-c --cpu-shares", "cpu_shares", "its weight against others", "N", _NUMBER),
    _Flag("--cpuset-cpus", "cpuset_cpus", "the processors that it may use: 0-2,4", "LIST"),
    _Flag("--pids-limit", "pids_limit", "how many processes; -1 is no limit", "N", _NUMBER),
    _Flag("--ulimit", "ulimits", "a limit of its processes: nofile=1024:2048", "LIMIT", _LIST),
    _Flag("--oom-score-adj", "oom_score_adj", "-1000 to 1000", "N", _NUMBER),
    _Flag("--read-only", "read_only", "its own files cannot be changed", kind=_SWITCH),
    _Flag("--privileged", "privileged", "give it all privileges", kind=_SWITCH),
    _Flag("--cap-add", "cap_add", "add a Linux capability", "CAP", _LIST),
    _Flag("--cap-drop", "cap_drop", "drop a Linux capability", "CAP", _LIST),
    _Flag("--security-opt", "security_opt", "such as no-new-privileges", "OPTION", _LIST),
    _Flag("--device", "devices", "a device of the engine's machine", "DEVICE", _LIST),
    _Flag("--add-host", "add_host", "a name of another host: name:address", "HOST", _LIST),
    _Flag("--dns", "dns", "a name server", "ADDRESS", _LIST),
    _Flag("--dns-option --dns-opt", "dns_options", "an option of the resolver", "OPTION", _LIST),
    _Flag("--dns-search", "dns_search", "a domain to search", "DOMAIN", _LIST),
    _Flag("--expose", "expose", "a port that it listens on", "PORT", _LIST),
    _Flag("--network-alias --net-alias", "network_aliases", "another name in its network", "NAME",
          _LIST),
    _Flag("--platform", "platform", "of the image: linux/arm64", "PLATFORM"),
    _Flag("--log-driver", "log_driver", "the log driver", "DRIVER"),
    _Flag("--log-opt", "log_options", "an option of the log driver", "NAME=VALUE", _PAIRS),
    _Flag("--storage-opt", "storage_options", "an option of the storage", "NAME=VALUE", _PAIRS),
    _Flag("--sysctl", "sysctls", "a parameter of the kernel", "NAME=VALUE", _PAIRS),
    _Flag("--annotation", "annotations", "an annotation for the runtime", "NAME=VALUE", _PAIRS),
    _Flag("--ipc", "ipc", "how it shares memory with others", "MODE"),
    _Flag("--pid", "pid", "whose processes it sees", "MODE"),
    _Flag("--uts", "uts", "whose host name it has", "MODE"),
    _Flag("--userns", "userns", "whose users it has", "MODE"),
    _Flag("--cgroupns", "cgroupns", "host or private", "MODE"),
    _Flag("--cgroup-parent", "cgroup_parent", "the control group above its own", "PATH"),
    _Flag("--runtime", "runtime", "the program that runs it", "RUNTIME"),
)  # fmt: skip
"""Those that are passed on as they are."""

_UPDATES: Final = (
    *("restart", "memory", "memory_swap", "memory_reservation"),
    *("cpus", "cpu_shares", "cpuset_cpus", "pids_limit"),
)
"""Those that ``client.update`` can change."""

_HEALTH: Final = {
    "cmd": ("test", "a command that shows whether it works", "COMMAND"),
    "interval": ("interval", "the time between two checks: 30s", "DURATION"),
    "timeout": ("timeout", "how long a check may take", "DURATION"),
    "retries": ("retries", "failed checks until it is unhealthy", "N"),
    "start-period": ("start_period", "when failed checks begin to count", "DURATION"),
    "start-interval": ("start_interval", "the time between two checks before that", "DURATION"),
}


def _add_flag(parser: Parser, flag: _Flag) -> None:
    names = flag.names.split()
    common: dict[str, Any] = {"dest": f"option_{flag.option}", "help": flag.help}
    if flag.kind is _SWITCH:
        parser.add_argument(*names, action="store_true", **common)
        return
    common |= {"metavar": flag.metavar, "completes": flag.completes}
    if flag.kind in (_LIST, _PAIRS):
        parser.add_argument(*names, action="append", default=[], **common)
    else:
        kind = int if flag.kind is _NUMBER else str
        parser.add_argument(*names, type=kind, **common)


def add_updates(parser: Parser) -> None:
    """Add the flags of what can be changed while a container exists."""
    for flag in FLAGS:
        if flag.option in _UPDATES:
            _add_flag(parser, flag)


def updates_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of ``client.update`` that a line names."""
    given = {option: getattr(arguments, f"option_{option}") for option in _UPDATES}
    return {option: value for option, value in given.items() if value is not None}


def add_options(parser: Parser) -> None:
    """Add the flags of a new container."""
    for flag in FLAGS:
        _add_flag(parser, flag)
    for name, (_, text, metavar) in _HEALTH.items():
        kind = int if name == "retries" else str
        parser.add_argument(f"--health-{name}", type=kind, metavar=metavar, help=text)
    parser.add_argument(
        "--no-healthcheck", action="store_true", help="do not run the image's own check"
    )
    parser.add_argument(
        "-l", "--label", action="append", default=[], metavar="NAME=VALUE", help="a label"
    )
    for name, what in (("--label-file", "labels"), ("--env-file", "variables")):
        parser.add_argument(
            name,
            action="append",
            default=[],
            metavar="FILE",
            help=f"a file with {what}, one in a line",
            completes=Completes.FILE,
        )


def options_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of ``client.create`` that a line names.

    Raises:
        HyperJupyterError: a value is malformed, or a file cannot be read.
    """
    found: dict[str, Any] = {}
    for flag in FLAGS:
        value = getattr(arguments, f"option_{flag.option}")
        if value is None or value is False or value == []:  # but 0 is a value
            continue
        found[flag.option] = (
            pairs_of(value, flag.names.split()[0], bare=False) if flag.kind is _PAIRS else value
        )
    health = {
        option: value
        for name, (option, *_) in _HEALTH.items()
        if (value := getattr(arguments, f"health_{name.replace('-', '_')}")) is not None
    }
    if arguments.no_healthcheck:
        if health:
            raise UsageFault("--no-healthcheck conflicts with the other --health- flags")
        health = {"test": "NONE"}
    if health:
        found["healthcheck"] = health
    if labels := _labels_of(arguments):
        found["labels"] = labels
    return found


def _labels_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the labels of a line, those of its files first. A name alone has an empty value.

    Raises:
        HyperJupyterError: a file cannot be read, or a label has no name.
    """
    lines = [line for path in arguments.label_file for line in _lines_of(path)]
    return pairs_of([*lines, *arguments.label], "--label")


def variables_of(arguments: argparse.Namespace) -> list[str]:
    """Return the variables of a line, those of its files first.

    Raises:
        HyperJupyterError: a file cannot be read.
    """
    lines = [line for path in arguments.env_file for line in _lines_of(path)]
    return [*lines, *arguments.env]


def _lines_of(path: str) -> list[str]:
    """Return the lines of a file without empty ones and comments."""
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(_LONGEST_FILE + 1)
        if len(data) > _LONGEST_FILE:  # /dev/zero has no end
            raise ValueError(f"it is longer than {_LONGEST_FILE >> 20} MiB")
        text = data.decode("utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:  # the latter: no such user after ~
        raise HyperJupyterError(
            f"{path or repr(path)} cannot be read: {getattr(error, 'strerror', '') or error}",
            hint="It is a file of the kernel's machine.",
        ) from None
    # Not splitlines(): a value may have one of the other separators that it knows.
    lines = (line.removesuffix("\r").lstrip() for line in text.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]
