"""What is asked of the machine: what is done, what is warned of, what is refused."""

from __future__ import annotations

import os
import resource
from typing import Any

import pytest

from hyper_jupyter.engine.config.host import HostConfig
from hyper_jupyter.engine.config.limits import read_ulimits
from hyper_jupyter.engine.config.restarts import RestartPolicy
from hyper_jupyter.exceptions import ApiError, NotFound

REFUSED: list[dict[str, Any]] = [
    {"NetworkMode": "none"},
    {"ReadonlyRootfs": True},
    {"CapDrop": ["ALL"]},
    {"UsernsMode": "remap"},
    {"SecurityOpt": ["seccomp=profile.json"]},
    {"MaskedPaths": ["/proc/kcore"]},
    {"Binds": ["/a:/b"]},
    {"Binds": ["/a:/a:ro"]},
    {"Binds": ["volume:/a"]},
    {"Mounts": [{"Type": "volume", "Source": "/a", "Target": "/a"}]},
    {"Mounts": [{"Type": "bind", "Source": "/a", "Target": "/a", "ReadOnly": True}]},
    {"Tmpfs": {"/scratch": ""}},
    {"VolumesFrom": ["other"]},
]


@pytest.mark.parametrize("given", REFUSED, ids=str)
def test_what_would_protect_or_move_files_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="its containers are processes") as refused:
        HostConfig.parse(given)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "given",
    [
        {"NetworkMode": "host", "PidMode": "host", "Runtime": "runc", "UsernsMode": "host"},
        {"NetworkMode": "default", "MemorySwappiness": -1, "Memory": 0, "Devices": []},
        {"NetworkMode": "bridge", "SecurityOpt": ["seccomp=unconfined", "label=disable"]},
        {"Binds": ["/tmp:/tmp", "/a/b:/a/b:rw"], "Init": True, "CapDrop": []},
        {"Mounts": [{"Type": "bind", "Source": "/tmp", "Target": "/tmp/"}]},
        {"PortBindings": {"80/tcp": [{"HostPort": "80"}]}, "LogConfig": {"Type": "local"}},
    ],
    ids=str,
)
def test_what_is_so_already_needs_no_word(given: dict[str, Any]) -> None:
    assert HostConfig.parse(given).warnings == ()


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ({"Memory": 1}, "Memory is ignored"),
        ({"PidsLimit": 10}, "PidsLimit is ignored"),
        ({"CapAdd": ["NET_ADMIN"]}, "CapAdd is ignored"),
        ({"Privileged": True}, "Privileged is ignored"),
        ({"Dns": ["1.1.1.1"]}, "Dns is ignored"),
        ({"PidMode": "container:x"}, "PidMode is ignored"),
        ({"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}, "PortBindings of 80/tcp is ignored"),
        (
            {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}]}},
            "PortBindings of 80/tcp is ignored",
        ),
        ({"PortBindings": {"80/tcp": None}}, "PortBindings of 80/tcp is ignored"),
        ({"LogConfig": {"Type": "syslog"}}, "LogConfig is ignored"),
        (
            {"LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}},
            "the options of LogConfig are ignored",
        ),
    ],
    ids=str,
)
def test_what_has_no_effect_is_one_warning(given: dict[str, Any], first: str) -> None:
    (warning,) = HostConfig.parse(given).warnings
    assert warning.startswith(first)
    assert "\n" not in warning


def test_other_networks_and_log_drivers_are_unknown() -> None:
    with pytest.raises(NotFound, match="network mine not found"):
        HostConfig.parse({"NetworkMode": "mine"})
    with pytest.raises(ApiError, match="no log driver named 'asdf' is registered"):
        HostConfig.parse({"LogConfig": {"Type": "asdf"}})


def test_what_is_removed_at_its_end_is_not_started_again() -> None:
    with pytest.raises(ApiError, match="can't create 'AutoRemove' container with restart policy"):
        HostConfig.parse({"AutoRemove": True, "RestartPolicy": {"Name": "always"}})


def test_inspect_shows_what_was_asked_for_and_the_network_that_is_used() -> None:
    given = {"Memory": 1 << 20, "NetworkMode": "bridge", "Binds": ["/tmp:/tmp"], "Sysctls": None}
    shown = HostConfig.parse(given).as_json(RestartPolicy("always"))
    assert (shown["Memory"], shown["Binds"]) == (1 << 20, ["/tmp:/tmp"])
    assert shown["NetworkMode"] == "host"
    assert shown["RestartPolicy"] == {"Name": "always", "MaximumRetryCount": 0}
    assert (shown["CpuShares"], shown["Dns"], shown["CapAdd"]) == (0, [], None)


def test_ulimits_are_numbers_of_resources() -> None:
    asked = [{"Name": "nofile", "Soft": 64, "Hard": 128}, {"Name": "core", "Soft": 0, "Hard": 0}]
    assert read_ulimits(asked) == (
        (resource.RLIMIT_NOFILE, 64, 128), (resource.RLIMIT_CORE, 0, 0),
    )  # fmt: skip
    for bad, reason in (
        ([{"Name": "none", "Soft": 1, "Hard": 1}], "invalid ulimit type: none"),
        ([{"Name": "nofile", "Soft": 2, "Hard": 1}], "must not be above the hard limit: 2 > 1"),
        ([{"Name": "nofile", "Soft": -1, "Hard": 1}], "must not be above the hard limit"),
        ([5], "a list of objects"),
        ([{"Name": "nofile", "Soft": "1", "Hard": 1}], "a name and two numbers"),
    ):
        with pytest.raises(ApiError, match=reason):
            read_ulimits(bad)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may raise its limits")
def test_a_limit_above_this_user_s_own_is_refused() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with pytest.raises(ApiError, match="cannot be raised"):
        read_ulimits([{"Name": "nofile", "Soft": 1, "Hard": hard + 1}])
