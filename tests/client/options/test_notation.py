"""The docker command line's notations: every form that is documented, and what is none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client.options.notation import (
    parse_cpus,
    parse_device,
    parse_duration,
    parse_host,
    parse_restart_policy,
    parse_size,
    parse_tmpfs,
    parse_ulimit,
)
from hyper_jupyter.exceptions import HyperJupyterError


@pytest.mark.parametrize(
    ("size", "number"),
    [
        (0, 0), (512, 512), (-1, -1), ("-1", -1), ("512", 512), ("512b", 512), ("512B", 512),
        ("1k", 1024), ("1K", 1024), ("1kb", 1024), ("1KiB", 1024), ("512m", 512 << 20),
        ("512 MB", 512 << 20), ("1.5g", 3 << 29), ("2t", 2 << 40), ("1p", 1 << 50),
        (" 64m ", 64 << 20), ("0", 0),
    ],
)  # fmt: skip
def test_sizes(size: Any, number: int) -> None:
    assert parse_size(size, "memory") == number


@pytest.mark.parametrize("size", ["", "m", "512x", "-5m", "1.2.3m", "5mm", "1e3", -2, True, 1.5,
                                  None, "٣m", "512m\nx"])  # fmt: skip
def test_what_is_no_size(size: Any) -> None:
    with pytest.raises(HyperJupyterError, match=r"memory: .* is not a size") as caught:
        parse_size(size, "memory")
    assert "512m" in caught.value.hint


@pytest.mark.parametrize(
    ("cpus", "number"),
    [(1, 10**9), (1.5, 1_500_000_000), ("1.5", 1_500_000_000), (".5", 500_000_000), ("0", 0),
     ("0.000000001", 1), (0.1, 100_000_000), ("2", 2 * 10**9)],
)  # fmt: skip
def test_processors(cpus: Any, number: int) -> None:
    assert parse_cpus(cpus) == number


@pytest.mark.parametrize(
    "cpus", ["", "x", "-1", -1, "0.0000000001", "nan", "inf", float("inf"), True, "1,5"]
)
def test_what_is_no_number_of_processors(cpus: Any) -> None:
    with pytest.raises(HyperJupyterError, match=r"cpus: .* is not a number of processors"):
        parse_cpus(cpus)


@pytest.mark.parametrize(
    ("duration", "number"),
    [
        ("30s", 30 * 10**9), ("1m30s", 90 * 10**9), ("1h", 3600 * 10**9), ("1.5h", 5400 * 10**9),
        ("300ms", 300 * 10**6), ("2us", 2000), ("2µs", 2000), ("2μs", 2000), ("5ns", 5),
        ("0", 0), ("0s", 0), (".5s", 500_000_000), ("1.s", 10**9), (30, 30 * 10**9),
        (0.25, 250_000_000), (timedelta(minutes=1), 60 * 10**9), (" 5s ", 5 * 10**9),
    ],
)  # fmt: skip
def test_durations(duration: Any, number: int) -> None:
    assert parse_duration(duration, "interval") == number


@pytest.mark.parametrize(
    "duration", ["", "30", "s", "5x", "-5s", -5, "5s5", "1m 30s", None, True, float("nan"),
                 timedelta(seconds=-1), "1..5s"]
)  # fmt: skip
def test_what_is_no_duration(duration: Any) -> None:
    with pytest.raises(HyperJupyterError, match=r"interval: .* is not a duration"):
        parse_duration(duration, "interval")


@pytest.mark.parametrize(
    ("policy", "name", "count"),
    [("no", "no", 0), ("always", "always", 0), ("unless-stopped", "unless-stopped", 0),
     ("on-failure", "on-failure", 0), ("on-failure:3", "on-failure", 3)],
)  # fmt: skip
def test_restart_policies(policy: str, name: str, count: int) -> None:
    assert parse_restart_policy(policy) == {"Name": name, "MaximumRetryCount": count}


@pytest.mark.parametrize(
    "policy", ["", "never", "always:3", "on-failure:", "on-failure:x", "on-failure:-1",
               "on-failure:1:2", "Always"]
)  # fmt: skip
def test_what_is_no_restart_policy(policy: str) -> None:
    with pytest.raises(HyperJupyterError, match="is not a restart policy") as caught:
        parse_restart_policy(policy)
    assert "on-failure:3" in caught.value.hint


@pytest.mark.parametrize(
    ("limits", "soft", "hard"),
    [("1024:2048", 1024, 2048), ("1024", 1024, 1024), (1024, 1024, 1024), ((5, 6), 5, 6),
     ("-1", -1, -1), ("5:-1", 5, -1), ("-1:-1", -1, -1)],
)  # fmt: skip
def test_limits(limits: Any, soft: int, hard: int) -> None:
    assert parse_ulimit("nofile", limits) == {"Name": "nofile", "Soft": soft, "Hard": hard}


@pytest.mark.parametrize(
    ("name", "limits"),
    [("nofile", ""), ("nofile", "x"), ("nofile", "1:2:3"), ("nofile", "2:1"), ("nofile", "-1:5"),
     ("nope", "5"), ("", "5"), ("nofile", "-2"), ("nofile", "5:")],
)  # fmt: skip
def test_what_is_no_limit(name: str, limits: Any) -> None:
    with pytest.raises(HyperJupyterError, match="ulimit: ") as caught:
        parse_ulimit(name, limits)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("device", "inside", "permissions"),
    [
        ("/dev/sdc", "/dev/sdc", "rwm"),
        ("/dev/sdc:/dev/xvdc", "/dev/xvdc", "rwm"),
        ("/dev/sdc:/dev/xvdc:r", "/dev/xvdc", "r"),
        ("/dev/sdc:rw", "/dev/sdc", "rw"),
    ],
)
def test_devices(device: str, inside: str, permissions: str) -> None:
    assert parse_device(device) == {
        "PathOnHost": "/dev/sdc", "PathInContainer": inside, "CgroupPermissions": permissions,
    }  # fmt: skip


@pytest.mark.parametrize("device", ["", ":", "/dev/a:/dev/b:x", "/dev/a:/dev/b:rr", "a:b:c:d"])
def test_what_is_no_device(device: str) -> None:
    with pytest.raises(HyperJupyterError, match="is not a device"):
        parse_device(device)


@pytest.mark.parametrize(
    ("host", "line"),
    [("db:10.0.0.5", "db:10.0.0.5"), ("db=10.0.0.5", "db:10.0.0.5"), ("db:::1", "db:::1"),
     ("db=::1", "db:::1"), ("db=[::1]", "db:::1"), ("h:host-gateway", "h:host-gateway")],
)  # fmt: skip
def test_hosts(host: str, line: str) -> None:
    assert parse_host(host) == line


@pytest.mark.parametrize("host", ["", "db", "db:", ":10.0.0.5", "db 10.0.0.5"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(HyperJupyterError, match="is not a host"):
        parse_host(host)


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ("/run", {"/run": ""}),
        ("/run:rw,size=64m", {"/run": "rw,size=64m"}),
        (["/run", "/tmp:noexec"], {"/run": "", "/tmp": "noexec"}),
        ({"/run": "size=1m"}, {"/run": "size=1m"}),
    ],
)
def test_folders_in_memory(mounts: Any, expected: dict[str, str]) -> None:
    assert parse_tmpfs(mounts) == expected


def test_a_folder_in_memory_needs_an_absolute_path() -> None:
    with pytest.raises(HyperJupyterError, match="not an absolute path"):
        parse_tmpfs("run")


TEXTS: list[Callable[[str], Any]] = [
    lambda text: parse_size(text, "x"), parse_cpus, lambda text: parse_duration(text, "x"),
    parse_restart_policy, lambda text: parse_ulimit("core", text), parse_device, parse_host,
    parse_tmpfs,
]  # fmt: skip


@pytest.mark.parametrize("parse", TEXTS)
@given(text=st.text(alphabet="0123456789kmgsbE.:-=/,[] rw\n\x00µ٣", max_size=12))
def test_any_text_is_read_or_is_our_own_error(parse: Callable[[str], Any], text: str) -> None:
    with contextlib.suppress(HyperJupyterError):
        parse(text)
