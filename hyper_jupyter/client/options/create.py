"""The options of a new container, by the names that users know, and what the API calls them.

Layer: client. Any thread; no I/O here, except that relative paths are completed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict, Unpack

from hyper_jupyter.client.options.mounts import Volumes, parse_mount, volume_binds
from hyper_jupyter.client.options.notation import (
    Duration,
    Size,
    parse_cpus,
    parse_device,
    parse_duration,
    parse_host,
    parse_restart_policy,
    parse_size,
    parse_tmpfs,
    parse_ulimit,
)
from hyper_jupyter.client.options.ports import Ports, exposed_ports, published_ports
from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["ContainerOptions", "CreateOptions", "Healthcheck", "resource_limits"]


class Healthcheck(TypedDict, total=False):
    """How the engine finds out whether a container works.

    ``test`` is a command for the container's shell, or a list, which no shell reads; ``[]`` or
    ``"NONE"`` switches the image's own check off. The durations are seconds or texts such as
    ``"30s"``.
    """

    test: str | Sequence[str]
    interval: Duration
    timeout: Duration
    start_period: Duration
    start_interval: Duration
    retries: int


class CreateOptions(TypedDict, total=False):
    """Further options of ``create`` and ``run``; each may be left out, and ``None`` is the same."""

    add_host: Mapping[str, str] | Sequence[str] | None
    annotations: Mapping[str, str] | None
    cap_add: Sequence[str] | None
    cap_drop: Sequence[str] | None
    cgroup_parent: str | None
    cgroupns: str | None
    cpu_shares: int | None
    cpus: float | str | None
    cpuset_cpus: str | None
    devices: Sequence[str] | None
    dns: Sequence[str] | None
    dns_options: Sequence[str] | None
    dns_search: Sequence[str] | None
    domainname: str | None
    entrypoint: str | Sequence[str] | None
    expose: Sequence[str | int] | None
    group_add: Sequence[str | int] | None
    healthcheck: Healthcheck | None
    hostname: str | None
    init: bool | None
    ipc: str | None
    log_driver: str | None
    log_options: Mapping[str, str] | None
    memory: Size | None
    memory_reservation: Size | None
    memory_swap: Size | None
    mounts: Sequence[str | Mapping[str, Any]] | None
    network_aliases: Sequence[str] | None
    oom_score_adj: int | None
    pid: str | None
    pids_limit: int | None
    platform: str | None
    ports: Ports | None
    privileged: bool
    publish_all: bool
    read_only: bool
    restart: str | None
    runtime: str | None
    security_opt: Sequence[str] | None
    shm_size: Size | None
    stop_signal: str | int | None
    stop_timeout: float | None
    storage_options: Mapping[str, str] | None
    sysctls: Mapping[str, str | int] | None
    tmpfs: str | Mapping[str, str] | Sequence[str] | None
    ulimits: Mapping[str, str | int | tuple[int, int]] | Sequence[str] | None
    user: str | int | None
    userns: str | None
    uts: str | None
    volume_driver: str | None
    volumes: Volumes | None
    volumes_from: Sequence[str] | None


_CONFIG: Final = {
    "hostname": "Hostname",
    "domainname": "Domainname",
    "stop_signal": "StopSignal",
    "user": "User",
}
"""Options that the API takes as texts in the container's configuration."""

_HOST: Final = {
    "annotations": "Annotations",
    "cap_add": "CapAdd",
    "cap_drop": "CapDrop",
    "cgroup_parent": "CgroupParent",
    "cgroupns": "CgroupnsMode",
    "dns": "Dns",
    "dns_options": "DnsOptions",
    "dns_search": "DnsSearch",
    "init": "Init",
    "ipc": "IpcMode",
    "oom_score_adj": "OomScoreAdj",
    "pid": "PidMode",
    "privileged": "Privileged",
    "publish_all": "PublishAllPorts",
    "read_only": "ReadonlyRootfs",
    "runtime": "Runtime",
    "security_opt": "SecurityOpt",
    "storage_options": "StorageOpt",
    "userns": "UsernsMode",
    "uts": "UTSMode",
    "volume_driver": "VolumeDriver",
    "volumes_from": "VolumesFrom",
}
"""Options that the API takes as they are, in the configuration of the container's host."""

_LISTS: Final = frozenset(
    ("cap_add", "cap_drop", "dns", "dns_options", "dns_search", "security_opt", "volumes_from")
)
"""Those of them that are lists, where one text stands for a list of one."""


@dataclass(frozen=True, slots=True)
class ContainerOptions:
    """What options add to the body of a create request.

    Attributes:
        config: fields of the body itself.
        host_config: fields of its ``HostConfig``.
        endpoint: how the container joins its network.
        platform: of the image, such as ``linux/arm64``; a parameter of the request.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    host_config: Mapping[str, Any] = field(default_factory=dict)
    endpoint: Mapping[str, Any] = field(default_factory=dict)
    platform: str = ""

    @classmethod
    def of(cls, **options: Unpack[CreateOptions]) -> ContainerOptions:
        """Read options as users name them.

        Raises:
            HyperJupyterError: the value of one is invalid; the text names it.
            TypeError: there is no such option.
        """
        given: dict[str, Any] = {name: each for name, each in options.items() if each is not None}
        unknown = given.keys() - CreateOptions.__annotations__.keys()
        if unknown:
            names = ", ".join(sorted(unknown))
            raise TypeError(f"a container has no option {names}")
        config = {_CONFIG[name]: str(given[name]) for name in _CONFIG.keys() & given.keys()}
        host = {_HOST[name]: _as_api(name, given[name]) for name in _HOST.keys() & given.keys()}
        host |= resource_limits(**{name: given.get(name) for name in RESOURCES})
        _read_process(given, config, host)
        _read_network(given, config, host)
        _read_files(given, config, host)
        aliases = given.get("network_aliases")
        return cls(
            config,
            host,
            {"Aliases": _several(aliases)} if aliases else {},
            str(given.get("platform") or ""),
        )

    def body(self, network: str | None) -> dict[str, Any]:
        """Return the fields of a create request's body, ``HostConfig`` among them.

        Args:
            network: the network mode; ``None`` is the engine's default.

        Raises:
            HyperJupyterError: there are names for a network, but no network is named.
        """
        if self.endpoint and not network:
            raise HyperJupyterError(
                "network_aliases are names in a network, and no network is named",
                hint='Name one that was created, as in network="shop".',
            )
        joins = {"NetworkingConfig": {"EndpointsConfig": {network: dict(self.endpoint)}}}
        return {
            **self.config,
            "HostConfig": dict(self.host_config),
            **(joins if self.endpoint else {}),
        }


def _read_process(given: dict[str, Any], config: dict[str, Any], host: dict[str, Any]) -> None:
    """Read what concerns the program: its start, its end, its limits, its log."""
    entrypoint = given.get("entrypoint")
    if entrypoint is not None:
        # An empty one takes the image's away: the API has an empty text for that.
        config["Entrypoint"] = [entrypoint] if isinstance(entrypoint, str) else list(entrypoint)
        config["Entrypoint"] = config["Entrypoint"] or [""]
    if "stop_timeout" in given:
        config["StopTimeout"] = -(-parse_duration(given["stop_timeout"], "stop_timeout") // 10**9)
    if "healthcheck" in given:
        config["Healthcheck"] = _healthcheck(given["healthcheck"])
    if "group_add" in given:
        host["GroupAdd"] = [str(each) for each in _several(given["group_add"])]
    if "restart" in given:
        host["RestartPolicy"] = parse_restart_policy(given["restart"])
    if "ulimits" in given:
        limits = given["ulimits"]
        pairs = (
            limits.items()
            if isinstance(limits, Mapping)
            else [each.partition("=")[::2] for each in _several(limits)]
        )
        host["Ulimits"] = [parse_ulimit(name.strip(), value) for name, value in pairs]
    if "sysctls" in given:
        host["Sysctls"] = {name: str(value) for name, value in given["sysctls"].items()}
    if "log_driver" in given or "log_options" in given:
        config_of = {name: str(value) for name, value in given.get("log_options", {}).items()}
        host["LogConfig"] = {"Type": given.get("log_driver", ""), "Config": config_of}


def _read_network(given: dict[str, Any], config: dict[str, Any], host: dict[str, Any]) -> None:
    """Read ports and the names of other hosts."""
    exposed = exposed_ports(given.get("expose", ()))
    published = published_ports(given.get("ports", ()))
    if exposed or published:
        config["ExposedPorts"] = {
            name: {} for name in (*exposed, *(p.container for p in published))
        }
    for port in published:
        binding = {"HostIp": port.host_ip, "HostPort": port.host_port}
        host.setdefault("PortBindings", {}).setdefault(port.container, []).append(binding)
    hosts = given.get("add_host")
    if hosts:
        if isinstance(hosts, Mapping):
            hosts = [f"{name}={address}" for name, address in hosts.items()]
        host["ExtraHosts"] = [parse_host(each) for each in _several(hosts)]


def _read_files(given: dict[str, Any], config: dict[str, Any], host: dict[str, Any]) -> None:
    """Read volumes, folders, devices."""
    for bind in volume_binds(given.get("volumes", ())):
        if bind.source:
            host.setdefault("Binds", []).append(str(bind))
        else:
            config.setdefault("Volumes", {})[bind.target] = {}
    if "mounts" in given:
        mounts = given["mounts"]
        listed = [mounts] if isinstance(mounts, str | Mapping) else mounts
        host["Mounts"] = [parse_mount(each) for each in listed]
    if "tmpfs" in given:
        host["Tmpfs"] = parse_tmpfs(given["tmpfs"])
    if "devices" in given:
        host["Devices"] = [parse_device(each) for each in _several(given["devices"])]


RESOURCES: Final = (
    *("memory", "memory_swap", "memory_reservation", "shm_size"),
    *("cpus", "cpu_shares", "cpuset_cpus", "pids_limit"),
)


def resource_limits(
    *,
    memory: Size | None = None,
    memory_swap: Size | None = None,
    memory_reservation: Size | None = None,
    shm_size: Size | None = None,
    cpus: float | str | None = None,
    cpu_shares: int | None = None,
    cpuset_cpus: str | None = None,
    pids_limit: int | None = None,
) -> dict[str, Any]:
    """Return the API's fields for limits; those that are ``None`` are left out.

    Raises:
        HyperJupyterError: one of them is no size or number.
    """
    sizes = {
        "memory": ("Memory", memory),
        "memory_swap": ("MemorySwap", memory_swap),
        "memory_reservation": ("MemoryReservation", memory_reservation),
        "shm_size": ("ShmSize", shm_size),
    }
    found: dict[str, Any] = {
        name: parse_size(size, option) for option, (name, size) in sizes.items() if size is not None
    }
    if cpus is not None:
        found["NanoCpus"] = parse_cpus(cpus)
    plain = {"CpuShares": cpu_shares, "CpusetCpus": cpuset_cpus, "PidsLimit": pids_limit}
    return found | {name: value for name, value in plain.items() if value is not None}


def _healthcheck(check: Healthcheck) -> dict[str, Any]:
    unknown = check.keys() - Healthcheck.__annotations__.keys()
    if unknown:
        raise HyperJupyterError(
            f"healthcheck: there is no {min(unknown)!r}",
            hint=f"There are: {', '.join(Healthcheck.__annotations__)}.",
        )
    found: dict[str, Any] = {}
    test = check.get("test")
    if isinstance(test, str) and test != "NONE":
        found["Test"] = ["CMD-SHELL", test]
    elif test is not None:
        words = [] if test == "NONE" else list(test)
        has_kind = bool(words) and words[0] in ("CMD", "CMD-SHELL", "NONE")
        found["Test"] = words if has_kind else ["CMD", *words] if words else ["NONE"]
    durations: dict[str, Any] = {
        "Interval": check.get("interval"),
        "Timeout": check.get("timeout"),
        "StartPeriod": check.get("start_period"),
        "StartInterval": check.get("start_interval"),
    }
    for name, value in durations.items():
        if value is not None:
            found[name] = parse_duration(value, f"healthcheck's {name}")
    if "retries" in check:
        found["Retries"] = check["retries"]
    return found


def _as_api(name: str, value: Any) -> Any:
    if name in _LISTS:
        return [str(each) for each in _several(value)]
    return dict(value) if isinstance(value, Mapping) else value


def _several(value: str | int | Iterable[Any]) -> list[Any]:
    """Return a list; one text or number stands for a list of one."""
    return [value] if isinstance(value, str | int) else list(value)
