"""For whom the server extension relays a link, and to which kernels."""

from __future__ import annotations

import logging
import re
import types
from typing import Any

import pytest

pytest.importorskip("jupyter_server", reason="these tests need the package jupyter_server")
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from websockets.exceptions import InvalidStatus

from hyper_jupyter import server
from hyper_jupyter.widgets.page.messages import LinkOffer
from tests.jupyter_server import JupyterServer, Settings, jupyter_server
from tests.security.test_relay import Stranger, is_ended, page_of, started
from tests.security.test_relay import relay as relay  # noqa: PLC0414 - a fixture
from tests.security.test_relay import stranger as stranger  # noqa: PLC0414 - a fixture
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

own_users_here = pytest.mark.claim(
    "The server extension passes on only for users whom the server lets run code, only for its "
    "own pages, and only while a kernel runs that Jupyter itself started on the server's machine."
)


@own_users_here
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


@own_users_here
def test_the_server_passes_on_for_its_own_pages_only(
    relay: JupyterServer, offer: LinkOffer
) -> None:
    for origin in ("https://evil.example.org", f"{relay.url}.example.org", "null"):
        with pytest.raises(InvalidStatus) as refused:
            LinkedPage(offer, origin=origin, url=link_url(relay, offer["port"]))
        assert refused.value.response.status_code == 403


@own_users_here
def test_the_server_passes_on_for_users_who_may_run_code_only(
    settings: Settings, offer: LinkOffer
) -> None:
    own = "--ServerApp.authorizer_class=tests.server.authorizer.Reader"
    with jupyter_server(settings, EXTENSION, own) as running:
        with pytest.raises(InvalidStatus) as refused:
            LinkedPage(offer, origin=running.url, url=link_url(running, offer["port"]))
        assert refused.value.response.status_code == 403


@own_users_here
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


# -- where it leads -------------------------------------------------------------------------


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_there_are_only_so_many_ports(port: int, relay: JupyterServer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        page_of(relay, port)
    assert refused.value.response.status_code == 404


@own_users_here
def test_a_server_without_a_kernel_of_this_machine_passes_nothing_on(
    tmp_path: Any, stranger: Stranger
) -> None:
    with jupyter_server(Settings(tmp_path), EXTENSION, NO_COOKIE) as running:
        with pytest.raises(InvalidStatus) as refused:
            page_of(running, stranger.port)
        assert refused.value.response.status_code == 403
        started(running)
        page = page_of(running, stranger.port)
        stranger.take().close()
        is_ended(page)


class Elsewhere(LocalProvisioner):
    """As a package may have it that starts kernels on other machines."""


@own_users_here
@pytest.mark.parametrize(
    ("kernels", "local"),
    [
        ([], False),
        ([types.SimpleNamespace()], False),
        ([types.SimpleNamespace(provisioner=None)], False),
        ([types.SimpleNamespace(provisioner=Elsewhere())], False),
        ([types.SimpleNamespace(provisioner=LocalProvisioner())], True),
    ],
)
def test_only_kernels_that_jupyter_itself_started_here_are_here(
    kernels: list[Any], local: bool
) -> None:
    manager = types.SimpleNamespace(
        list_kernel_ids=lambda: list(range(len(kernels))), get_kernel=lambda n: kernels[n]
    )
    assert server._has_local_kernel(manager) is local


def test_the_servers_base_is_no_regular_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(server.RELAY, "")
    handlers: list[Any] = []
    app = types.SimpleNamespace(
        settings={server.SETTING: object, "base_url": "/user/a.b+(c/"},
        add_handlers=lambda _, added: handlers.extend(added),
    )
    quiet = types.SimpleNamespace(info=print, warning=print)
    server._load_jupyter_server_extension(types.SimpleNamespace(web_app=app, log=quiet))
    [(path, _)] = handlers
    assert re.fullmatch(path, "/user/a.b+(c/hyper_jupyter/link/80")
    assert not re.fullmatch(path, "/user/axb+(c/hyper_jupyter/link/80")
