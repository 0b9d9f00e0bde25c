"""Calls about everything an engine has: what is asked, and what the answers mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records import Port, Pruned
from hyper_jupyter.client.responses import Reply
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)
from tests.client.conftest import Serve, client_of
from tests.client.resources.test_containers import PODMAN, ROWS
from tests.client.servers import Script, ScriptedServer, answer

Ask = Callable[[EngineClient], Any]

READING = {
    "read": "2026-11-29T20:05:38.5Z",
    "preread": "2026-11-29T20:05:37.5Z",
    "cpu_stats": {"cpu_usage": {"total_usage": 2_000_000_000}},
    "precpu_stats": {"cpu_usage": {"total_usage": 1_000_000_000}},
    "memory_stats": {"usage": 7},
}


class Everything(dict[str, Any]):
    """Answers every path with an object that suits every call."""

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            return self[key]
        lists = ("/networks", "/images/json", "/containers/json", "/changes", "/history")
        if key.startswith("GET") and key.endswith(lists):
            return answer([])
        return answer(
            {"Id": "f00d", "Name": "x", "Titles": ["PID"], "Warnings": ["w"], **READING}
            if not key.startswith("DELETE /images")
            else []
        )


@pytest.fixture
def server(folder: Path) -> Any:
    with ScriptedServer(folder / "s") as server:
        server.answers = Everything(server.answers)
        yield server


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda c: c.containers(latest=True), "GET /containers/json?all=1&limit=1"),
        (lambda c: c.containers(False, limit=3), "GET /containers/json?all=1&limit=3"),
        (lambda c: c.containers(size=True), "GET /containers/json?all=1&size=1"),
        (lambda c: c.containers(False, filters={"label": "a=b"}),
         'GET /containers/json?all=0&filters={"label": ["a=b"]}'),
        (lambda c: c.containers(False, filters={"status": ["exited", "dead"]}),
         'GET /containers/json?all=1&filters={"status": ["exited", "dead"]}'),
        (lambda c: c.restart("web"), "POST /containers/web/restart?t=10"),
        (lambda c: c.restart("web", grace=0.5), "POST /containers/web/restart?t=1"),
        (lambda c: c.rename("web", "a b"), "POST /containers/web/rename?name=a b"),
        (lambda c: c.update("web"), "POST /containers/web/update"),
        (lambda c: c.top("web"), "GET /containers/web/top"),
        (lambda c: c.top("web", "-o pid"), "GET /containers/web/top?ps_args=-o pid"),
        (lambda c: c.diff("web"), "GET /containers/web/changes"),
        (lambda c: c.port("web"), "GET /containers/web/json"),
        (lambda c: c.stats("web"), "GET /containers/web/stats?stream=0"),
        (lambda c: c.images(), "GET /images/json?all=0"),
        (lambda c: c.images(True, filters={"dangling": True}),
         'GET /images/json?all=1&filters={"dangling": ["true"]}'),
        (lambda c: c.inspect_image("a.b:5000/c/d@sha256:ee"),
         "GET /images/a.b:5000/c/d@sha256:ee/json"),
        (lambda c: c.inspect_image("a b?c"), "GET /images/a b?c/json"),
        (lambda c: c.history("busybox"), "GET /images/busybox/history"),
        (lambda c: c.tag_image("busybox", "shop/web"),
         "POST /images/busybox/tag?repo=shop/web&tag=latest"),
        (lambda c: c.tag_image("busybox", "a:5000/web:1"),
         "POST /images/busybox/tag?repo=a:5000/web&tag=1"),
        (lambda c: c.tag_image("busybox", "a:5000/web", "2"),
         "POST /images/busybox/tag?repo=a:5000/web&tag=2"),
        (lambda c: c.remove_image("a/b"), "DELETE /images/a/b?force=0&noprune=0"),
        (lambda c: c.remove_image("a/b", True, keep_parents=True),
         "DELETE /images/a/b?force=1&noprune=1"),
        (lambda c: c.commit("web"), "POST /commit?container=web&pause=1"),
        (lambda c: c.commit("web", "r:t", message="m", author="a", changes=["ENV A=b", "X y"],
                            pause=False),
         "POST /commit?container=web&repo=r&tag=t&comment=m&author=a&pause=0&changes=ENV A=b\nX y"),
        (lambda c: c.commit("web", "r", changes="ENV A=b"),
         "POST /commit?container=web&repo=r&tag=latest&pause=1&changes=ENV A=b"),
        (lambda c: c.prune_images(), 'POST /images/prune?filters={"dangling": ["true"]}'),
        (lambda c: c.prune_images(True, filters={"until": "1h"}),
         'POST /images/prune?filters={"dangling": ["false"], "until": ["1h"]}'),
        (lambda c: c.volumes(filters={"name": "x"}), 'GET /volumes?filters={"name": ["x"]}'),
        (lambda c: c.create_volume(), "POST /volumes/create"),
        (lambda c: c.inspect_volume("a/b"), "GET /volumes/a%2Fb"),
        (lambda c: c.remove_volume("x"), "DELETE /volumes/x?force=0"),
        (lambda c: c.prune_volumes(), "POST /volumes/prune"),
        (lambda c: c.prune_volumes(True, filters={"label": "a"}),
         'POST /volumes/prune?filters={"all": ["true"], "label": ["a"]}'),
        (lambda c: c.networks(), "GET /networks"),
        (lambda c: c.inspect_network("x"), "GET /networks/x"),
        (lambda c: c.remove_network("x"), "DELETE /networks/x"),
        (lambda c: c.prune_networks(), "POST /networks/prune"),
        (lambda c: c.prune_containers(filters={"label!": "keep"}),
         'POST /containers/prune?filters={"label!": ["keep"]}'),
        (lambda c: c.info(), "GET /info"),
        (lambda c: c.disk_usage(), "GET /system/df"),
    ],
)  # fmt: skip
def test_each_call_s_request_line(server: ScriptedServer, ask: Ask, line: str) -> None:
    ask(client_of(server.url))
    (asked,) = server.lines
    if "%2F" in line:
        assert asked == f"{line} HTTP/1.1".replace(" /", " /v1.45/", 1)
    else:
        assert unquote(asked) == f"{line} HTTP/1.1".replace(" /", " /v1.45/", 1)


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (lambda c: c.update("web", restart="on-failure:3", memory="64m", memory_swap=-1, cpus=1.5,
                            memory_reservation="1g", cpu_shares=5, cpuset_cpus="0-1",
                            pids_limit=9),
         {"Memory": 64 << 20, "MemorySwap": -1, "MemoryReservation": 1 << 30,
          "NanoCpus": 1_500_000_000, "CpuShares": 5, "CpusetCpus": "0-1", "PidsLimit": 9,
          "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}),
        (lambda c: c.update("web"), {}),
        (lambda c: c.create_volume("x", driver="d", options={"o": "p"}, labels={"a": "b"}),
         {"Name": "x", "Driver": "d", "DriverOpts": {"o": "p"}, "Labels": {"a": "b"}}),
        (lambda c: c.create_volume(), {"Name": ""}),
        (lambda c: c.create_network("n"),
         {"Name": "n", "CheckDuplicate": True, "Internal": False, "Attachable": False,
          "EnableIPv6": False}),
        (lambda c: c.create_network("n", driver="d", internal=True, attachable=True, ipv6=True,
                                    subnet="s", gateway="g", ip_range="r", options={"o": "p"},
                                    labels={"a": "b"}),
         {"Name": "n", "CheckDuplicate": True, "Internal": True, "Attachable": True,
          "EnableIPv6": True, "Driver": "d", "Options": {"o": "p"}, "Labels": {"a": "b"},
          "IPAM": {"Config": [{"Subnet": "s", "Gateway": "g", "IPRange": "r"}]}}),
        (lambda c: c.connect_network("n", "web"), {"Container": "web", "EndpointConfig": {}}),
        (lambda c: c.connect_network("n", "web", aliases=["a"], ipv4_address="1", ipv6_address="2"),
         {"Container": "web", "EndpointConfig": {
             "Aliases": ["a"], "IPAMConfig": {"IPv4Address": "1", "IPv6Address": "2"}}}),
        (lambda c: c.disconnect_network("n", "web", force=True),
         {"Container": "web", "Force": True}),
    ],
)  # fmt: skip
def test_what_calls_send(server: ScriptedServer, ask: Ask, body: dict[str, Any]) -> None:
    ask(client_of(server.url))
    assert server.requests[-1].json == body


def test_update_returns_what_the_engine_warns_of(server: ScriptedServer) -> None:
    assert client_of(server.url).update("web", memory=5) == ("w",)


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.inspect_image(""),
        lambda c: c.inspect_image("a/../b"),
        lambda c: c.remove_image("."),
        lambda c: c.remove_volume(".."),
        lambda c: c.inspect_volume(""),
        lambda c: c.remove_network(""),
        lambda c: c.history("a//b"),
    ],
)
def test_a_name_that_would_change_the_path_is_not_asked_for(
    server: ScriptedServer, ask: Ask
) -> None:
    with pytest.raises(NotFound, match=r"No such|was named"):
        ask(client_of(server.url))
    assert server.lines == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.restart("wev"),
        lambda c: c.rename("wev", "x"),
        lambda c: c.update("wev"),
        lambda c: c.top("wev"),
        lambda c: c.diff("wev"),
        lambda c: c.port("wev"),
        lambda c: c.stats("wev"),
        lambda c: c.watch_stats("wev"),
    ],
)
def test_a_missing_container_s_error_names_near_ones(serve: Serve, ask: Ask) -> None:
    client = client_of(serve({"GET /containers/json": answer(ROWS)}).url)
    with pytest.raises(NotFound) as caught:
        ask(client)
    assert caught.value.hint == "Did you mean web or web-2?"


def test_a_container_of_podman_that_is_missing_in_diff_is_not_found(serve: Serve) -> None:
    text = {"message": "wev not found: layer not known", "cause": "layer not known"}
    broken = answer(text, "500 Internal Server Error")
    server = serve({"GET /containers/wev/changes": broken, "GET /containers/json": answer(ROWS)})
    with pytest.raises(NotFound) as caught:
        client_of(server.url).diff("wev")
    assert caught.value.hint == "Did you mean web or web-2?"


def test_a_name_that_is_taken_is_a_conflict_on_podman_too(serve: Serve) -> None:
    text = {"message": "renaming: UNIQUE constraint failed: ContainerConfig.Name"}
    server = serve({"POST /containers/a/rename": answer(text, "500 Internal Server Error")})
    with pytest.raises(Conflict):
        client_of(server.url).rename("a", "b")


def test_a_call_that_the_engine_does_not_have_is_told(serve: Serve) -> None:
    server = serve({"POST /containers/a/update": answer(b"Not Found", "404 Not Found")})
    with pytest.raises(NotFound) as caught:
        client_of(server.url).update("a", memory=5)
    assert "does not have this call" in caught.value.hint


@pytest.mark.parametrize(
    ("ping", "text", "where"),
    [
        (None, 'ps: exec: "ps": executable file not found in $PATH', "the engine's machine"),
        (PODMAN, 'executing ps(1) in container: exec: "ps": executable file not found in $PATH',
         "the container"),
    ],
)  # fmt: skip
def test_without_ps_the_error_says_whose(
    serve: Serve, ping: bytes | None, text: str, where: str
) -> None:
    answers: dict[str, Script] = {"GET /_ping": ping} if ping else {}
    broken = answer({"message": text}, "500 Internal Server Error")
    with pytest.raises(ApiError) as caught:
        client_of(serve({**answers, "GET /containers/a/top": broken}).url).top("a")
    hint = f"The engine runs the command ps of {where}, which has none."
    instead = "" if ping else " %hyper exec --wait a ps runs the container's own."
    assert caught.value.hint == hint + instead


def test_top_of_a_container_that_does_not_run_names_it_as_the_caller_did(serve: Serve) -> None:
    refusal = answer({"message": f"container {'c0ffee00' * 8} is not running"}, "409 Conflict")
    with pytest.raises(Conflict, match=r"^container web is not running"):
        client_of(serve({"GET /containers/web/top": refusal}).url).top("web")


def test_top_of_a_container_that_does_not_run_is_a_conflict_on_podman_4_too(serve: Serve) -> None:
    with pytest.raises(Conflict, match="not running"):
        client_of(serve({"GET /containers/a/top": answer(b"")}).url).top("a")


def test_port_lists_those_that_are_published(serve: Serve) -> None:
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "53/udp": None}
    inspected = answer({"Id": "x", "NetworkSettings": {"Ports": ports}})
    client = client_of(serve({"GET /containers/a/json": inspected}).url)
    assert client.port("a") == [Port(80, "tcp", "0.0.0.0", 8080)]


@pytest.mark.parametrize(
    ("ping", "version", "spares"),
    [
        (answer(b"OK", headers={"Api-Version": "1.41"}), "20.10", False),
        (answer(b"OK", headers={"Api-Version": "1.42"}), "26.1", True),
        (PODMAN, "5.8.6", False),
        (PODMAN, "6.1.1", True),
    ],
)
def test_volumes_with_a_name_are_pruned_only_if_all_are_meant(
    serve: Serve, ping: bytes, version: str, spares: bool
) -> None:
    server = serve(
        {
            "GET /_ping": ping,
            "GET /version": answer({"Version": version}),
            "POST /volumes/prune": answer({"VolumesDeleted": ["x"]}),
        }
    )
    client = client_of(server.url)
    if spares:
        assert client.prune_volumes() == Pruned(("x",))
    else:
        with pytest.raises(HyperJupyterError, match="have a name") as caught:
            client.prune_volumes()
        assert "all=True" in caught.value.hint
        assert server.lines == []
    client.prune_volumes(all=True)
    assert ("filters" in server.lines[-1]) is spares


ODD: dict[str, tuple[Ask, str]] = {
    "update": (lambda c: c.update("x"), "POST /containers/x/update"),
    "top": (lambda c: c.top("x"), "GET /containers/x/top"),
    "stats": (lambda c: c.stats("x"), "GET /containers/x/stats"),
    "watch": (lambda c: c.watch_stats("x"), "GET /containers/x/stats"),
    "images": (lambda c: c.images(), "GET /images/json"),
    "history": (lambda c: c.history("x"), "GET /images/x/history"),
    "inspect image": (lambda c: c.inspect_image("x"), "GET /images/x/json"),
    "commit": (lambda c: c.commit("x"), "POST /commit"),
    "volumes": (lambda c: c.volumes(), "GET /volumes"),
    "create volume": (lambda c: c.create_volume("x"), "POST /volumes/create"),
    "networks": (lambda c: c.networks(), "GET /networks"),
    "create network": (lambda c: c.create_network("x"), "POST /networks/create"),
    "info": (lambda c: c.info(), "GET /info"),
    "df": (lambda c: c.disk_usage(), "GET /system/df"),
    "prune": (lambda c: c.prune_containers(), "POST /containers/prune"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("body", [b"no json", b"5", b'"x"', b"[[]]", b'["x"]'])
def test_an_answer_that_is_malformed_is_our_own_error(serve: Serve, name: str, body: bytes) -> None:
    ask, route = ODD[name]
    with pytest.raises(ProtocolError):
        ask(client_of(serve({route: answer(body)}).url))


@pytest.mark.parametrize(("driver", "timeout"), [(None, None), ("nfs", 60.0)])
def test_a_volume_s_driver_is_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, driver: str | None, timeout: float | None
) -> None:
    client = client_of(serve().url)
    asked: list[Any] = []

    def call(*_: Any, timeout: float | None = None, **__: Any) -> Any:
        asked.append(timeout)
        return Reply(200, {}, b'{"Name": "v"}')

    monkeypatch.setattr(client, "call", call)
    client.create_volume("v", driver=driver)
    assert asked == [timeout]
