"""What each option adds to a create request."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client.options.create import ContainerOptions, CreateOptions
from hyper_jupyter.exceptions import HyperJupyterError
from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

HOST: dict[str, tuple[Any, dict[str, Any]]] = {
    "add_host": ({"db": "10.0.0.5"}, {"ExtraHosts": ["db:10.0.0.5"]}),
    "annotations": ({"a": "b"}, {"Annotations": {"a": "b"}}),
    "cap_add": (["NET_ADMIN"], {"CapAdd": ["NET_ADMIN"]}),
    "cap_drop": ("ALL", {"CapDrop": ["ALL"]}),
    "cgroup_parent": ("/x", {"CgroupParent": "/x"}),
    "cgroupns": ("host", {"CgroupnsMode": "host"}),
    "cpu_shares": (512, {"CpuShares": 512}),
    "cpus": (1.5, {"NanoCpus": 1_500_000_000}),
    "cpuset_cpus": ("0-1", {"CpusetCpus": "0-1"}),
    "devices": (["/dev/a:/dev/b:r"], {"Devices": [
        {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"}]}),
    "dns": (["1.1.1.1"], {"Dns": ["1.1.1.1"]}),
    "dns_options": ("ndots:2", {"DnsOptions": ["ndots:2"]}),
    "dns_search": (["x"], {"DnsSearch": ["x"]}),
    "group_add": (["audio", 5], {"GroupAdd": ["audio", "5"]}),
    "init": (True, {"Init": True}),
    "ipc": ("host", {"IpcMode": "host"}),
    "log_driver": ("none", {"LogConfig": {"Type": "none", "Config": {}}}),
    "log_options": ({"max-size": "1m"}, {"LogConfig": {"Type": "", "Config": {"max-size": "1m"}}}),
    "memory": ("512m", {"Memory": 512 << 20}),
    "memory_reservation": (5, {"MemoryReservation": 5}),
    "memory_swap": (-1, {"MemorySwap": -1}),
    "mounts": (["type=bind,src=/a,dst=/b"],
               {"Mounts": [{"Type": "bind", "Source": "/a", "Target": "/b"}]}),
    "oom_score_adj": (5, {"OomScoreAdj": 5}),
    "pid": ("host", {"PidMode": "host"}),
    "pids_limit": (9, {"PidsLimit": 9}),
    "privileged": (True, {"Privileged": True}),
    "publish_all": (True, {"PublishAllPorts": True}),
    "read_only": (True, {"ReadonlyRootfs": True}),
    "restart": ("on-failure:3",
                {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}),
    "runtime": ("runsc", {"Runtime": "runsc"}),
    "security_opt": (["no-new-privileges"], {"SecurityOpt": ["no-new-privileges"]}),
    "shm_size": ("64m", {"ShmSize": 64 << 20}),
    "storage_options": ({"size": "1g"}, {"StorageOpt": {"size": "1g"}}),
    "sysctls": ({"a.b": 1}, {"Sysctls": {"a.b": "1"}}),
    "tmpfs": ("/run:size=1m", {"Tmpfs": {"/run": "size=1m"}}),
    "ulimits": (["nofile=5:6"], {"Ulimits": [{"Name": "nofile", "Soft": 5, "Hard": 6}]}),
    "userns": ("host", {"UsernsMode": "host"}),
    "uts": ("host", {"UTSMode": "host"}),
    "volume_driver": ("d", {"VolumeDriver": "d"}),
    "volumes_from": ("web:ro", {"VolumesFrom": ["web:ro"]}),
}  # fmt: skip

CONFIG: dict[str, tuple[Any, dict[str, Any]]] = {
    "domainname": ("d", {"Domainname": "d"}),
    "entrypoint": (["/a", "b"], {"Entrypoint": ["/a", "b"]}),
    "expose": ([80, "53/udp"], {"ExposedPorts": {"80/tcp": {}, "53/udp": {}}}),
    "healthcheck": ({"test": "curl x", "interval": "30s", "timeout": 5, "start_period": "1m",
                     "start_interval": "1s", "retries": 3},
                    {"Healthcheck": {"Test": ["CMD-SHELL", "curl x"], "Interval": 30 * 10**9,
                                     "Timeout": 5 * 10**9, "StartPeriod": 60 * 10**9,
                                     "StartInterval": 10**9, "Retries": 3}}),
    "hostname": ("h", {"Hostname": "h"}),
    "stop_signal": ("INT", {"StopSignal": "INT"}),
    "stop_timeout": (2.5, {"StopTimeout": 3}),
    "user": (1000, {"User": "1000"}),
}  # fmt: skip

BOTH: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "ports": (
        {"80/tcp": [8080, ("127.0.0.1", 8081)]},
        {"ExposedPorts": {"80/tcp": {}}},
        {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"},
                                     {"HostIp": "127.0.0.1", "HostPort": "8081"}]}},
    ),
    "volumes": (["/data:/in:ro", "/anonymous"],
                {"Volumes": {"/anonymous": {}}}, {"Binds": ["/data:/in:ro"]}),
}  # fmt: skip
ELSEWHERE = {"network_aliases", "platform"}


def test_every_option_is_tested_here() -> None:
    assert {*HOST, *CONFIG, *BOTH, *ELSEWHERE} == set(CreateOptions.__annotations__)


@pytest.mark.parametrize("name", [*HOST, *CONFIG, *BOTH])
def test_each_option_s_part_of_the_request(name: str) -> None:
    if name in BOTH:
        value, config, host = BOTH[name]
    else:
        value, fields = (HOST | CONFIG)[name]
        config, host = ({}, fields) if name in HOST else (fields, {})
    given: Any = {name: value}
    assert ContainerOptions.of(**given).body(None) == {**config, "HostConfig": host}


@pytest.mark.parametrize("name", CreateOptions.__annotations__)
def test_none_is_the_same_as_no_option(name: str) -> None:
    given: Any = {name: None}
    assert ContainerOptions.of(**given) == ContainerOptions()


@pytest.mark.parametrize(
    ("options", "part", "value"),
    [
        ({"entrypoint": "/a"}, "Entrypoint", ["/a"]),
        ({"entrypoint": ""}, "Entrypoint", [""]),
        ({"entrypoint": []}, "Entrypoint", [""]),
        ({"healthcheck": {"test": ["curl", "x"]}}, "Healthcheck", {"Test": ["CMD", "curl", "x"]}),
        ({"healthcheck": {"test": ["CMD-SHELL", "x"]}}, "Healthcheck",
         {"Test": ["CMD-SHELL", "x"]}),
        ({"healthcheck": {"test": []}}, "Healthcheck", {"Test": ["NONE"]}),
        ({"healthcheck": {"test": "NONE"}}, "Healthcheck", {"Test": ["NONE"]}),
        ({"healthcheck": {"retries": 2}}, "Healthcheck", {"Retries": 2}),
    ],
)  # fmt: skip
def test_other_forms(options: Any, part: str, value: Any) -> None:
    assert ContainerOptions.of(**options).config[part] == value


def test_other_forms_of_limits_and_hosts() -> None:
    found = ContainerOptions.of(ulimits={"core": 0, "nofile": (1, 2)}, add_host=["a:1", "b=2"])
    assert found.host_config["Ulimits"] == [
        {"Name": "core", "Soft": 0, "Hard": 0},
        {"Name": "nofile", "Soft": 1, "Hard": 2},
    ]
    assert found.host_config["ExtraHosts"] == ["a:1", "b:2"]


def test_further_names_in_a_network() -> None:
    options = ContainerOptions.of(network_aliases="db")
    assert options.body("shop")["NetworkingConfig"] == {
        "EndpointsConfig": {"shop": {"Aliases": ["db"]}}
    }
    with pytest.raises(HyperJupyterError, match="no network is named"):
        options.body(None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"memory": "x"}, "memory: 'x'"),
        ({"shm_size": "x"}, "shm_size: 'x'"),
        ({"cpus": "x"}, "cpus: 'x'"),
        ({"restart": "x"}, "restart: 'x'"),
        ({"ports": ["x"]}, "publish: 'x'"),
        ({"expose": ["x"]}, "expose: 'x'"),
        ({"volumes": ["x"]}, "volume: 'x'"),
        ({"mounts": ["x=y"]}, "mount: 'x=y'"),
        ({"ulimits": ["nofile"]}, "ulimit: 'nofile='"),
        ({"stop_timeout": "x"}, "stop_timeout: 'x'"),
        ({"healthcheck": {"interval": "x"}}, "healthcheck's Interval: 'x'"),
        ({"healthcheck": {"nope": "x"}}, "there is no 'nope'"),
        ({"add_host": ["x"]}, "add_host: 'x'"),
        ({"devices": [""]}, "device: ''"),
        ({"tmpfs": "x"}, "tmpfs: 'x'"),
    ],
)
def test_an_invalid_value_is_named_with_its_option(options: Any, words: str) -> None:
    with pytest.raises(HyperJupyterError, match=words) as caught:
        ContainerOptions.of(**options)
    assert caught.value.hint


def test_options_reach_the_engine(serve: Serve) -> None:
    server = serve({"POST /containers/create": answer({"Id": "f00d"}, "201 Created")})
    client = client_of(server.url)
    client.create(
        "alpine", "ls", name="web", network="shop", network_aliases=["db"], auto_remove=True,
        platform="linux/arm64", ports=["8080:80"], read_only=True, user="me",
    )  # fmt: skip
    (line,) = server.lines
    assert line == ("POST /v1.45/containers/create?name=web&platform=linux%2Farm64 HTTP/1.1")
    body = server.requests[-1].json
    assert body["HostConfig"] == {
        "AutoRemove": True, "NetworkMode": "shop", "ReadonlyRootfs": True,
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
    }  # fmt: skip
    assert body["NetworkingConfig"] == {"EndpointsConfig": {"shop": {"Aliases": ["db"]}}}
    assert (body["User"], body["ExposedPorts"]) == ("me", {"80/tcp": {}})


def test_an_option_that_does_not_exist_is_a_mistake_in_the_program(serve: Serve) -> None:
    unknown: Any = {"colour": "red"}
    with pytest.raises(TypeError, match="no option colour"):
        client_of(serve().url).create("alpine", **unknown)
