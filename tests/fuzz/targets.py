"""What reads bytes of strangers: one function each, which returns, or raises an error of ours.

Any other exception is a finding. Functions that read a file write it first, below a folder that is
theirs alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import json
import selectors
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from websockets.frames import Frame, Opcode

from hyper_jupyter.client.discovery.addressing import EndpointResolver
from hyper_jupyter.client.discovery.detach_keys import configured_detach_keys
from hyper_jupyter.client.discovery.docker import context_endpoint, current_context
from hyper_jupyter.client.discovery.headers import RequestDefaults
from hyper_jupyter.client.discovery.hyper import find_credentials, hyper_address
from hyper_jupyter.client.discovery.search import Discovery
from hyper_jupyter.client.http.request import prepare_request
from hyper_jupyter.client.negotiation import Negotiation
from hyper_jupyter.client.profile import EngineProfile
from hyper_jupyter.client.records import Container
from hyper_jupyter.client.responses import Reply
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import api_error
from hyper_jupyter.client.transport.proxy import Proxy, open_tunnel, proxy_for
from hyper_jupyter.engine.http.raw_stream import RawStream
from hyper_jupyter.engine.http.request import parse_form
from hyper_jupyter.engine.http.websocket import WebSocketStream, handshake
from hyper_jupyter.protocol import (
    DetachKeys,
    Exchange,
    FrameDecoder,
    parse_detach_keys,
    sign,
    verify,
)
from hyper_jupyter.protocol.websocket import WebSocketExchange
from hyper_jupyter.session.io.loop import Loop, Timer
from hyper_jupyter.widgets.page.link import Link, LinkKey, Receiver

__all__ = ["TARGETS", "Target"]

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY: Final = b"the sample nonce"  # of RFC 6455, section 1.3
HANDSHAKE: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
LINK: Final = (
    b"GET / HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://localhost:8888\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
DOCKER: Final = EngineProfile.of("docker", api="1.45")
PODMAN: Final = EngineProfile.of("podman", api="1.41")
NOWHERE: Final = {"HOME": "/nowhere"}
REMOTE: Final = Endpoint.parse("tcp://engine.example:2375")


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes:
        read: given an input in pieces.
        seeds: inputs that it understands.
    """

    read: Callable[[list[bytes]], object]
    seeds: tuple[bytes, ...]


class CannedSocket:
    """A proxy's end that answers in the given pieces and takes what is sent."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def sendall(self, data: bytes) -> None:
        pass

    def recv(self, size: int) -> bytes:
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if piece[size:]:
            self._pieces.insert(0, piece[size:])
        return piece[:size]


@functools.cache
def home() -> Path:
    """The folder for files, for the life of the process."""
    memory = Path("/dev/shm")
    folder = tempfile.TemporaryDirectory(prefix="fuzz", dir=memory if memory.is_dir() else None)
    home.folder = folder  # type: ignore[attr-defined] - kept until the process ends
    return Path(folder.name)


@functools.cache
def file_at(name: str) -> Path:
    path = home() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def environment(name: str, data: bytes) -> Mapping[str, str]:
    """An environment whose home has this file."""
    file_at(name).write_bytes(data)
    return {"HOME": str(home())}


class StillLoop:
    """An I/O thread that does nothing by itself."""

    buffer = memoryview(bytearray(64 * 1024))

    def register(self, *_: object) -> None:
        pass

    unregister = modify = register

    def call_soon(self, callback: Callable[[], object]) -> None:
        callback()

    def call_later(self, _: float, callback: Callable[[], object]) -> Timer:
        return Timer(callback)


@functools.cache
def door() -> socket.socket:
    """Where the two ends of a connection meet."""
    return socket.create_server(("127.0.0.1", 0))


def joined(pieces: list[bytes]) -> bytes:
    return b"".join(pieces)


def text(pieces: list[bytes]) -> str:
    return joined(pieces).decode("utf-8", "surrogateescape")


# -- the protocol --------------------------------------------------------------------------


def read_exchange(pieces: list[bytes]) -> None:
    exchange = Exchange("POST", "/attach", {"Host": "e", "Connection": "Upgrade", "Upgrade": "tcp"})
    for piece in pieces:
        exchange.receive_data(piece)
    exchange.receive_eof()


def read_frames(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    for piece in pieces:
        decoder.receive_data(piece)
    decoder.receive_eof()


def read_websocket(pieces: list[bytes]) -> None:
    exchange = WebSocketExchange("/attach/ws", {"Host": "e"}, key=KEY)
    exchange.receive_data(HANDSHAKE)
    for piece in pieces:
        exchange.receive_data(piece)
        exchange.data_to_send()
    exchange.farewell()
    exchange.receive_eof()


def read_handshake(pieces: list[bytes]) -> None:
    exchange = WebSocketExchange("/attach/ws", {"Host": "e"}, key=KEY)
    for piece in pieces:
        exchange.receive_data(piece)
    exchange.receive_eof()


def read_detach_keys(pieces: list[bytes]) -> None:
    spec, _, typed = joined(pieces).partition(b"\0")
    keys = parse_detach_keys(spec)
    if keys:
        DetachKeys(keys).receive_data(typed)
    parse_detach_keys(spec.decode("utf-8", "surrogateescape"))


def read_signature(pieces: list[bytes]) -> None:
    head, _, body = joined(pieces).decode("latin-1").partition("\n\n")
    line, *fields = head.split("\n")
    method, _, url = line.partition(" ")
    headers = [(name, value) for name, _, value in (field.partition(": ") for field in fields)]
    verify(
        method,
        url,
        headers,
        body.encode("latin-1"),
        access_key="KEY",
        secret_key="SECRET",
        region="us-west-1",
        now=NOW,
    )


def signed_request() -> bytes:
    headers = {"Host": "us-west-1.hyper.sh", "Content-Type": "application/json"}
    url = "https://us-west-1.hyper.sh/v1.23/containers/a%20b/attach?stream=1&x=%2F"
    added = sign("POST", url, headers, b"{}", access_key="KEY", secret_key="SECRET", date=NOW)
    fields = "\n".join(f"{name}: {value}" for name, value in {**headers, **added}.items())
    return f"POST {url}\n{fields}\n\n{{}}".encode()


# -- what comes to a page's link -----------------------------------------------------------


def read_link(pieces: list[bytes]) -> None:
    stranger = socket.create_connection(door().getsockname())
    ours, _ = door().accept()
    key = LinkKey("session", cast("Receiver", None))  # nobody proves anything
    link = Link(cast("Loop", StillLoop()), ours, {"session": key}.get, lambda _: None)
    link._host = "localhost:1"  # that of the inputs: the door has another port every time
    with stranger, ours:
        for piece in pieces:
            if piece and ours.fileno() >= 0:
                with contextlib.suppress(OSError):  # it was sent away
                    stranger.sendall(piece)
                link._ready(selectors.EVENT_READ)
        link.close()


# -- what servers and proxies answer -------------------------------------------------------


def read_tunnel(pieces: list[bytes]) -> None:
    proxy = Proxy("HTTP_PROXY", "proxy", 3128, "Basic eDp5")
    open_tunnel(cast("DeadlineSocket", CannedSocket(pieces)), proxy, "engine.example:2375")


def read_error(pieces: list[bytes]) -> None:
    for status in (301, 400, 401, 404, 409, 500):
        assert len(str(api_error(status, joined(pieces)))) < 4096


def read_rows(pieces: list[bytes]) -> None:
    rows = Reply(200, {}, joined(pieces)).json()
    for row in rows if isinstance(rows, list) else [rows]:
        Container.from_row(row)


def read_version(pieces: list[bytes]) -> None:
    body = joined(pieces)

    def call(method: str, path: str) -> Reply:
        named = body[:8].decode("latin-1").split("|")
        headers = {"Api-Version": named[0]} if len(named) > 1 else {}
        return Reply(200, headers, body[len(named[0]) + 1 :] if len(named) > 1 else body)

    Negotiation.ask(call, "engine", None, local=False)


# -- what users and their tools have written down -------------------------------------------


def read_address(pieces: list[bytes]) -> None:
    str(Endpoint.parse(text(pieces)))


def read_variables(pieces: list[bytes]) -> None:
    value, _, direct = text(pieces).partition("\n")
    proxy_for(REMOTE, {"HTTP_PROXY": value, "NO_PROXY": direct})


def read_docker_config(pieces: list[bytes]) -> None:
    env = environment(".docker/config.json", joined(pieces))
    current_context(env)
    configured_detach_keys(DOCKER, env)


def read_podman_config(pieces: list[bytes]) -> None:
    environment("containers.conf", joined(pieces))
    env = {"CONTAINERS_CONF": f"{home()}/containers.conf", **NOWHERE}
    configured_detach_keys(PODMAN, env)
    take_connection(env)


def read_podman_connections(pieces: list[bytes]) -> None:
    environment("podman-connections.json", joined(pieces))
    own = {"PODMAN_CONNECTIONS_CONF": f"{home()}/podman-connections.json"}
    take_connection({"CONTAINERS_CONF": "/nowhere", **own, **NOWHERE})


def take_connection(env: Mapping[str, str]) -> None:
    make = EndpointResolver(env)
    found = make.podman.default_connection()
    if found is not None or make.podman.is_remote:
        repr(found)
    if found is not None:
        str(make.from_podman_connection(found.name))


def read_headers(pieces: list[bytes]) -> None:
    """Of docker's file, and of its variable: what comes out is a request that can be sent."""
    file, _, rest = joined(pieces).partition(b"\0")
    variable, _, version = text([rest]).partition("\0")
    env = environment(".docker/config.json", file)
    for variables in ({"DOCKER_CUSTOM_HEADERS": variable}, {"DOCKER_API_VERSION": version}):
        defaults = RequestDefaults.of(Discovery(REMOTE, ""), {**env, **variables}, signed=False)
        prepared = prepare_request(REMOTE, "GET", "/x", user_headers=defaults.headers)
        Exchange("GET", prepared.path_url, dict(prepared.headers)).data_to_send()


def read_context(pieces: list[bytes]) -> None:
    identity = hashlib.sha256(b"fuzz").hexdigest()
    env = environment(f".docker/contexts/meta/{identity}/meta.json", joined(pieces))
    context_endpoint("fuzz", env)


def read_hyper_config(pieces: list[bytes]) -> None:
    env = environment(".hyper/config.json", joined(pieces))
    hyper_address(env)
    for url in ("tcp://us-west-1.hyper.sh:443", "https://own.example"):
        find_credentials(Endpoint.parse(url), environ=env)


# -- what comes to the embedded engine -----------------------------------------------------


class CannedClient:
    """A client of the engine that sends the given pieces, and takes what it is sent."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.hung_up = loop().create_future()
        self._pieces = [piece for piece in pieces if piece]

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def send(self, data: bytes) -> None:
        assert len(data) < 70_000

    async def close(self) -> None:
        pass


@functools.cache
def loop() -> asyncio.AbstractEventLoop:
    """For what is asynchronous, for the life of the process."""
    return asyncio.new_event_loop()


def read_typed(pieces: list[bytes]) -> None:
    async def serve() -> None:
        stream = WebSocketStream(cast("RawStream", CannedClient(pieces)), text=False)
        while await stream.read():
            with contextlib.suppress(ConnectionError):
                await stream.send(bytes(32768))
        await stream.close()

    loop().run_until_complete(serve())


def read_asked(pieces: list[bytes]) -> None:
    lines = joined(pieces).decode("latin-1").split("\n")
    fields = (line.partition(": ") for line in lines if ": " in line)
    answer, _ = handshake({name.lower(): value for name, _, value in fields})
    assert answer.startswith(b"HTTP/1.1 ")


def read_form(pieces: list[bytes]) -> None:
    parse_form(joined(pieces))


CLOUDS: Final = {
    "clouds": {
        "tcp://*.hyper.sh:443": {"accesskey": "KEY", "secretkey": "SECRET", "region": "us-west-1"},
        "https://own.example": {"accesskey": "KEY", "secretkey": "SECRET"},
    }
}
ROW: Final = {
    "Id": "0123456789ab",
    "Names": ["/web", "/other/web"],
    "Image": "busybox",
    "Command": "sh",
    "State": "running",
    "Status": "Up",
    "Created": 1700000000,
}
VERSION: Final = {"Version": "26.1", "ApiVersion": "1.45", "Components": [{"Name": "Engine"}]}
CONTAINERS_CONF: Final = b"""[engine]
active_service = "a"
[engine.service_destinations.a]
uri = "ssh://me@box:22/run/podman/podman.sock"
identity = "/id"
"""
CONNECTIONS: Final = {
    "Connection": {
        "Default": "far",
        "Connections": {
            "far": {"URI": "ssh://me@box:22/run/podman/podman.sock", "Identity": "/id"},
            "near": {"URI": "unix:///run/podman/podman.sock"},
        },
    },
    "Farm": {},
}
META: Final = {
    "Name": "fuzz",
    "Endpoints": {"docker": {"Host": "tcp://engine.example:2376", "SkipTLSVerify": False}},
}


def masked(opcode: Opcode, data: bytes) -> bytes:
    return Frame(opcode, data).serialize(mask=True)


def written(value: object) -> bytes:
    return json.dumps(value).encode()


def written_fields(**fields: str) -> bytes:
    lines = [f"Sec-WebSocket-{name}: {value}" for name, value in fields.items()]
    return "\n".join(["Connection: Upgrade", "Upgrade: websocket", *lines]).encode()


TARGETS: Final[dict[str, Target]] = {
    "exchange": Target(
        read_exchange,
        (
            b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nbytes",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n\r\n",
        ),
    ),
    "frames": Target(
        read_frames,
        (
            b"\1\0\0\0\0\0\0\3out\2\0\0\0\0\0\0\3err",
            b"\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\5fault",
        ),
    ),
    "websocket": Target(
        read_websocket,
        (
            b"\x81\x05Hello\x82\x7e\x00\x7e" + bytes(126) + b"\x89\x01p\x88\x02\x03\xe8",
            b"\x02\x02ab\x8a\x00\x80\x01c\x88\x07\x03\xf3gone!",
        ),
    ),
    "handshake": Target(read_handshake, (HANDSHAKE + b"\x82\x02ok", b"HTTP/1.1 200 OK\r\n\r\n")),
    "detach keys": Target(
        read_detach_keys, (b"ctrl-p,ctrl-q\0a\x10b\x10\x11", b"a,ctrl-@,ctrl-^", b"ctrl-[\0\x1b")
    ),
    "signature": Target(read_signature, (signed_request(),)),
    "link": Target(
        read_link,
        (
            LINK
            + Frame(Opcode.TEXT, b'{"name":"session","page":"p","nonce":"00"}').serialize(
                mask=True
            ),
            LINK + Frame(Opcode.PING, b"p").serialize(mask=True) + b"\x01\x80abcd",
        ),
    ),
    "tunnel": Target(
        read_tunnel,
        (
            b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n",
            b"HTTP/1.0 407 Proxy Authentication Required\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
        ),
    ),
    "error": Target(
        read_error,
        (b'{"message":"No such container: x"}', b"plain text\r\n", b'{"cause":"in state"}'),
    ),
    "rows": Target(read_rows, (written([ROW, ROW]),)),
    "version": Target(read_version, (written(VERSION), b"1.45|" + written(VERSION))),
    "address": Target(
        read_address,
        (
            b"tcp://[::1]:2375/base",
            b"ssh://user@host:22/run/docker.sock",
            b"unix:///var/run/docker.sock",
            b"https://engine.example",
            b"engine:2375",
        ),
    ),
    "proxy variables": Target(
        read_variables,
        (b"http://user:pass%40@proxy:3128\nengine.other,10.0.0.0/8,*.example:80", b"[::1]:80\n*"),
    ),
    "docker config": Target(
        read_docker_config, (written({"currentContext": "x", "detachKeys": "ctrl-a"}),)
    ),
    "podman config": Target(
        read_podman_config,
        (
            b'[engine]\ndetach_keys = "ctrl-a"\n[containers]\nx = [1, 2]\n',
            CONTAINERS_CONF,
        ),
    ),
    "podman connections": Target(read_podman_connections, (written(CONNECTIONS),)),
    "docker headers": Target(
        read_headers,
        (written({"HttpHeaders": {"X-A": "b", "X-C": ""}}) + b'\0A=b,"C=d,e",X-F=\0v1.41',),
    ),
    "context": Target(read_context, (written(META),)),
    "hyper config": Target(read_hyper_config, (written(CLOUDS),)),
    "typed by websocket": Target(
        read_typed,
        (
            b"\x81\x85mask\x05\x04\x1f\x07\x02\x89\x81\0\0\0\0p\x88\x82\0\0\0\0\x03\xe8",
            b"\x02\x82\0\0\0\0ab\x8a\x80\0\0\0\0\x80\x81\0\0\0\0c\x82\xfe\0\x7e\0\0\0\0"
            + bytes(126),
        ),
    ),
    "asked for a websocket": Target(
        read_asked,
        (
            written_fields(Key="k", Version="13"),
            written_fields(Key="dGhlIHNhbXBsZSBub25jZQ==", Version="13", Protocol="chat"),
        ),
    ),
    "form": Target(read_form, (b"a=1&b=%2F+c&b=2", b"all=true&filters=%7B%7D")),
}
