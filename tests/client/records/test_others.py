"""Images, volumes, networks and the engine itself, as engines describe them."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client.records import (
    DiskUsage,
    EngineInfo,
    EngineVersion,
    Event,
    Image,
    Layer,
    Network,
    Progress,
    Pruned,
    RemovedImages,
    Usage,
    Volume,
)
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.exceptions import ProtocolError

HEX = "ab" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-29T20:06:25Z", 1795982785.0),
        ("2026-11-29T20:06:25.5Z", 1795982785.5),
        ("2026-11-29T20:06:25.250000001+01:00", 1795979185.25),
        ("0001-01-01T00:00:00Z", 0.0),
        ("2026-13-29T20:06:25Z", 0.0),
        ("yesterday", 0.0),
        (None, 0.0),
        (5, 0.0),
    ],
)
def test_dates(text: Any, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected, abs=1e-6)


def test_an_image() -> None:
    row = {"Id": HEX, "RepoTags": ["<none>:<none>", "a:1"], "RepoDigests": None, "Created": 5,
           "Size": 7, "Labels": {"x": "y"}}  # fmt: skip
    assert Image.from_row(row) == Image(f"sha256:{HEX}", ("a:1",), (), 5, 7, {"x": "y"})


def test_a_layer() -> None:
    row = {"Id": "<missing>", "Created": 5, "CreatedBy": "sh", "Size": 7, "Comment": "c",
           "Tags": None}  # fmt: skip
    assert Layer.from_row(row) == Layer("<missing>", 5, "sh", 7, "c")


@pytest.mark.parametrize(
    ("row", "progress"),
    [
        ({"status": "Downloading", "id": "a1", "progressDetail": {"current": 5, "total": 9}},
         Progress("a1", "Downloading", 5, 9)),
        ({"status": "Pull complete", "id": "a1", "progressDetail": {}},
         Progress("a1", "Pull complete")),
        ({"status": "Status: done"}, Progress("", "Status: done")),
        ({"status": "x\x1b[2J", "progressDetail": 5}, Progress("", "x [2J")),
    ],
)  # fmt: skip
def test_progress(row: Any, progress: Progress) -> None:
    assert Progress.from_row(row) == progress


def test_what_the_removal_of_an_image_did() -> None:
    rows = [{"Untagged": "a:1"}, {"Deleted": f"sha256:{HEX}"}, {"Deleted": HEX}, None]
    assert RemovedImages.from_answer(rows) == RemovedImages(("a:1",), (f"sha256:{HEX}",) * 2)
    assert RemovedImages.from_answer(None) == RemovedImages()


def test_a_volume() -> None:
    row = {"Name": "data", "Driver": "local", "Mountpoint": "/m", "Scope": "local",
           "CreatedAt": "2026-11-29T20:06:25Z", "Labels": None, "Options": {"o": "ro"}}  # fmt: skip
    expected = Volume("data", "local", "/m", 1795982785.0, {}, {"o": "ro"}, "local")
    assert Volume.from_row(row) == expected


def test_a_network() -> None:
    row = {"Id": "n1", "Name": "shop", "Driver": "bridge", "Scope": "local", "Internal": True,
           "EnableIPv6": False, "Created": "2026-11-29T20:06:25Z",
           "IPAM": {"Config": [{"Subnet": "10.0.0.0/8"}, {}]}, "Labels": {"a": "b"}}  # fmt: skip
    assert Network.from_row(row) == Network(
        "n1", "shop", "bridge", "local", 1795982785.0, True, False, ("10.0.0.0/8",), {"a": "b"}
    )


EVENT = {
    "status": "die", "id": "f00d", "from": "busybox", "Type": "container", "Action": "die",
    "Actor": {"ID": "f00d", "Attributes": {"name": "web", "exitCode": "3"}},
    "time": 5, "timeNano": 5_500_000_000,
}  # fmt: skip


def test_an_event() -> None:
    attributes = {"name": "web", "exitCode": "3"}
    expected = Event(5.5, "container", "die", "f00d", "web", attributes)
    assert Event.from_row(EVENT) == expected
    old = {"status": "die", "id": "f00d", "time": 5}  # before API 1.22
    assert Event.from_row(old) == Event(5.0, "container", "die", "f00d")


def test_an_event_of_podman_has_docker_s_word() -> None:
    row = {**EVENT, "Action": "remove"}
    assert Event.from_row(row, {("container", "remove"): "destroy"}).action == "destroy"
    assert Event.from_row(row, {("image", "remove"): "delete"}).action == "remove"


def test_an_engine() -> None:
    found = EngineInfo.from_answer({"ID": "i", "NCPU": 2, "MemTotal": 10, "Warnings": ["w"],
                                    "CgroupVersion": "2", "ContainersRunning": 3})  # fmt: skip
    assert (found.id, found.cpus, found.memory, found.warnings) == ("i", 2, 10, ("w",))
    assert (found.cgroup_version, found.running, found.root) == ("2", 3, "")


def test_versions() -> None:
    parts = [{"Name": "Engine", "Version": "26"}, {"Name": "runc", "Version": "1\n2"}, None, {}]
    found = EngineVersion.from_answer(
        {"Version": "26", "ApiVersion": "1.45", "MinAPIVersion": "1.24", "Components": parts}
    )
    assert (found.version, found.api_version, found.oldest_api_version) == ("26", "1.45", "1.24")
    assert found.components == {"Engine": "26", "runc": "1 2"}


def test_disk_usage() -> None:
    answer = {
        "LayersSize": 100,
        "Images": [
            {"Id": "a", "Size": 60, "SharedSize": 10, "Containers": 1},
            {"Id": "b", "Size": 50, "SharedSize": 10, "Containers": 0},
        ],
        "Containers": [
            {"State": "running", "SizeRw": 5},
            {"State": "exited", "SizeRw": 7},
            {"State": "created"},
        ],
        "Volumes": [
            {"UsageData": {"Size": 11, "RefCount": 1}},
            {"UsageData": {"Size": 13, "RefCount": 0}},
            {"UsageData": {"Size": -1, "RefCount": -1}},
        ],
        "BuildCache": [
            {"Size": 3, "InUse": True},
            {"Size": 4, "InUse": False},
            {"Size": 9, "Shared": True},
        ],
    }
    assert DiskUsage.from_answer(answer) == DiskUsage(
        images=Usage(2, 1, 100, 50),
        containers=Usage(3, 1, 12, 7),
        volumes=Usage(3, 1, 24, 13),
        build_cache=Usage(3, 1, 7, 4),
    )


def test_an_image_of_several_names_is_counted_once() -> None:
    rows = [{"Id": HEX, "Size": 5, "Containers": 0}] * 2  # Podman 4, which has no LayersSize
    found = DiskUsage.from_answer({"LayersSize": 0, "Images": rows})
    assert found.images == Usage(1, 0, 5, 5)


@pytest.mark.parametrize(
    ("answer", "name", "pruned"),
    [
        ({"VolumesDeleted": ["a", "b"], "SpaceReclaimed": 5}, "VolumesDeleted",
         Pruned(("a", "b"), 5)),
        ({"NetworksDeleted": None}, "NetworksDeleted", Pruned()),
        ({"ImagesDeleted": [{"Untagged": "a:1"}, {"Deleted": HEX}], "SpaceReclaimed": 1},
         "ImagesDeleted", Pruned((f"sha256:{HEX}",), 1, ("a:1",))),
    ],
)  # fmt: skip
def test_what_was_pruned(answer: Any, name: str, pruned: Pruned) -> None:
    assert Pruned.from_answer(answer, name) == pruned


@pytest.mark.parametrize(
    "read",
    [
        Image.from_row, Layer.from_row, Volume.from_row, Network.from_row, Event.from_row,
        Progress.from_row, EngineInfo.from_answer, EngineVersion.from_answer,
        DiskUsage.from_answer, RemovedImages.from_answer, lambda x: Pruned.from_answer(x, "A"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("answer", [5, "x", [[]], True])
def test_what_is_malformed_is_our_own_error(read: Any, answer: Any) -> None:
    if answer == [[]] and read == RemovedImages.from_answer:
        assert read(answer) == RemovedImages()
        return
    with pytest.raises(ProtocolError, match="the engine's answer is not"):
        read(answer)


@pytest.mark.parametrize("read", [Image.from_row, Layer.from_row, Volume.from_row,
                                  Network.from_row, Event.from_row])  # fmt: skip
def test_what_has_no_name_is_our_own_error(read: Any) -> None:
    with pytest.raises(ProtocolError, match="the engine's answer is not"):
        read({"Size": 5})
