"""The engine itself: ping, version, info and its one image."""

from __future__ import annotations

from tests.engine.driver import Engine


def test_ping_with_and_without_a_version(engine: Engine) -> None:
    for prefix in ("", "/v1.45", "/v1.23"):
        reply = engine.call("GET", "/_ping", prefix=prefix)
        assert (reply.status, reply.body) == (200, b"OK")
        assert reply.headers["Api-Version"] == "1.45"
        assert reply.headers["Ostype"] == "linux"
        head = engine.call("HEAD", "/_ping", prefix=prefix)
        assert (head.status, head.body, head.headers["Api-Version"]) == (200, b"", "1.45")


def test_version_names_the_engine(engine: Engine) -> None:
    info = engine.call("GET", "/version").json
    assert (info["ApiVersion"], info["MinAPIVersion"]) == ("1.45", "1.23")
    assert any("hyper_jupyter" in component["Name"] for component in info["Components"])


def test_info_counts_containers(engine: Engine) -> None:
    engine.create("true")
    engine.run("cat", stdin=True)
    info = engine.call("GET", "/info").json
    assert (info["Containers"], info["ContainersRunning"], info["ContainersStopped"]) == (
        2,
        1,
        1,
    )
    assert "not a sandbox" in info["Warnings"][0]


def test_the_only_image_is_host(engine: Engine) -> None:
    images = engine.call("GET", "/images/json").json
    assert [image["RepoTags"] for image in images] == [["host:latest"]]
    for name in ("host", "host:latest", images[0]["Id"], images[0]["Id"].split(":")[1]):
        assert engine.call("GET", f"/images/{name}/json").json["Id"] == images[0]["Id"]
    assert engine.call("GET", "/images/busybox/json").status == 404
    reply = engine.call("POST", "/images/create?fromImage=busybox&tag=latest")
    assert reply.status == 404
    assert 'its only image is "host"' in reply.message
