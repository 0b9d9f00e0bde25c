"""Images, networks, volumes and the disk: what there is, and what there is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.driver import Engine

HOST = "host:latest"


def names(answer: Any) -> list[str]:
    return [str(each.get("Name") or each["RepoTags"][0]) for each in answer]


# -- images ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["host", "docker.io/library/host", "docker.io/host:latest"])
def test_the_image_has_names_with_slashes_and_tags(engine: Engine, reference: str) -> None:
    image = engine.call("GET", f"/images/{reference}/json").json
    assert (image["RepoTags"], image["Size"]) == ([HOST], 0)
    assert engine.call("GET", f"/images/{reference}/history").json == []
    reply = engine.call("POST", "/containers/create", {"Image": reference, "Cmd": ["true"]})
    assert reply.status == 201
    engine.created.append(reply.json["Id"])
    assert engine.inspect(reply.json["Id"])["Config"]["Image"] == reference


def test_the_image_is_for_this_machine_as_the_version_names_it(engine: Engine) -> None:
    image, version = (engine.call("GET", path).json for path in ("/images/host/json", "/version"))
    assert (image["Os"], image["Architecture"]) == (version["Os"], version["Arch"])
    assert image["Architecture"] != "x86_64"  # Go calls it amd64


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        ('{"reference":["host"]}', True),
        ('{"reference":["ho*"]}', True),
        ('{"reference":["docker.io/library/host:latest"]}', True),
        ('{"reference":["busybox"]}', False),
        ('{"dangling":["false"]}', True),
        ('{"dangling":["true"]}', False),
        ('{"label":["a"]}', False),
    ],
)
def test_images_are_filtered(engine: Engine, filters: str, there: bool) -> None:
    listed = engine.call("GET", f"/images/json?filters={filters}").json
    assert names(listed) == ([HOST] if there else [])


def test_what_is_here_need_not_be_pulled(engine: Engine) -> None:
    reply = engine.call("POST", "/images/create?fromImage=docker.io/library/host&tag=latest")
    assert (reply.status, reply.json) == (
        200,
        {"status": "Status: Image is up to date for host:latest"},
    )
    missing = engine.call("POST", "/images/create?fromImage=busybox&tag=1")
    assert (missing.status, "No such image: busybox:1 (" in missing.message) == (404, True)


# -- networks and volumes ----------------------------------------------------------------------


def test_there_are_this_machine_s_network_and_none(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, name="member")
    networks = engine.call("GET", "/networks").json
    assert [(each["Name"], each["Driver"]) for each in networks] == [
        ("host", "host"), ("none", "null"),
    ]  # fmt: skip
    for reference in ("host", networks[0]["Id"], networks[0]["Id"][:12]):
        network = engine.call("GET", f"/networks/{reference}").json
        assert [each["Name"] for each in network["Containers"].values()] == ["member"]
    assert engine.call("GET", "/networks/none").json["Containers"] == {}
    for method in ("GET", "DELETE"):
        reply = engine.call(method, "/networks/other")
        assert (reply.status, reply.message) == (404, "network other not found")
    reply = engine.call("DELETE", "/networks/host")
    assert (reply.status, reply.message) == (
        403, "host is a pre-defined network and cannot be removed",
    )  # fmt: skip
    (settings,) = engine.inspect(container)["NetworkSettings"]["Networks"].items()
    assert (settings[0], settings[1]["NetworkID"]) == ("host", networks[0]["Id"])


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ('{"name":["ho"]}', ["host"]),
        ('{"driver":["null"]}', ["none"]),
        ('{"type":["custom"]}', []),
        ('{"type":["builtin"]}', ["host", "none"]),
        ('{"dangling":["true"]}', []),
        ('{"scope":["swarm"]}', []),
        ('{"label":["a"]}', []),
    ],
)
def test_networks_are_filtered(engine: Engine, filters: str, wanted: list[str]) -> None:
    assert names(engine.call("GET", f"/networks?filters={filters}").json) == wanted


def test_there_are_no_volumes(engine: Engine) -> None:
    assert engine.call("GET", "/volumes").json == {"Volumes": [], "Warnings": None}
    for method in ("GET", "DELETE"):
        reply = engine.call(method, "/volumes/mine")
        assert (reply.status, reply.message) == (404, "get mine: no such volume")


# -- prune and the disk ------------------------------------------------------------------------


def test_prune_removes_what_does_not_run(engine: Engine) -> None:
    kept = engine.create("true", Labels={"keep": "1"})
    gone = engine.create("true")
    running = engine.run("cat", stdin=True)
    for filters in ('{"until":["1h"]}', '{"label":["other"]}', '{"label!":["keep"],"until":["1"]}'):
        reply = engine.call("POST", f"/containers/prune?filters={filters}")
        assert reply.json["ContainersDeleted"] is None, filters
    reply = engine.call("POST", '/containers/prune?filters={"label!":["keep"]}')
    assert reply.json == {"ContainersDeleted": [gone], "SpaceReclaimed": 0}
    left = engine.call("GET", "/containers/json?all=1").json
    assert {each["Id"] for each in left} == {kept, running}
    assert engine.call("POST", '/containers/prune?filters={"until":["x"]}').status == 400


def test_nothing_else_has_to_be_pruned(engine: Engine) -> None:
    for room, key in (
        ("networks", "NetworksDeleted"), ("volumes", "VolumesDeleted"),
        ("images", "ImagesDeleted"), ("build", "CachesDeleted"),
    ):  # fmt: skip
        assert not engine.call("POST", f"/{room}/prune").json[key]


def test_the_use_of_the_disk_is_nothing(engine: Engine) -> None:
    container = engine.create("true")
    usage = engine.call("GET", "/system/df").json
    assert [each["Id"] for each in usage["Containers"]] == [container]
    assert (usage["LayersSize"], names(usage["Images"])) == (0, [HOST])
    assert (usage["Volumes"], usage["BuildCache"]) == ([], [])
    assert set(engine.call("GET", "/system/df?type=volume").json) == {"Volumes"}
    assert engine.call("GET", "/system/df?type=other").status == 400


# -- what there is not -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/containers/x/changes", "record of changes to files"),
        ("GET", "/containers/x/export", "export"),
        ("POST", "/containers/x/copy", "old form of copying: use /containers/NAME/archive"),
        ("POST", "/commit?container=x", "commit"),
        ("POST", "/build", "build"),
        ("POST", "/auth", "registry to log in to"),
        ("GET", "/distribution/a/b/json", "registry to ask"),
        ("GET", "/images/search?term=x", "registry to search"),
        ("POST", "/images/a/b/push", "registry to push to"),
        ("POST", "/images/host/tag?repo=x", "other names"),
        ("DELETE", "/images/host", "removal of images"),
        ("GET", "/images/host/get", "files of an image"),
        ("POST", "/images/load", "load"),
        ("POST", "/images/create?fromSrc=-", "import of images"),
        ("POST", "/networks/create", "networks but this machine's"),
        ("POST", "/networks/host/connect", "networks but this machine's"),
        ("POST", "/volumes/create", "volumes"),
        ("POST", "/swarm/init", "swarm"),
        ("GET", "/services", "swarm"),
        ("GET", "/nodes", "swarm"),
        ("POST", "/secrets/create", "swarm"),
        ("POST", "/plugins/pull", "plugins"),
        ("POST", "/containers/x/checkpoints", "checkpoints"),
    ],
)
def test_what_docker_has_and_this_engine_not_is_said(
    engine: Engine, method: str, path: str, words: str
) -> None:
    reply = engine.call(method, path)
    assert reply.status == 501
    assert reply.message.startswith(f"the embedded engine has no {words}")


def test_podman_s_own_api_is_named(engine: Engine) -> None:
    for path in ("/v5.4.0/libpod/_ping", "/v4.0.0/libpod/containers/json", "/libpod/info"):
        reply = engine.call("GET", path, prefix="")
        assert (reply.status, "no API of Podman" in reply.message) == (501, True), path


def test_no_swarm_can_be_left(engine: Engine) -> None:
    reply = engine.call("POST", "/swarm/leave?force=1")
    assert (reply.status, reply.message) == (503, "This node is not part of a swarm")


def test_an_unknown_path_stays_unknown(engine: Engine) -> None:
    reply = engine.call("GET", "/nothing")
    assert (reply.status, reply.message) == (404, "page not found")
    assert engine.call("GET", "/plugins").json == []
