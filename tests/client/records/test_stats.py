"""Readings of what a container uses, as Docker and Podman give them."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client.records import Stats
from hyper_jupyter.exceptions import ProtocolError

DOCKER: dict[str, Any] = {
    "read": "2026-11-29T20:05:38.500000000Z",
    "preread": "2026-11-29T20:05:37.500000000Z",
    "pids_stats": {"current": 2},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 8, "minor": 0, "op": "Read", "value": 10},
            {"major": 8, "minor": 1, "op": "read", "value": 5},
            {"major": 8, "minor": 0, "op": "Write", "value": 7},
            {"major": 8, "minor": 0, "op": "Total", "value": 22},
        ]
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 3_000_000_000}, "system_cpu_usage": 1},
    "precpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}},
    "memory_stats": {"usage": 1000, "limit": 4000, "stats": {"total_inactive_file": 200}},
    "networks": {
        "eth0": {"rx_bytes": 1, "tx_bytes": 2},
        "eth1": {"rx_bytes": 10, "tx_bytes": 20},
    },
    "name": "/web",
    "id": "f00d",
}


def test_a_reading_of_docker() -> None:
    found = Stats.from_answer(DOCKER)
    assert found == Stats(
        "f00d", "web", 1795982738.5, cpu_percent=150.0, memory=800, memory_limit=4000,
        network_received=11, network_sent=22, block_read=15, block_written=7, pids=2,
    )  # fmt: skip
    assert found.memory_percent == 20.0
    assert found.raw is DOCKER


def test_the_processor_s_share_is_that_since_an_earlier_reading() -> None:
    # Podman's precpu_stats are zero, or of some milliseconds ago.
    before = Stats.from_answer({**DOCKER, "preread": "0001-01-01T00:00:00Z", "precpu_stats": {}})
    assert before is not None
    assert before.cpu_percent is None
    later = {
        **DOCKER,
        "read": "2026-11-29T20:05:40.500000000Z",
        "preread": "2026-11-29T20:05:40.499000000Z",
        "cpu_stats": {"cpu_usage": {"total_usage": 3_500_000_000}},
    }
    found = Stats.from_answer(later, before)
    assert found is not None
    assert found.cpu_percent == 25.0


@pytest.mark.parametrize(
    ("memory", "used"),
    [
        ({"usage": 1000, "stats": {"inactive_file": 300}}, 700),  # control groups, version 2
        ({"usage": 1000, "stats": {"inactive_file": 3000}}, 1000),
        ({"usage": 1000}, 1000),
        ({}, 0),  # Podman without a memory controller
    ],
)
def test_cache_that_is_easily_freed_is_no_memory_in_use(memory: Any, used: int) -> None:
    found = Stats.from_answer({**DOCKER, "memory_stats": memory})
    assert found is not None
    assert (found.memory, found.memory_percent) == (used, None)


@pytest.mark.parametrize(
    "answer",
    [
        {**DOCKER, "read": "0001-01-01T00:00:00Z"},  # Docker
        {"cause": "container is stopped", "message": "container is stopped", "response": 500},
        {},
    ],
)
def test_a_container_that_does_not_run_has_no_reading(answer: Any) -> None:
    assert Stats.from_answer(answer) is None


@pytest.mark.parametrize("answer", [None, [], 5, "x"])
def test_what_is_no_reading_is_our_own_error(answer: Any) -> None:
    with pytest.raises(ProtocolError, match="not a reading"):
        Stats.from_answer(answer)


def test_parts_of_another_type_are_empty() -> None:
    odd = {
        "read": DOCKER["read"],
        "preread": DOCKER["preread"],
        "precpu_stats": [],
        "networks": [],
        "blkio_stats": None,
        "memory_stats": 5,
        "cpu_stats": {"cpu_usage": "x"},
    }
    assert Stats.from_answer(odd) == Stats("", "", 1795982738.5, 0.0, 0, 0, 0, 0, 0, 0, 0)
