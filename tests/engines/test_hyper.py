"""An old Docker as a Hyper endpoint: it speaks API 1.23, and takes no notice of signatures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.client.negotiation import HYPER_API_VERSION
from hyper_jupyter.client.profile import version_numbers
from hyper_jupyter.exceptions import NotFound
from hyper_jupyter.protocol import StreamType
from tests.engines.scenarios import ECHO, PATIENCE, read_log, wait_for
from tests.real_engines import require, skip_or_fail
from tests.recorded import KEYS

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def client() -> Client:
    wanted = version_numbers(HYPER_API_VERSION)
    urls = [
        engine.url
        for engine in require("docker")
        if version_numbers(engine.lowest_api_version) <= wanted
    ]
    if not urls:
        skip_or_fail(f"no Docker Engine that speaks API {HYPER_API_VERSION}")
    return client_for(urls[0], **KEYS, timeout=20)


def test_it_is_spoken_to_as_hyper(client: Client) -> None:
    assert (client.engine, client.api_version) == ("hyper", "1.23")
    with pytest.raises(NotFound, match=r"(?m)^No such container: nosuch$"):
        client.inspect("nosuch")


def test_what_is_typed_is_answered_to_the_end(
    client: Client, container: Callable[..., str]
) -> None:
    session = client.attach(container(ECHO, stdin=True, stdin_once=True, start=False))
    client.start(session.container.id)
    session.send_line("one")
    wait_for(session, b"got:one\n")
    wait_for(session, b"err:one\n", StreamType.STDERR)
    session.send_eof()
    assert session.wait(PATIENCE) == 5
    assert read_log(client, session.container.id) == b"got:one\nEND\n"


def test_a_terminal_is_left_and_found_again(client: Client, container: Callable[..., str]) -> None:
    name = container("sh", tty=True, stdin=True)
    session = client.attach(name)
    session.send_line("echo $((6 * 7))")
    wait_for(session, b"42\r\n")
    session.detach()
    assert client.inspect(name)["State"]["Running"]
    again = client.attach(name)
    again.send_line("exit 3")
    assert again.wait(PATIENCE) == 3


def test_the_exit_code_of_a_container_that_removes_itself_is_known(
    client: Client, container: Callable[..., str]
) -> None:
    session = client.attach(container("sleep 1; exit 4", start=False, auto_remove=True))
    client.start(session.container.id)
    assert session.wait(PATIENCE) == 4
