"""The server extension in real Jupyter servers, and where it meets one that it does not know."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import socket
import subprocess
import sys
import types
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupyter_server", reason="these tests need the package jupyter_server")
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect
from websockets.exceptions import ConnectionClosed

from hyper_jupyter import server
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.widgets.page.listener import Listener
from hyper_jupyter.widgets.page.messages import LinkOffer
from tests.jupyter_server import ROOT, JupyterServer, Settings, jupyter_server
from tests.widgets.pages import LinkedPage, RecordingReceiver

SPY = "--ServerApp.jpserver_extensions={'tests.server.spy': True}"
BOTH = "--ServerApp.jpserver_extensions={'tests.server.spy': True, 'hyper_jupyter.server': True}"
# Kernels are started without a page's cookie.
NO_COOKIE = "--ServerApp.disable_check_xsrf=True"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extension sets a variable of its process, which is this one in some tests."""
    monkeypatch.setenv(server.RELAY, "")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


async def asked(running: JupyterServer, path: str, **options: Any) -> Any:
    answer = await AsyncHTTPClient().fetch(running.url + path, request_timeout=20, **options)
    return json.loads(answer.body)


async def executed(websocket: Any, code: str) -> str:
    """What a cell prints, over the page's websocket."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": "tests",
        "username": "tests",
        "version": "5.3",
        "date": "2026-01-01T00:00:00Z",
    }
    content = {"code": code, "silent": False, "store_history": False}
    message = {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
    }
    await websocket.write_message(json.dumps(message))
    said = ""
    while True:
        got = json.loads(await asyncio.wait_for(websocket.read_message(), 20))
        if got["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        if got["msg_type"] == "stream":
            said += got["content"]["text"]
        if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
            return said


def seen(running: JupyterServer) -> dict[str, Any]:
    """Use a kernel over its websocket, and what the spy says of the websocket meanwhile."""

    async def use() -> dict[str, Any]:
        kernel = await asked(running, "/api/kernels", method="POST", body="{}")
        path = f"/api/kernels/{kernel['id']}/channels?session_id={uuid.uuid4().hex}"
        websocket = await websocket_connect(running.url.replace("http", "ws", 1) + path)
        try:
            assert await executed(websocket, "print(6 * 7)") == "42\n"
            [found] = (await asked(running, "/spy"))["websockets"]
            return dict(found)
        finally:
            websocket.close()

    return asyncio.run(use())


def test_enabled_as_the_guide_says_the_server_sends_without_delay(settings: Settings) -> None:
    # As it is after an installation, but in the user's folder instead of the environment's, which
    # has the "off" of our own installation and would win in a virtual environment.
    settings.env["JUPYTER_PREFER_ENV_PATH"] = "0"
    shutil.copytree(ROOT / "jupyter-config", settings.env["JUPYTER_CONFIG_DIR"], dirs_exist_ok=True)
    settings.run("server", "extension", "enable", "--user", "hyper_jupyter.server")
    with jupyter_server(settings, NO_COOKIE, SPY) as running:
        assert seen(running) == {
            "classes": [
                "UndelayedZMQChannelsWebsocketConnection",
                "ZMQChannelsWebsocketConnection",
            ],
            "nodelay": True,
            "word": None,
        }
        log = running.log.read_text()
        assert log.count("hyper_jupyter.server: kernel websockets send without delay") == 1


def test_installed_and_not_enabled_it_changes_nothing(settings: Settings) -> None:
    # The shipped file, which says "off", is there.
    shutil.copytree(ROOT / "jupyter-config", settings.env["JUPYTER_CONFIG_DIR"], dirs_exist_ok=True)
    with jupyter_server(settings, NO_COOKIE, SPY) as running:
        assert seen(running) == {
            "classes": ["ZMQChannelsWebsocketConnection", "BaseKernelWebsocketConnection"],
            "nodelay": False,
            "word": None,
        }
        assert "hyper_jupyter" not in running.log.read_text()


def test_a_class_that_the_user_configured_stays_with_its_settings(settings: Settings) -> None:
    configured = "--ServerApp.kernel_websocket_connection_class=tests.server.spy.Elsewhere"
    with jupyter_server(settings, NO_COOKIE, BOTH, configured, "--Elsewhere.word=kept") as running:
        assert seen(running) == {
            "classes": ["UndelayedElsewhere", "Elsewhere"],
            "nodelay": True,
            "word": "kept",
        }


def test_kernels_behind_a_gateway_are_reached_as_before(tmp_path: Path) -> None:
    with (
        jupyter_server(Settings(tmp_path / "gateway"), NO_COOKIE) as gateway,
        jupyter_server(
            Settings(tmp_path / "server"), NO_COOKIE, BOTH, f"--gateway-url={gateway.url}"
        ) as running,
    ):
        assert seen(running) == {
            "classes": ["UndelayedGatewayWebSocketConnection", "GatewayWebSocketConnection"],
            "nodelay": True,
            "word": None,
        }


class BareConnection:
    """A connection class that shares nothing with Jupyter's but the method."""

    log = logging.getLogger("bare")

    def __init__(self, websocket_handler: object) -> None:
        self.websocket_handler = websocket_handler

    async def connect(self) -> str:
        return "connected"


def server_with(settings: dict[str, Any]) -> Any:
    """As much of a server as the extension looks at."""
    settings.setdefault("base_url", "/")
    web_app = types.SimpleNamespace(settings=settings, add_handlers=lambda _host, _handlers: None)
    return types.SimpleNamespace(web_app=web_app, log=logging.getLogger("bare"))


def test_a_handler_that_cannot_do_it_is_connected_with_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = {server.SETTING: BareConnection}
    server._load_jupyter_server_extension(server_with(settings))
    caplog.clear()
    connection = settings[server.SETTING](object())
    assert asyncio.run(connection.connect()) == "connected"
    [line] = caplog.messages
    assert line.startswith("hyper_jupyter.server: no TCP_NODELAY on a kernel websocket: ")


@pytest.mark.parametrize("settings", [{}, {server.SETTING: None}, {server.SETTING: 7}])
def test_a_server_that_it_does_not_know_starts_with_one_line_in_the_log(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    bare = server_with(settings)
    before = dict(settings)
    server._load_jupyter_server_extension(bare)
    assert settings == before
    [line] = caplog.messages
    assert line.startswith("hyper_jupyter.server changes nothing, it does not know this server: ")


def test_it_imports_nothing_of_ours_and_nothing_of_jupyter(settings: Settings) -> None:
    # A server's environment may have none of what the kernel's side needs.
    script = """
import sys, hyper_jupyter.server
ours = sorted(name for name in sys.modules if name.startswith("hyper_jupyter"))
others = {"jupyter_server", "traitlets", "tornado", "IPython", "requests"}
print(ours, sorted(others & set(sys.modules)))
"""
    said = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env=settings.env, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert said.stdout == (
        "['hyper_jupyter', 'hyper_jupyter.server', 'hyper_jupyter.version'] []\n"
    )


# -- links that the server passes on ----------------------------------------------------

EXTENSION = "--ServerApp.jpserver_extensions={'hyper_jupyter.server': True}"
ACK = {"type": "ack", "page": "p", "seq": 7}


@pytest.fixture
def receiver() -> RecordingReceiver:
    return RecordingReceiver()


@pytest.fixture
def offer(receiver: RecordingReceiver) -> Iterator[LinkOffer]:
    """A session that waits for pages, as in a kernel's process."""
    loop = Loop()
    port, secret = Listener(loop).offer("session", receiver)
    yield {"port": port, "name": "session", "secret": secret, "relay": True}
    loop.close()


def with_kernel(running: JupyterServer, **options: Any) -> None:
    """Start a kernel: a server passes on where kernels are on its own machine."""
    asyncio.run(asked(running, "/api/kernels", method="POST", body="{}", **options))


def link_url(running: JupyterServer, port: int) -> str:
    return f"{running.url.replace('http', 'ws', 1)}/hyper_jupyter/link/{port}"


def test_a_link_through_the_server_carries_everything_both_ways(
    settings: Settings, offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    with jupyter_server(settings, EXTENSION, NO_COOKIE, base="/user/ada") as running:
        with_kernel(running)
        origin = running.url.removesuffix("/user/ada")
        page = LinkedPage(offer, origin=origin, url=link_url(running, offer["port"])).prove()
        assert receiver.next() == ("opened", "p")
        page.send(**ACK)
        assert receiver.next() == ("received", ACK)
        data = bytes(range(256)) * 4096
        for n in range(8):
            receiver.links[0].send({"type": "who", "page": str(n)}, [data])
        for n in range(8):
            assert page.receive() == ({"type": "who", "page": str(n)}, [data])
        receiver.links[0].close()
        with pytest.raises(ConnectionClosed):
            page.receive()
        assert receiver.next()[0] == "closed"
        page.socket.close()


def test_a_page_that_goes_is_gone_behind_the_server_too(
    settings: Settings, offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    with jupyter_server(settings, EXTENSION, NO_COOKIE) as running:
        with_kernel(running)
        url = link_url(running, offer["port"])
        page = LinkedPage(offer, origin=running.url, url=url).prove()
        assert receiver.next() == ("opened", "p")
        page.socket.close()
        assert receiver.next()[0] == "closed"


def test_where_no_kernel_waits_the_page_is_told_at_once(
    settings: Settings, offer: LinkOffer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with jupyter_server(settings, EXTENSION, NO_COOKIE) as running:
        with_kernel(running)
        page = LinkedPage(offer, origin=running.url, url=link_url(running, port))
        with pytest.raises(ConnectionClosed):
            page.socket.recv(10)
        assert page.socket.close_code == 1011


@pytest.mark.parametrize(("options", "said"), [([EXTENSION], "True"), ([], "False")])
def test_kernels_know_whether_the_server_passes_links_on(
    options: list[str], said: str, settings: Settings
) -> None:
    async def ask(running: JupyterServer) -> str:
        kernel = await asked(running, "/api/kernels", method="POST", body="{}")
        path = f"/api/kernels/{kernel['id']}/channels?session_id={uuid.uuid4().hex}"
        websocket = await websocket_connect(running.url.replace("http", "ws", 1) + path)
        try:
            return await executed(
                websocket,
                "from hyper_jupyter.widgets.page.listener import is_relayed; print(is_relayed())",
            )
        finally:
            websocket.close()

    with jupyter_server(settings, NO_COOKIE, *options) as running:
        assert asyncio.run(ask(running)) == f"{said}\n"
