"""What the errors of refused calls advise."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.resources.advice import suggest_names
from hyper_jupyter.exceptions import ApiError, NotFound
from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

MISSING: list[tuple[str, Callable[[EngineClient], Any], str]] = [
    ("GET /volumes/dat", lambda c: c.inspect_volume("dat"), "Did you mean data?"),
    ("DELETE /volumes/dat", lambda c: c.remove_volume("dat"), "Did you mean data?"),
    ("GET /networks/zzz", lambda c: c.inspect_network("zzz"), "There are: bridge."),
    ("DELETE /networks/brigde", lambda c: c.remove_network("brigde"), "Did you mean bridge?"),
    (
        "POST /networks/brigde/connect",
        lambda c: c.connect_network("brigde", "x"),
        "Did you mean bridge?",
    ),
    (
        "POST /networks/brigde/disconnect",
        lambda c: c.disconnect_network("brigde", "x"),
        "Did you mean bridge?",
    ),
    (
        "GET /images/bussybox/json",
        lambda c: c.inspect_image("bussybox"),
        "Did you mean busybox:1.36?",
    ),
    ("DELETE /images/bussybox", lambda c: c.remove_image("bussybox"), "Did you mean busybox:1.36?"),
    (
        "POST /images/bussybox/tag",
        lambda c: c.tag_image("bussybox", "x"),
        "Did you mean busybox:1.36?",
    ),
    ("GET /images/bussybox/history", lambda c: c.history("bussybox"), "Did you mean busybox:1.36?"),
]
REFUSAL = answer({"message": "no such thing"}, "404 Not Found")
LISTS = {
    "GET /volumes": answer({"Volumes": [{"Name": "data"}]}),
    "GET /networks": answer([{"Name": "bridge", "Id": "b" * 64}]),
    "GET /images/json": answer([{"Id": "sha256:" + "c" * 64, "RepoTags": ["busybox:1.36"]}]),
}


@pytest.mark.parametrize(("path", "ask", "hint"), MISSING)
def test_what_does_not_exist_is_answered_with_near_names(
    serve: Serve, path: str, ask: Callable[[EngineClient], Any], hint: str
) -> None:
    with pytest.raises(NotFound) as caught:
        ask(client_of(serve({path: REFUSAL, **LISTS}).url))
    assert caught.value.hint == hint


def test_a_missing_container_is_no_missing_network(serve: Serve) -> None:
    refusal = answer({"message": "No such container: x"}, "404 Not Found")
    client = client_of(serve({"POST /networks/bridge/connect": refusal, **LISTS}).url)
    with pytest.raises(NotFound) as caught:
        client.connect_network("bridge", "x")
    assert caught.value.hint == ""


def test_a_list_that_fails_too_leaves_the_error_as_it_is(serve: Serve) -> None:
    failing = answer({"message": "no"}, "500 Oh")
    client = client_of(serve({"DELETE /volumes/dat": REFUSAL, "GET /volumes": failing}).url)
    with pytest.raises(NotFound) as caught:
        client.remove_volume("dat")
    assert caught.value.hint == ""


START = "POST /containers/web/start"
REMOVE = "DELETE /containers/web"


# Docker 20.10, 26.1 and 28.5, Podman 4.3, 5.4, 5.8 and 6.1 say it in these words.
@pytest.mark.parametrize(
    ("call", "path", "message", "hint"),
    [
        (
            lambda c: c.remove_volume("v"),
            "DELETE /volumes/v",
            "remove v: volume is in use - [c78f53dba83f]",
            "%hyper ps -a -f volume=v ",
        ),
        (
            lambda c: c.remove_volume("v"),
            "DELETE /volumes/v",
            "volume v is being used by the following container(s): c5b07eacc1fb",
            "%hyper ps -a -f volume=v ",
        ),
        (
            lambda c: c.remove_network("n"),
            "DELETE /networks/n",
            "error while removing network: network n has active endpoints",
            "%hyper ps -a -f network=n ",
        ),
        (
            lambda c: c.remove_network("n"),
            "DELETE /networks/n",
            '"n" has associated containers with it. Use -f to forcibly delete containers',
            "%hyper ps -a -f network=n ",
        ),
        (
            lambda c: c.remove_image("busybox"),
            "DELETE /images/busybox",
            "conflict: unable to remove repository reference: container f00d is using its image",
            "%hyper ps -a -f ancestor=busybox ",
        ),
        (
            lambda c: c.start("web"),
            START,
            "driver failed: Bind for 0.0.0.0:8080 failed: port is already allocated",
            "see %hyper ps",
        ),
        (
            lambda c: c.start("web"),
            START,
            "cannot bind tcp port :8080: address already in use",
            "-p 80",
        ),
        (lambda c: c.start("web"), START, "network shop not found", "%hyper network create"),
        (
            lambda c: c.create("busybox", name="web"),
            "POST /containers/create",
            'The container name "/web" is already in use by container "f00d".',
            "Take another name",
        ),
        (
            lambda c: c.rename("web", "db"),
            "POST /containers/web/rename",
            'Error when allocating new name: Conflict. The container name "/db" is already in use',
            "Take another name",
        ),
        (
            lambda c: c.create("busybox", network="shop"),
            "POST /containers/create",
            "container create: unable to find network with name or ID shop: network not found",
            "%hyper network create",
        ),
        (
            lambda c: c.remove("web"),
            REMOVE,
            "You cannot remove a running container f00d. Stop the container before",
            "%hyper rm -f",
        ),
        (
            lambda c: c.remove("web"),
            REMOVE,
            'cannot remove container "web": container is running: stop the container before',
            "%hyper rm -f",
        ),
        (
            lambda c: c.remove("web"),
            REMOVE,
            "cannot remove container f00d as it is running - running or paused containers",
            "%hyper rm -f",
        ),
        (lambda c: c.start("web"), START, "OCI runtime create failed", ""),
    ],
)
def test_a_refusal_says_what_to_do(
    serve: Serve, call: Callable[[EngineClient], Any], path: str, message: str, hint: str
) -> None:
    client = client_of(serve({path: answer({"message": message}, "500 No")}).url)
    with pytest.raises(ApiError) as caught:
        call(client)
    assert hint in caught.value.hint
    assert bool(caught.value.hint) is bool(hint)


def test_no_two_parts_of_the_client_give_one_name_to_two_things() -> None:
    """Python would use one of the two in the other part too, without a word."""
    seen: dict[str, type] = {}
    for part in EngineClient.__mro__:
        for name, value in vars(part).items():
            if part.__module__.startswith("hyper_jupyter") and inspect.isfunction(value):
                first = seen.setdefault(name, part)
                overrides = issubclass(first, part) and not name.startswith("_")
                assert first is part or overrides or name == "__init__", (name, first, part)


@pytest.mark.parametrize(
    ("wanted", "names", "sentence"),
    [
        ("wev", ["web", "web-2", "database"], "Did you mean web or web-2?"),
        ("web", ["web"], "Did you mean web?"),
        ("DATA", ["my-database"], "Did you mean my-database?"),
        ("webs", [f"web{n}" for n in range(9)], "Did you mean web8, web7 or web6?"),
        ("zzz", ["web", "database"], "There are: web, database."),
        ("zzz", ["a", "b", "c", "d", "e"], "There are: a, b, c, d, e."),
        ("zzz", ["a", "b", "c", "d", "e", "f"], "There are: a, b, c, d, e, …."),
        ("", ["web"], "There are: web."),
        ("x", [], "This engine has no containers; %hyper create or %hyper run makes one."),
    ],
)
def test_similar_names_are_suggested_and_else_some(
    wanted: str, names: list[str], sentence: str
) -> None:
    assert suggest_names(wanted, names) == sentence
