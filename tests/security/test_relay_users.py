"""For whom the server extension relays a link: users who may run code, from pages of the server."""

from __future__ import annotations

import logging
import types
from typing import Any

import pytest

pytest.importorskip("jupyter_server", reason="these tests need the package jupyter_server")
from websockets.exceptions import InvalidStatus

from hyper_jupyter import server
from hyper_jupyter.widgets.page.messages import LinkOffer
from tests.jupyter_server import Settings, jupyter_server
from tests.server.test_server import (
    EXTENSION,
    NO_COOKIE,
    link_url,
    with_kernel,
)
from tests.server.test_server import environment as environment  # noqa: PLC0414 - a fixture
from tests.server.test_server import offer as offer  # noqa: PLC0414 - a fixture
from tests.server.test_server import receiver as receiver  # noqa: PLC0414 - a fixture
from tests.server.test_server import settings as settings  # noqa: PLC0414 - a fixture
from tests.widgets.pages import LinkedPage, RecordingReceiver


def test_the_server_passes_on_for_its_own_users_only(
    settings: Settings, offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    with jupyter_server(settings, EXTENSION, NO_COOKIE, token="fake") as running:
        with_kernel(running, headers={"Authorization": "token fake"})
        url = link_url(running, offer["port"])
        with pytest.raises(InvalidStatus) as refused:
            LinkedPage(offer, origin=running.url, url=url)
        assert refused.value.response.status_code == 403
        own = LinkedPage(offer, origin=running.url, url=url + "?token=fake").prove()
        assert receiver.next() == ("opened", "p")
        own.socket.close()


def test_the_server_passes_on_for_its_own_pages_only(settings: Settings, offer: LinkOffer) -> None:
    with jupyter_server(settings, EXTENSION, NO_COOKIE) as running:
        with_kernel(running)
        with pytest.raises(InvalidStatus) as refused:
            LinkedPage(
                offer, origin="https://evil.example.org", url=link_url(running, offer["port"])
            )
        assert refused.value.response.status_code == 403


def test_the_server_passes_on_for_users_who_may_run_code_only(
    settings: Settings, offer: LinkOffer
) -> None:
    own = "--ServerApp.authorizer_class=tests.server.authorizer.Reader"
    with jupyter_server(settings, EXTENSION, own) as running:
        with pytest.raises(InvalidStatus) as refused:
            LinkedPage(offer, origin=running.url, url=link_url(running, offer["port"]))
        assert refused.value.response.status_code == 403


def test_a_server_whose_kernels_are_elsewhere_passes_nothing_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = types.SimpleNamespace(gateway_enabled=True)
    handlers: list[Any] = []
    app = types.SimpleNamespace(
        settings={server.SETTING: object, "base_url": "/"},
        add_handlers=lambda *what: handlers.append(what),
    )
    log = logging.getLogger("a server")
    running = types.SimpleNamespace(web_app=app, gateway_config=gateway, log=log)
    server._load_jupyter_server_extension(running)
    assert handlers == []
    gateway.gateway_enabled = False
    server._load_jupyter_server_extension(running)
    assert len(handlers) == 1
