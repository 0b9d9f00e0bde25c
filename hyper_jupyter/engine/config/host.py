"""What a create request asks of the machine: Docker's HostConfig.

Layer: engine. Reads this process's limits; no other I/O.

What cannot be done is refused or warned of, by one rule (``docs/compatibility.md`` has it): what
would protect something, or would put other files at a path, is refused, because the program would
do harm where it is not there. All else that has no effect is a warning.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hyper_jupyter.engine.config.fields import (
    read_flag,
    read_number,
    read_object,
    read_text,
    read_texts,
)
from hyper_jupyter.engine.config.limits import oom_score_is_refused, read_ulimits
from hyper_jupyter.engine.config.restarts import RestartPolicy
from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["NETWORKS", "HostConfig"]

NETWORKS: Final = ("", "host", "default", "bridge")
"""Network modes that mean this machine's network here, as no protection was asked for."""

_LIMIT: Final = "no limit is set"
_POWER: Final = "it has what this user has"
_NETWORK: Final = "it uses this machine's network as it is"


def _each(names: str, value: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split(), value)


LOG_DRIVERS: Final = frozenset(
    _each(
        "json-file local none journald syslog gelf fluentd awslogs splunk etwlogs gcplogs "
        "logentries",
        None,
    )
)
"""The names that Docker knows."""

_WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    **_each(
        "Memory MemoryReservation MemorySwap MemorySwappiness NanoCpus CpuShares CpuPeriod "
        "CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems CpuCount CpuPercent "
        "BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps "
        "BlkioDeviceReadIOps BlkioDeviceWriteIOps PidsLimit OomKillDisable ShmSize "
        "DeviceCgroupRules CgroupParent StorageOpt",
        _LIMIT,
    ),
    **_each("Privileged CapAdd GroupAdd Devices DeviceRequests Runtime Sysctls", _POWER),
    **_each("Dns DnsOptions DnsSearch ExtraHosts Links PublishAllPorts", _NETWORK),
    **_each("PidMode IpcMode UTSMode CgroupnsMode", "it shares this machine's namespaces"),
    **_each("VolumeDriver Isolation", "there is no such driver"),
}
_AS_IT_IS: Final[Mapping[str, Any]] = {
    **_each("PidMode IpcMode UTSMode CgroupnsMode", "host"),
    **_each("MemorySwappiness MemorySwap PidsLimit", -1),
    "Runtime": "runc",
    "Isolation": "default",
    "VolumeDriver": "local",
}
"""Values that ask for nothing that is not so already."""

_DEFAULTS: Final[Mapping[str, Any]] = {
    **_each(
        "Binds VolumesFrom CapAdd CapDrop ExtraHosts GroupAdd Links SecurityOpt MemorySwappiness "
        "DeviceCgroupRules DeviceRequests PidsLimit MaskedPaths ReadonlyPaths",
        None,
    ),
    **_each(
        "ContainerIDFile VolumeDriver Cgroup PidMode UTSMode UsernsMode Isolation CgroupParent "
        "CpusetCpus CpusetMems Runtime",
        "",
    ),
    **_each(
        "CpuShares Memory NanoCpus BlkioWeight CpuPeriod CpuQuota CpuRealtimePeriod "
        "CpuRealtimeRuntime MemoryReservation MemorySwap CpuCount CpuPercent IOMaximumIOps "
        "IOMaximumBandwidth ShmSize",
        0,
    ),
    **_each("Privileged PublishAllPorts ReadonlyRootfs OomKillDisable", value=False),
    **_each("CgroupnsMode IpcMode", "host"),
}
_LISTS: Final = tuple(
    _each(
        "Dns DnsOptions DnsSearch BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps "
        "BlkioDeviceReadIOps BlkioDeviceWriteIOps Devices Ulimits",
        None,
    )
)


@dataclass(frozen=True, slots=True)
class HostConfig:
    """What is asked of the machine; names as in the API.

    Attributes:
        given: all that was asked for.
        restart: the policy at the creation.
        ulimits: number, soft and hard limit of each resource.
        oom_score_adj: ``None`` to leave it as it is.
        no_new_privileges: whether set-user-ID programs give the processes no other rights.
        log_driver: ``none`` makes the log unreadable.
        binds: folders and files that are mounted where they are: nothing had to be done.
        warnings: what has no effect, one line each.
    """

    given: Mapping[str, Any] = field(compare=False, repr=False)
    auto_remove: bool
    restart: RestartPolicy
    ulimits: tuple[tuple[int, int, int], ...]
    oom_score_adj: int | None
    no_new_privileges: bool
    log_driver: str
    binds: tuple[str, ...]
    warnings: tuple[str, ...]

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> HostConfig:
        """Read and check the API's ``HostConfig``.

        Raises:
            ApiError: 400 for what is malformed, or must not be left out silently.
            NotFound: there is no such network.
        """
        warnings = [
            f"{key} is ignored: this container is a process of this machine, {why}"
            for key, why in _WITHOUT_EFFECT.items()
            if given.get(key) and given[key] != _AS_IT_IS.get(key)
        ]
        auto_remove = read_flag(given, "AutoRemove")
        restart = RestartPolicy.parse(read_object(given, "RestartPolicy"))
        if auto_remove and restart.name != "no":
            raise ApiError(400, "can't create 'AutoRemove' container with restart policy")
        _check_network(read_text(given, "NetworkMode"))
        _refuse_protection(given)
        options = read_texts(given, "SecurityOpt")
        score = read_number(given, "OomScoreAdj")
        if score and not -1000 <= score <= 1000:
            raise ApiError(400, f"Invalid value {score}, range for oom score adj is [-1000, 1000]")
        if score and oom_score_is_refused(score):
            warnings.append("OomScoreAdj is ignored: this user cannot lower the score")
            score = None
        warnings += _ports(read_object(given, "PortBindings"))
        driver = _log_driver(read_object(given, "LogConfig"), warnings)
        return cls(
            given=dict(given),
            auto_remove=auto_remove,
            restart=restart,
            ulimits=read_ulimits(given.get("Ulimits")),
            oom_score_adj=score or None,
            no_new_privileges=any(map(_asks_for_no_new_privileges, options)),
            log_driver=driver,
            binds=tuple(_binds(given)),
            warnings=tuple(warnings),
        )

    def as_json(self, restart: RestartPolicy) -> dict[str, Any]:
        """Return it as inspect has it: what was asked for, and the network that is used."""
        return {
            **_DEFAULTS,
            **{name: [] for name in _LISTS},
            **{name: value for name, value in self.given.items() if value is not None},
            "NetworkMode": "host",
            "AutoRemove": self.auto_remove,
            "PortBindings": self.given.get("PortBindings") or {},
            "LogConfig": {
                "Type": self.log_driver,
                "Config": (self.given.get("LogConfig") or {}).get("Config") or {},
            },
            "ConsoleSize": self.given.get("ConsoleSize") or [0, 0],
            "OomScoreAdj": self.oom_score_adj or 0,
            "RestartPolicy": restart.as_json(),
        }


def _check_network(mode: str) -> None:
    if mode == "none":
        raise _refusal("NetworkMode none", "it would have this machine's network")
    if mode not in NETWORKS and not mode.startswith("container:"):
        raise NotFound(404, f"network {mode[:300]} not found")


def _refuse_protection(given: Mapping[str, Any]) -> None:
    if read_flag(given, "ReadonlyRootfs"):
        raise _refusal("ReadonlyRootfs", "it could write what this user can write")
    for key in ("CapDrop", "MaskedPaths", "ReadonlyPaths"):
        if read_texts(given, key):
            raise _refusal(key, "it would have what this user has")
    if read_text(given, "UsernsMode") not in ("", "host"):
        raise _refusal("UsernsMode", "it runs as this user")
    for option in read_texts(given, "SecurityOpt"):
        key, _, value = option.replace(":", "=", 1).partition("=")
        if key != "no-new-privileges" and value not in ("unconfined", "disable"):
            raise _refusal(f"SecurityOpt {option[:100]}", "it would not be protected")


def _asks_for_no_new_privileges(option: str) -> bool:
    key, _, value = option.replace(":", "=", 1).partition("=")
    return key == "no-new-privileges" and value in ("", "true")


def _binds(given: Mapping[str, Any]) -> Iterator[str]:
    """Give the paths that are mounted where they are; refuse all other mounts."""
    mounts = [_of_bind(text) for text in read_texts(given, "Binds")]
    listed = given.get("Mounts") or []
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise ApiError(400, "invalid request body: Mounts must be a list of objects")
    for each in listed:
        source = read_text(each, "Source") if read_text(each, "Type") == "bind" else ""
        mounts.append((source, read_text(each, "Target"), read_flag(each, "ReadOnly")))
    mounts += [("", path, False) for path in read_object(given, "Tmpfs")]
    mounts += [("", name, False) for name in read_texts(given, "VolumesFrom")]
    for source, target, read_only in mounts:
        if not source or os.path.normpath(source) != os.path.normpath(target):
            raise _refusal(
                f"a mount at {target[:300]}",
                "it would use what is at that path. Only a bind of a path to itself works",
            )
        if read_only:
            raise _refusal(f"a read-only mount at {target[:300]}", "it could write there")
        yield target


def _of_bind(text: str) -> tuple[str, str, bool]:
    source, _, rest = text.partition(":")
    target, _, options = rest.partition(":")
    return source, target or source, "ro" in options.split(",")


def _ports(bindings: Mapping[str, Any]) -> list[str]:
    moved = [
        port
        for port, hosts in bindings.items()
        for host in hosts or [{}]
        if not isinstance(host, Mapping)
        or host.get("HostIp")
        or str(host.get("HostPort") or "") != port.partition("/")[0]
    ]
    return [
        f"PortBindings of {port} is ignored: this container is a process of this machine, a port "
        "that it listens on is open as it is"
        for port in dict.fromkeys(moved)
    ]


def _log_driver(given: Mapping[str, Any], warnings: list[str]) -> str:
    driver = read_text(given, "Type") or "json-file"
    if driver not in LOG_DRIVERS:
        raise ApiError(400, f"logger: no log driver named '{driver[:100]}' is registered")
    if driver not in ("json-file", "local", "none"):
        warnings.append(f"LogConfig is ignored: nothing is sent to {driver}, the log is kept here")
    elif read_object(given, "Config") and driver != "none":
        warnings.append("the options of LogConfig are ignored: the log keeps the newest output")
    return driver


def _refusal(what: str, why: str) -> ApiError:
    return ApiError(
        400, f"the embedded engine cannot do {what}: its containers are processes, {why}"
    )
