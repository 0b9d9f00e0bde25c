"""Calls about containers: what is asked, what the answers mean, and what errors say."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client import Container, EngineClient, ExecOptions, create_exec
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)
from tests.client.conftest import Serve, client_of
from tests.client.servers import Peer, ScriptedServer, answer

DONE = answer(b"", "204 No Content", {})


EMBEDDED = {"Version": "0.1", "Components": [{"Name": "hyper_jupyter engine"}]}


PODMAN = answer(b"OK", headers={"Api-Version": "1.41", "Libpod-API-Version": "5.4.2"})

SIZED = {"AutoRemove": False, "ConsoleSize": [24, 80]}

ROWS = [
    {"Id": "a" * 64, "Names": ["/web"], "State": "running"},
    {"Id": "b" * 64, "Names": ["/web-2", "/other/web"]},
    {"Id": "c" * 64, "Names": ["/database"]},
    {"Id": "d" * 64, "Names": None},
]


ASK: dict[str, Callable[[EngineClient, str], Any]] = {
    "inspect": EngineClient.inspect,
    "start": EngineClient.start,
    "stop": EngineClient.stop,
    "kill": EngineClient.kill,
    "wait": EngineClient.wait,
    "pause": EngineClient.pause,
    "unpause": EngineClient.unpause,
    "remove": EngineClient.remove,
    "resize": lambda client, c: client.resize(c, 24, 80),
}


@pytest.mark.parametrize("verb", ASK)
def test_a_missing_container_s_error_names_near_ones(serve: Serve, verb: str) -> None:
    client = client_of(serve({"GET /containers/json": answer(ROWS)}).url)
    with pytest.raises(NotFound) as caught:
        ASK[verb](client, "wev")
    assert caught.value.hint == "Did you mean web or web-2?"


@pytest.mark.parametrize(
    ("rows", "wanted", "hint"),
    [
        (ROWS, "data", "Did you mean database?"),
        (ROWS, "BASE", "Did you mean database?"),
        (ROWS, "zzz", "There are: web, web-2, database, dddddddddddd."),
        ([{"Id": "x", "Names": [f"/{n}"]} for n in "abcdefg"], "z", "There are: a, b, c, d, e, …."),
        ([{"Id": "x", "Names": [f"/web{n}"]} for n in range(5)], "webs",
         "Did you mean web4, web3 or web2?"),
        ([], "x", "This engine has no containers; %hyper create or %hyper run makes one."),
        ([{"Names": ["/no-id"]}], "x", ""),
        ({"message": "odd"}, "x", ""),
    ],
)  # fmt: skip
def test_the_hint_depends_on_what_there_is(serve: Serve, rows: Any, wanted: str, hint: str) -> None:
    client = client_of(serve({"GET /containers/json": answer(rows)}).url)
    with pytest.raises(NotFound) as caught:
        client.inspect(wanted)
    assert caught.value.hint == hint


def test_where_the_list_fails_too_the_error_stays_what_it_is(serve: Serve) -> None:
    server = serve({"GET /containers/json": answer(b"", "500 Broken")})
    with pytest.raises(NotFound) as caught:
        client_of(server.url).inspect("x")
    assert caught.value.hint == ""


def test_what_else_may_be_missing_is_no_reason_to_name_containers(serve: Serve) -> None:
    missing = answer({"message": "network nope not found"}, "404 Not Found")
    server = serve({"POST /containers/web/start": missing, "POST /containers/create": missing})
    client = client_of(server.url)
    for ask in (lambda: client.start("web"), lambda: client.create("default", network="nope")):
        with pytest.raises(NotFound, match="network nope not found") as caught:
            ask()
        assert "network create" in caught.value.hint
    assert server.lines == [
        "POST /v1.45/containers/web/start HTTP/1.1", "POST /v1.45/containers/create HTTP/1.1"
    ]  # fmt: skip


def test_a_missing_shell_is_answered_with_sh(serve: Serve) -> None:
    said = 'runc create failed: exec: "bash": executable file not found in $PATH'
    missing = answer({"message": said}, "400 Bad Request")
    with pytest.raises(ApiError) as caught:
        client_of(serve({"POST /containers/web/start": missing}).url).start("web")
    assert caught.value.hint == "The image has no bash. Most have sh."


def test_a_missing_image_is_to_be_pulled(serve: Serve) -> None:
    missing = answer({"message": "No such image: nope:latest"}, "404 Not Found")
    with pytest.raises(NotFound) as caught:
        client_of(serve({"POST /containers/create": missing}).url).create("nope")
    assert caught.value.hint == "%hyper pull nope, or client.pull('nope'), fetches it."


@pytest.mark.parametrize(
    "part",
    [
        {"State": "running"},
        {"Config": ["x"]},
        {"HostConfig": 7},
        {"State": {"ExitCode": "abc"}},
        {"Id": 7},
    ],
)
def test_an_answer_to_inspect_that_is_none_is_our_own_error(
    serve: Serve, part: dict[str, Any]
) -> None:
    client = client_of(serve({"GET /containers/x/json": answer({"Id": "x", **part})}).url)
    with pytest.raises(ProtocolError):
        client.inspect("x")


def test_an_exit_code_that_is_none_is_our_own_error(serve: Serve) -> None:
    client = client_of(serve({"POST /containers/x/wait": answer({"StatusCode": "abc"})}).url)
    with pytest.raises(ProtocolError):
        client.wait("x")


@pytest.mark.parametrize("verb", ASK)
@pytest.mark.parametrize("name", ["", ".", "..", "/", "../x", "./web", "web/", "//web"])
def test_a_name_that_would_change_the_path_is_not_found_and_not_asked_for(
    serve: Serve, verb: str, name: str
) -> None:
    server = serve({"GET /containers/json": answer([])})
    with pytest.raises(NotFound, match=r"no container was named|No such container"):
        ASK[verb](client_of(server.url), name)
    assert server.lines == ["GET /v1.45/containers/json?all=1 HTTP/1.1"]


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda c: c.start("web"), "POST /v1.45/containers/web/start"),
        (lambda c: c.stop("web"), "POST /v1.45/containers/web/stop?t=10"),
        (lambda c: c.stop("web", grace=3), "POST /v1.45/containers/web/stop?t=3"),
        (lambda c: c.stop("web", grace=0.2), "POST /v1.45/containers/web/stop?t=1"),
        (lambda c: c.stop("web", grace=None), "POST /v1.45/containers/web/stop?t=2147483647"),
        (lambda c: c.stop("/web", grace=0), "POST /v1.45/containers/web/stop?t=0"),
        (lambda c: c.kill("web"), "POST /v1.45/containers/web/kill?signal=KILL"),
        (lambda c: c.kill("web", "INT"), "POST /v1.45/containers/web/kill?signal=INT"),
        (lambda c: c.kill("web", signal.SIGHUP), "POST /v1.45/containers/web/kill?signal=1"),
        (lambda c: c.pause("web"), "POST /v1.45/containers/web/pause"),
        (lambda c: c.unpause("web"), "POST /v1.45/containers/web/unpause"),
        (lambda c: c.resize("web", 24, 80), "POST /v1.45/containers/web/resize?h=24&w=80"),
        (lambda c: c.remove("web"), "DELETE /v1.45/containers/web?force=0&v=1"),
        (lambda c: c.remove("web", force=True), "DELETE /v1.45/containers/web?force=1&v=1"),
        (lambda c: c.start("a/b c?d#é%"), "POST /v1.45/containers/a%2Fb%20c%3Fd%23%C3%A9%25/start"),
        (lambda c: c.start("..."), "POST /v1.45/containers/.../start"),
        (lambda c: c.containers(), "GET /v1.45/containers/json?all=1"),
        (lambda c: c.containers(all=False), "GET /v1.45/containers/json?all=0"),
    ],
)  # fmt: skip
def test_each_call_s_request_line(
    folder: Path, ask: Callable[[EngineClient], Any], line: str
) -> None:
    class Any204(dict[str, bytes]):
        """Every path is answered."""

        def get(self, key: str, default: Any = None) -> Any:
            return self[key] if key in self else answer([]) if key.startswith("GET") else DONE

    with ScriptedServer(folder / "s") as server:
        server.answers = Any204(server.answers)  # type: ignore[assignment]
        ask(client_of(server.url))
        assert server.lines == [f"{line} HTTP/1.1"]


FULL = {
    "Image": "alpine", "Cmd": ["sh", "-c", "echo 'a b'"], "Tty": False, "OpenStdin": False,
    "StdinOnce": False, "AttachStdin": False, "AttachStdout": True, "AttachStderr": True,
    "HostConfig": {"AutoRemove": False},
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        ({}, {}),
        ({"command": """sh -c "echo 'a b'" """}, {}),
        ({"command": None}, {"Cmd": None}),
        ({"command": ""}, {"Cmd": None}),
        ({"command": ["a b", "", "$x"]}, {"Cmd": ["a b", "", "$x"]}),
        ({"command": "echo $x *"}, {"Cmd": ["echo", "$x", "*"]}),
        ({"image": "default"}, {"Image": "busybox"}),
        ({"tty": True}, {"Tty": True, "HostConfig": SIZED}),
        ({"tty": True, "size": (50, 132)},
         {"Tty": True, "HostConfig": {"AutoRemove": False, "ConsoleSize": [50, 132]}}),
        ({"size": (50, 132)}, {}),
        ({"stdin": True}, {"OpenStdin": True, "AttachStdin": True}),
        ({"stdin": True, "stdin_once": True},
         {"OpenStdin": True, "AttachStdin": True, "StdinOnce": True}),
        ({"env": {"A": "1", "B": "x y"}}, {"Env": ["A=1", "B=x y"]}),
        ({"env": ["A=1", "B"]}, {"Env": ["A=1", "B"]}),
        ({"env": {}}, {}),
        ({"env": {"A": None, "SET": None, "EMPTY": None, "B": ""}},
         {"Env": ["A", "SET=a b=c", "EMPTY=", "B="]}),
        ({"env": ["SET", "EMPTY", "A"]},
         {"Env": ["SET=a b=c", "EMPTY=", "A"]}),
        ({"auto_remove": True}, {"HostConfig": {"AutoRemove": True}}),
        ({"network": "none"}, {"HostConfig": {"AutoRemove": False, "NetworkMode": "none"}}),
        ({"working_dir": "/tmp"}, {"WorkingDir": "/tmp"}),
        ({"labels": {"a": "b"}}, {"Labels": {"a": "b"}}),
    ],
)  # fmt: skip
def test_create_sends_this_json(
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, Any],
    changes: dict[str, Any],
) -> None:
    monkeypatch.setenv("SET", "a b=c")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("A", raising=False)
    monkeypatch.delenv("B", raising=False)
    server = serve({"POST /containers/create": answer({"Id": "f00d"}, "201 Created")})
    given: dict[str, Any] = {"image": "alpine", "command": ["sh", "-c", "echo 'a b'"], **arguments}
    assert client_of(server.url).create(**given) == "f00d"
    assert server.lines == ["POST /v1.45/containers/create HTTP/1.1"]
    request = server.requests[-1]
    assert request.json == {**FULL, **changes}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == str(len(request.body))


@pytest.mark.parametrize("env", [{"NAME": None, "B": "1"}, ["NAME", "B=1"]])
def test_podman_is_sent_no_name_without_a_value(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, env: Any
) -> None:
    monkeypatch.delenv("NAME", raising=False)
    server = serve({"GET /_ping": PODMAN, "POST /containers/create": answer({"Id": "f00d"})})
    client_of(server.url).create("alpine", env=env)
    assert server.requests[-1].json["Env"] == ["B=1"]


@pytest.mark.parametrize(
    ("ping", "sized"),
    [(answer(b"OK", headers={"Api-Version": "1.41"}), False),
     (answer(b"OK", headers={"Api-Version": "1.42"}), True),
     (PODMAN, False)],
    ids=["docker 1.41", "docker 1.42", "podman"],
)  # fmt: skip
def test_a_size_is_named_to_engines_that_take_one(serve: Serve, ping: bytes, sized: bool) -> None:
    server = serve({"GET /_ping": ping, "POST /containers/create": answer({"Id": "f00d"})})
    client_of(server.url).create("alpine", tty=True)
    assert ("ConsoleSize" in server.requests[-1].json["HostConfig"]) is sized


def test_what_the_engine_does_not_do_is_passed_on(serve: Serve) -> None:
    made = {"Id": "f00d", "Warnings": ["no \x1b[31mports here", 7]}
    server = serve({"POST /containers/create": answer(made, "201 Created")})
    said: list[str] = []
    assert client_of(server.url).create("alpine", on_warning=said.append) == "f00d"
    assert said == ["no [31mports here"]


def test_create_names_the_container_in_the_query(serve: Serve) -> None:
    server = serve({"POST /containers/create": answer({"Id": "f00d"}, "201 Created")})
    client_of(server.url).create("alpine", name="my web")
    assert server.lines == ["POST /v1.45/containers/create?name=my%20web HTTP/1.1"]


def test_the_default_image_of_the_embedded_engine_is_host(serve: Serve) -> None:
    server = serve(
        {"GET /version": answer(EMBEDDED), "POST /containers/create": answer({"Id": "f00d"})}
    )
    client_of(server.url).create("default", "ls")
    assert server.requests[-1].json["Image"] == "host"


STATES = ("running", "paused", "created", "exited", "stopped", "restarting", "initialized")


@pytest.mark.parametrize(
    ("all_of_them", "asked", "states"),
    [(True, "1", STATES), (False, "1", ("running", "paused", "restarting"))],
)
def test_podman_is_asked_for_all_since_it_leaves_paused_ones_out(
    serve: Serve, all_of_them: bool, asked: str, states: tuple[str, ...]
) -> None:
    rows = [{"Id": str(n) * 64, "State": state} for n, state in enumerate(STATES)]
    server = serve({"GET /_ping": PODMAN, "GET /containers/json": answer(rows)})
    found = client_of(server.url).containers(all=all_of_them)
    assert server.lines == [f"GET /v1.41/containers/json?all={asked} HTTP/1.1"]
    assert tuple(each.state for each in found) == states


@pytest.mark.parametrize("code", [-1, 0])
def test_wait_for_a_container_of_podman_that_has_not_started_is_0(serve: Serve, code: int) -> None:
    waited = answer({"StatusCode": code, "Error": None})
    server = serve({"GET /_ping": PODMAN, "POST /containers/web/wait": waited})
    assert client_of(server.url).wait("web") == 0


def test_the_list_of_containers(serve: Serve) -> None:
    row = {"Id": "a" * 64, "Names": ["/other/alias", "/web"], "Image": "alpine", "Command": "sh",
           "State": "running", "Status": "Up 2 minutes", "Created": 1700000000}  # fmt: skip
    server = serve({"GET /containers/json": answer([row, {"Id": "b" * 64, "Created": None}])})
    assert client_of(server.url).containers() == [
        Container("a" * 64, "web", "alpine", "sh", "running", "Up 2 minutes", 1700000000),
        Container("b" * 64, "b" * 12, "", "", "", "", 0),
    ]


def test_inspect_gives_all_that_the_engine_says(serve: Serve) -> None:
    server = serve({"GET /containers/x/json": answer({"Id": "f00d", "Odd": [1]})})
    assert client_of(server.url).inspect("x") == {"Id": "f00d", "Odd": [1]}


def test_wait_gives_the_exit_code(serve: Serve) -> None:
    server = serve({"POST /containers/x/wait": answer({"StatusCode": 137})})
    assert client_of(server.url).wait("x") == 137


ODD: dict[str, tuple[Callable[[EngineClient], Any], str]] = {
    "list": (EngineClient.containers, "GET /containers/json"),
    "create": (lambda client: client.create("alpine"), "POST /containers/create"),
    "wait": (lambda client: client.wait("x"), "POST /containers/x/wait"),
    "inspect": (lambda client: client.inspect("x"), "GET /containers/x/json"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "body", [b"", b"no json", b"\xff", b"[" * 200_000, b"null", b"5", b'"x"', b'["x"]', b"[[]]",
             b'{"Id"', b'[{"Id": 5}]', b'{"StatusCode": null}'],
)  # fmt: skip
def test_an_odd_answer_is_a_protocol_error(serve: Serve, name: str, body: bytes) -> None:
    if name == "inspect" and body.startswith(b"{") and body.endswith(b"}"):
        return  # a dictionary, and inspect asks for no more
    ask, route = ODD[name]
    client = client_of(serve({route: answer(body)}).url)
    with pytest.raises(ProtocolError, match=r"^the engine's answer is not"):
        ask(client)


@pytest.mark.parametrize("seconds", [0.2, 0, -1])
def test_wait_raises_timeout_error_where_the_container_does_not_stop(
    serve: Serve, seconds: float
) -> None:
    client = client_of(serve({"POST /containers/x/wait": Peer.wait_for_end}).url)
    with pytest.raises(TimeoutError, match=f"container x did not stop within {seconds} s"):
        client.wait("x", timeout=seconds)


def test_wait_s_lost_connection_is_no_timeout(serve: Serve) -> None:
    client = client_of(serve({"POST /containers/x/wait": b""}).url)
    with pytest.raises(ConnectionFailed):
        client.wait("x", timeout=5)


def test_stop_waits_for_the_grace_too(serve: Serve) -> None:
    def late(peer: Peer) -> None:
        assert not peer.hung_up(0.6)
        peer.send(DONE)

    client = client_of(serve({"POST /containers/x/stop": late}).url)
    client.timeout = 0.3  # not for the negotiation
    client.stop("x", grace=5)
    client.stop("x", grace=None)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.resize("web", 0, 80),
        lambda c: c.resize("web", 24, 65_536),
        lambda c: c.create("busybox", tty=True, size=(24, -1)),
        lambda c: c.create("busybox", ["sh", "a\0b"]),
        lambda c: c.create("busybox", working_dir="/\0"),
        lambda c: c.create("busybox", env={"": "x"}),
        lambda c: c.create("busybox", env=["A=\0"]),
        lambda c: c.stop("web", grace=-1),
        lambda c: create_exec(c, "web", ExecOptions(("ls",), tty=True), size=(0, 0)),
    ],
)
def test_what_engines_take_amiss_is_refused_before_the_call(
    serve: Serve, call: Callable[[EngineClient], object]
) -> None:
    server = serve({})
    with pytest.raises(HyperJupyterError):
        call(client_of(server.url))
    assert server.lines == []
