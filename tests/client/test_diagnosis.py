"""What the doctor finds: each fault is distinguished, and has a next step of its own."""

from __future__ import annotations

import base64
import grp
import hashlib
import json
import os
import socket
from pathlib import Path

import pytest

from hyper_jupyter.client import Endpoint, Finding, examine, find_engine, resolve_address
from hyper_jupyter.client.diagnosis import socket_finding
from tests.client.conftest import Serve
from tests.client.servers import PING, Peer, ScriptedServer, answer, dead_socket

LIST = "GET /containers/json"
ATTACH = "POST /containers/abc/attach"
NOBODY = "POST /containers/hyper-jupyter-no-such-container/attach"
WEBSOCKET = "GET /containers/abc/attach/ws"
ROWS = answer([{"Id": "abc", "State": "running"}])
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
FORBIDDEN = answer(b"<html>Request forbidden by administrative rules.</html>", "403 Forbidden")


def last(url: str) -> Finding:
    findings = examine(resolve_address(url, environ={}), timeout=5)
    assert all(finding.good is not False for finding in findings[:-1])
    return findings[-1]


def test_an_engine_with_nothing_wrong(serve: Serve) -> None:
    server = serve({LIST: ROWS, ATTACH: UPGRADED})
    assert examine(resolve_address(server.url)) == [
        Finding(True, f"the engine is {server.url} (you named it)"),
        Finding(True, "it is docker 26.1.5; requests use API 1.45"),
        Finding(True, "an attach request is answered with the upgrade (101)"),
    ]
    assert server.lines[-1] == (
        "POST /v1.45/containers/abc/attach?logs=0&stream=0&stdin=0&stdout=0&stderr=0 HTTP/1.1"
    )


def test_a_container_that_ends_just_then_does_not_hide_what_another_one_shows(serve: Serve) -> None:
    rows = answer([{"Id": "gone", "State": "running"}, {"Id": "abc", "State": "running"}])
    gone = {"POST /containers/gone/attach": answer({"message": "not running"}, "409 Conflict")}
    found = last(serve({LIST: rows, ATTACH: UPGRADED, **gone}).url)
    assert found == Finding(True, "an attach request is answered with the upgrade (101)")


def test_a_proxy_that_removes_the_upgrade(serve: Serve) -> None:
    found = last(serve({LIST: ROWS, ATTACH: PLAIN}).url)
    assert not found.good
    assert "without the upgrade (200): a proxy in between removes it" in found.text
    assert found.next_step.endswith(
        ", connect to the engine without it. "
        "Attaching by WebSocket was tried and does not work either (404)."
    )
    assert "Upgrade and Connection" in found.next_step


def test_a_proxy_that_forbids_the_ping(serve: Serve) -> None:
    found = last(serve({"GET /_ping": FORBIDDEN, "GET /version": FORBIDDEN}).url)
    assert "the answer to GET /_ping is 403" in found.text
    assert "A proxy in front of the engine forbids it" in found.text
    assert "/_ping, /version, /containers" in found.next_step


def test_a_proxy_that_forbids_containers(serve: Serve) -> None:
    found = last(serve({LIST: FORBIDDEN}).url)
    assert "the answer to GET /containers/json is 403" in found.text
    assert "A proxy in front of the engine forbids it" in found.text


def test_a_proxy_that_only_lets_read(serve: Serve) -> None:
    found = last(serve({LIST: ROWS, ATTACH: FORBIDDEN}).url)
    assert "the answer to POST /containers/…/attach is 403" in found.text
    assert "and POST" in found.next_step


@pytest.mark.parametrize("refusal", [PLAIN, FORBIDDEN, b""], ids=["200", "403", "cut off"])
def test_where_the_upgrade_fails_the_websocket_is_tried_and_what_works_is_said(
    serve: Serve, refusal: bytes
) -> None:
    server = serve({LIST: ROWS, ATTACH: refusal})

    def accept(peer: Peer) -> None:
        key = server.requests[-1].headers["sec-websocket-key"]
        digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        sign = base64.b64encode(digest).decode()
        peer.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {sign}\r\n\r\n".encode()
        )

    server.answers[WEBSOCKET] = accept
    found = last(server.url)
    assert found.next_step.endswith(
        ", or attach by WebSocket, which works here: %hyper_attach --ws (ws=True)."
    )
    assert server.lines[-1] == (
        "GET /v1.45/containers/abc/attach/ws?logs=0&stream=0&stdin=0&stdout=0&stderr=0 HTTP/1.1"
    )


@pytest.mark.parametrize(
    ("answered", "why"),
    [(FORBIDDEN, "(403)."), (b"", "(no answer)."), (PLAIN, "(the answer is 200 and not"),
     (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
      "(the answer is not a WebSocket handshake")],
    ids=["403", "cut off", "200", "wrong"],
)  # fmt: skip
def test_a_websocket_that_fails_too_is_not_offered(serve: Serve, answered: bytes, why: str) -> None:
    found = last(serve({LIST: ROWS, ATTACH: FORBIDDEN, WEBSOCKET: answered}).url)
    assert "Attaching by WebSocket was tried and does not work either" in found.next_step
    assert why in found.next_step


def test_without_a_container_to_try_it_with_the_websocket_is_a_possibility(serve: Serve) -> None:
    found = last(serve({LIST: answer([]), NOBODY: FORBIDDEN}).url)
    assert found.next_step.endswith(
        ". Attaching by WebSocket (%hyper_attach --ws, ws=True) may work: only a running container "
        "can show it."
    )


def test_podman_has_no_websocket_and_is_not_asked_for_one(serve: Serve) -> None:
    podman = answer(b"OK", headers={"Api-Version": "1.41", "Libpod-API-Version": "5.0.0"})
    closed = {"Id": "abc", "Config": {"Tty": False, "OpenStdin": False}}
    server = serve({"GET /_ping": podman, LIST: ROWS, ATTACH: PLAIN,
                    "GET /containers/abc/json": answer(closed)})  # fmt: skip
    assert last(server.url).next_step.endswith("connect to the engine without it.")
    assert "/ws" not in "".join(server.lines)


def test_a_proxy_that_cuts_the_upgrade_off(serve: Serve) -> None:
    found = last(serve({LIST: ROWS, ATTACH: b""}).url)
    assert "closed without an answer" in found.text
    assert "connect to the engine without it" in found.next_step


def test_an_engine_that_wants_another_version_than_the_negotiated_one(serve: Serve) -> None:
    text = "client version 1.23 is too old. Minimum supported API version is 1.44"
    server = serve({"GET /_ping": answer(b"OK", headers={"Api-Version": "1.23"}),
                    LIST: answer({"message": text}, "400 Bad Request")})  # fmt: skip
    found = last(server.url)
    assert text in found.text
    assert found.next_step.startswith(
        "Name a version that the engine accepts: connect(api_version="
    )


def test_an_engine_whose_oldest_version_is_newer_than_ours_is_used_and_that_is_noted(
    serve: Serve,
) -> None:
    version = {"Version": "31.0", "ApiVersion": "1.60", "MinAPIVersion": "1.50"}
    server = serve({"GET /_ping": answer(b"OK", headers={"Api-Version": "1.60"}),
                    "GET /version": answer(version), LIST: answer([])})  # fmt: skip
    findings = examine(resolve_address(server.url, environ={}), timeout=5)
    assert next(f.text for f in findings if f.good is None) == (
        "that API is newer than 1.45, the newest that hyper_jupyter was tested with"
    )
    assert "GET /v1.50/containers/json HTTP/1.1" in server.lines
    assert not [f for f in findings if f.good is False]


def test_a_version_of_the_environment_that_is_too_new_is_refused_and_said(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_API_VERSION", "1.99")
    text = "client version 1.99 is too new. Maximum supported API version is 1.45"
    version = {"ApiVersion": "1.45", "MinAPIVersion": "1.24"}
    server = serve({LIST: answer({"message": text}, "400 Bad Request"),
                    "GET /version": answer(version)})  # fmt: skip
    found = last(server.url)
    assert server.lines[-1] == "GET /v1.99/containers/json HTTP/1.1"
    assert text in found.text
    assert found.next_step == (
        "Unset DOCKER_API_VERSION and HYPER_API_VERSION, so that the version is negotiated, or "
        "give connect() another api_version (it accepts 1.24 to 1.45)."
    )


def test_without_a_running_container_the_upgrade_is_not_known(serve: Serve) -> None:
    missing = answer(
        {"message": "No such container"}, "404 Not Found", {"Connection": "keep-alive"}
    )

    def stay(peer: Peer) -> None:
        peer.send(missing)
        peer.wait_for_end()

    found = last(serve({LIST: answer([]), NOBODY: stay}).url)
    assert found.good is None
    assert "only a running container can show" in found.text


def test_podman_s_containers_with_an_open_stdin_are_let_alone(serve: Serve) -> None:
    podman = answer(b"OK", headers={"Api-Version": "1.41", "Libpod-API-Version": "5.0.0"})
    open_stdin = {"Id": "abc", "Config": {"Tty": False, "OpenStdin": True}}
    server = serve({"GET /_ping": podman, LIST: ROWS,
                    "GET /containers/abc/json": answer(open_stdin)})  # fmt: skip
    assert last(server.url).good is None
    assert "abc/attach" not in "".join(server.lines)


def test_what_answers_is_no_engine(serve: Serve) -> None:
    page = answer(b"<html>welcome</html>")
    found = last(serve({"GET /_ping": page, "GET /version": page}).url)
    assert not found.good
    assert "not JSON" in found.text


def test_verification_that_is_off_is_worth_a_note(serve: Serve) -> None:
    server = serve({LIST: answer([])})
    assert PING  # its ping is the usual one
    assert [f.good for f in examine(resolve_address(server.url))] == [True, True, None]


# -- sockets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (".docker/desktop/docker.sock", "Docker Desktop is not running"),
        (".docker/run/docker.sock", "Docker Desktop is not running"),
        (".colima/default/docker.sock", "colima start."),
        (".colima/work/docker.sock", "colima start work."),
        (".config/colima/default/docker.sock", "colima start."),
        (".lima/docker/sock/docker.sock", "limactl start docker"),
        (".orbstack/run/docker.sock", "OrbStack is not running"),
        (".rd/docker.sock", "Rancher Desktop is not running"),
        ("podman/podman-machine-default-api.sock", "podman machine start"),
        (".local/share/containers/podman/machine/podman.sock", "podman machine start"),
        ("podman/podman.sock", "systemctl --user start podman.socket"),
        ("run/podman/podman.sock", "sudo systemctl start podman.socket"),
        ("docker.sock", "sudo systemctl start docker"),
        ("other", "%hyper_connect HOST"),
    ],
)
@pytest.mark.parametrize("there", [False, True])
def test_an_engine_that_does_not_run_is_started_by_its_own_command(
    folder: Path, path: str, words: str, there: bool
) -> None:
    where = folder / path
    where.parent.mkdir(parents=True, exist_ok=True)
    if there:
        dead_socket(where)
    found = socket_finding(Endpoint("unix", path=str(where)))
    assert found is not None
    assert found.text.startswith("nothing listens" if there else "there is no socket")
    assert words in found.next_step


@pytest.mark.parametrize("there", [False, True])
def test_a_link_to_a_stopped_desktop_s_socket_starts_the_desktop(folder: Path, there: bool) -> None:
    where = folder / ".docker" / "run" / "docker.sock"
    where.parent.mkdir(parents=True)
    if there:
        dead_socket(where)
    (folder / "docker.sock").symlink_to(where)
    found = last(f"unix://{folder}/docker.sock")
    assert found.next_step == "Docker Desktop is not running: start it."


def test_a_desktop_that_docker_s_context_names_and_is_stopped_is_started(folder: Path) -> None:
    sock = folder / ".docker" / "desktop" / "docker.sock"
    meta = folder / "contexts" / "meta" / hashlib.sha256(b"desktop-linux").hexdigest()
    meta.mkdir(parents=True)
    (folder / "config.json").write_text('{"currentContext": "desktop-linux"}')
    endpoints = {"docker": {"Host": f"unix://{sock}"}}
    (meta / "meta.json").write_text(json.dumps({"Endpoints": endpoints}))
    first, fault = examine(find_engine({"DOCKER_CONFIG": str(folder), "HOME": str(folder)}))
    assert first.text.endswith("(docker's current context is 'desktop-linux')")
    assert fault.text == f"there is no socket {sock}"
    assert fault.next_step == "Docker Desktop is not running: start it."


def test_the_faults_on_the_way_are_distinguished(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"message": "client version 1.23 is too old. Minimum supported API version is 1.44"}
    scripts = {
        "no upgrade": {LIST: ROWS, ATTACH: PLAIN},
        "forbidden": {LIST: FORBIDDEN},
        "version": {LIST: answer(old, "400 Bad Request")},
    }
    found = []
    for name, script in scripts.items():
        with ScriptedServer(folder / name.replace(" ", "-"), script) as server:
            found.append(last(server.url))
    desktop = folder / ".docker" / "desktop" / "docker.sock"
    desktop.parent.mkdir(parents=True)
    dead_socket(desktop)
    found += [last(f"unix://{desktop}"), last(f"unix://{folder}/.colima/default/docker.sock")]

    def refuse(*_: object) -> None:
        raise PermissionError

    closed = dead_socket(folder / "docker.sock")
    closed.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(closed, -1, 65533)
    crew = grp.struct_group(("crew", "x", 65533, []))
    monkeypatch.setattr(grp, "getgrgid", lambda _: crew)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    found.append(last(f"unix://{closed}"))
    assert [finding.good for finding in found] == [False] * 6
    assert len({finding.text for finding in found}) == 6
    assert len({finding.next_step for finding in found}) == 6
    assert found[-1].text == f"you have no permission to use unix://{closed}"
    assert "usermod -aG crew" in found[-1].next_step


def test_a_socket_that_takes_connections_has_nothing_wrong(serve: Serve) -> None:
    assert socket_finding(resolve_address(serve().url).endpoint) is None


@pytest.mark.parametrize("refusal", [PLAIN, FORBIDDEN, b""], ids=["200", "403", "cut off"])
def test_an_engine_that_a_websocket_could_stop_is_not_asked_for_one(
    serve: Serve, refusal: bytes
) -> None:
    old = answer(b"OK", headers={"Api-Version": "1.41"})
    server = serve({"GET /_ping": old, LIST: ROWS, ATTACH: refusal})
    assert last(server.url).next_step.endswith(
        ". Attaching by WebSocket may work: %hyper_attach --ws (ws=True)."
    )
    assert "/ws" not in "".join(server.lines)
