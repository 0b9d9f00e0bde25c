"""Events: what is asked for, in which words, and when they end."""

from __future__ import annotations

import json
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hyper_jupyter.client import open_events
from hyper_jupyter.client.resources import events as module
from hyper_jupyter.exceptions import ApiError, ConnectionLost, ProtocolError
from tests.client.conftest import Serve, client_of
from tests.client.resources.test_containers import PODMAN
from tests.client.servers import Peer, ScriptedServer, answer

NOW = 1_700_000_000 * 10**9
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def event(second: int, action: str = "start", **more: Any) -> dict[str, Any]:
    return {"Type": "container", "Action": action, "timeNano": second * 10**9,
            "Actor": {"ID": "f00d", "Attributes": {"name": "web"}}, **more}  # fmt: skip


def lines(*rows: Any) -> bytes:
    return answer(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def asked(server: ScriptedServer) -> dict[str, str]:
    (line,) = server.lines
    return {name: value for name, (value,) in parse_qs(urlsplit(line.split()[1]).query).items()}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "time_ns", lambda: NOW)


def test_events_come_until_the_engine_ends_them(serve: Serve) -> None:
    server = serve({"GET /events": lines(event(1), event(2, "die"))})
    with open_events(client_of(server.url)) as found:
        assert [(each.time, each.action, each.name) for each in found] == [
            (1.0, "start", "web"),
            (2.0, "die", "web"),
        ]
    assert found.closed
    assert asked(server) == {}


@pytest.mark.parametrize(
    ("ping", "since", "until", "query"),
    [
        (None, 5, None, {"since": "0.000000005"}),
        (None, None, NOW + 10**9, {"since": "1700000000.000000000",
                                   "until": "1700000001.000000000"}),
        (None, None, NOW - 10**9, {"until": "1699999999.000000000"}),
        (None, 5, NOW, {"since": "0.000000005", "until": "1700000000.000000000"}),
        # Podman loses events of which all are past
        (PODMAN, 5, NOW, {"since": "0.000000005", "until": "1700000001.000000000"}),
        (PODMAN, None, NOW + 5 * 10**9, {"since": "1700000000.000000000",
                                         "until": "1700000005.000000000"}),
    ],
)  # fmt: skip
def test_the_times_that_are_asked_for(
    serve: Serve, ping: bytes | None, since: int | None, until: int | None, query: dict[str, str]
) -> None:
    answers = {"GET /events": lines(), **({"GET /_ping": ping} if ping else {})}
    server = serve(answers)
    list(open_events(client_of(server.url), since=since, until=until))
    assert asked(server) == query


def test_what_podman_sends_after_the_end_is_left_out(serve: Serve) -> None:
    server = serve({"GET /_ping": PODMAN, "GET /events": lines(event(5), event(6))})
    found = open_events(client_of(server.url), since=0, until=5 * 10**9)
    assert [each.time for each in found] == [5.0]


@pytest.mark.parametrize(
    ("ping", "wanted", "sent"),
    [
        (None, {"event": "destroy", "type": "container"},
         {"event": ["destroy"], "type": ["container"]}),
        (PODMAN, {"event": "destroy"}, {"event": ["destroy", "remove"]}),
        (PODMAN, {"event": ["die", "delete"]}, {"event": ["die", "delete", "died", "remove"]}),
        (PODMAN, {"event": "start"}, {"event": ["start"]}),
        (PODMAN, {"type": "image"}, {"type": ["image"]}),
    ],
)  # fmt: skip
def test_actions_are_asked_for_in_the_engine_s_words(
    serve: Serve, ping: bytes | None, wanted: Any, sent: Any
) -> None:
    answers = {"GET /events": lines(), **({"GET /_ping": ping} if ping else {})}
    server = serve(answers)
    list(open_events(client_of(server.url), filters=wanted))
    assert json.loads(asked(server)["filters"]) == sent


def test_actions_of_podman_have_docker_s_words(serve: Serve) -> None:
    rows = [event(1, "remove"), event(1, "remove", Type="image"), event(1, "cleanup")]
    server = serve({"GET /_ping": PODMAN, "GET /events": lines(*rows)})
    found = [each.action for each in open_events(client_of(server.url))]
    assert found == ["destroy", "delete", "cleanup"]


def test_of_an_ambiguous_word_of_podman_only_what_is_wanted_comes(serve: Serve) -> None:
    rows = [event(1, "remove"), event(2, "remove", Type="image"), event(3, "start")]
    server = serve({"GET /_ping": PODMAN, "GET /events": lines(*rows)})
    found = open_events(client_of(server.url), filters={"event": ["destroy", "start"]})
    assert [each.time for each in found] == [1.0, 3.0]


def test_a_filter_that_is_refused_is_an_error_at_once(serve: Serve) -> None:
    server = serve({"GET /events": answer({"message": "invalid filter"}, "400 Bad Request")})
    with pytest.raises(ApiError, match="invalid filter"):
        open_events(client_of(server.url), filters={"x": "y"})


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (HEAD + b"3\r\n{}\n\r\n0\r\n\r\n", ProtocolError),
        (HEAD + b"3\r\n5\n\n\r\n0\r\n\r\n", ProtocolError),
        (HEAD + b"3\r\n   ", ConnectionLost),
    ],
)
def test_what_is_no_event_is_our_own_error(
    serve: Serve, script: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        list(open_events(client_of(serve({"GET /events": script}).url)))


def test_another_thread_ends_the_wait_for_an_event(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        data = json.dumps(event(1)).encode() + b"\n"
        peer.send(HEAD + b"%x\r\n%s\r\n" % (len(data), data))
        peer.wait_for_end()

    found = open_events(client_of(serve({"GET /events": script}).url))
    next(found)
    waiting = threading.Thread(target=lambda: list(found))
    waiting.start()
    found.close()
    waiting.join(30)
    assert not waiting.is_alive()
