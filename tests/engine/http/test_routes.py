"""The table of routes: paths, versions, parameters, and errors in the form of a version."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from hyper_jupyter.engine.http.guard import Guard
from hyper_jupyter.engine.http.request import Message, Request
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import HIJACKED, Answer, Routes
from hyper_jupyter.exceptions import ApiError, Conflict
from hyper_jupyter.protocol import sign
from tests.engine.http.connections import UnusedConnection

TEXT = "text/plain; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


def answer(
    routes: Routes,
    target: bytes,
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Any:
    message = Message(method, target, headers or {}, body)
    return asyncio.run(routes.answer(message, UnusedConnection()))


class Recorder:
    """A route that keeps its requests and arguments."""

    def __init__(self, result: Answer | Exception = None) -> None:
        self.seen: list[tuple[Request, tuple[str, ...]]] = []
        self._result = result

    async def __call__(self, request: Request, *arguments: str) -> Answer:
        self.seen.append((request, arguments))
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


def table(route: Recorder, guard: Guard | None = None) -> Routes:
    routes = Routes(guard)
    routes.add("GET", "/a/{}/b/{}", route)
    routes.add("GET", "/plain.json", route)
    return routes


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        (b"/a/x/b/y", ("x", "y")),
        (b"/v1.45/a/x/b/y?q=1", ("x", "y")),
        (b"/a/%2541/b/%20", ("%41", " ")),
        (b"http://engine/a/x/b/y", ("x", "y")),
        (b"/plain.json", ()),
    ],
)
def test_a_route_gets_the_segments_of_its_path(target: bytes, arguments: tuple[str, ...]) -> None:
    route = Recorder(Response(204))
    assert answer(table(route), target) == Response(204)
    [(_, seen)] = route.seen
    assert seen == arguments


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", b"/plain.json"),
        ("HEAD", b"/plain.json"),
        ("GET", b"/plainXjson"),
        ("GET", b"/a/x/b/y/"),
        ("GET", b"/a/x/y/b/z"),
        ("GET", b"/vx/plain.json"),
        ("GET", b"/a/x%2Fy/b/z"),
    ],
)
def test_what_no_route_has_is_not_found(method: str, target: bytes) -> None:
    route = Recorder()
    assert answer(table(route), target, method=method) == Response(
        404, {"message": "page not found"}
    )
    assert route.seen == []


@pytest.mark.parametrize(
    ("target", "location"),
    [
        (b"//v1.45/plain.json", "/v1.45/plain.json"),
        (b"/a/../plain.json", "/plain.json"),
        (b"/./x/", "/x/"),
        (b"plain.json", "/plain.json"),
        (b"/a//b%0d%0aX:%20y", "/a/b%0D%0AX:%20y"),
        (b"/%09/host/.", "/%09/host"),  # without the tab, another host
        (b"/%5C/host/.", "/%5C/host"),  # browsers take that for a slash
        (b"/\xff//x", "/%FF/x"),
        (b"/a//b%3Fc", "/a/b%3Fc"),
    ],
)
def test_an_unclean_path_is_redirected_to_the_clean_one(target: bytes, location: str) -> None:
    assert answer(table(Recorder()), target) == Response(301, b"", {"Location": location})


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.23", (1, 23)),
        ("1.45", (1, 45)),
        ("01.41", (1, 41)),
        ("1.41.", (1, 41)),
        ("1.41.0", (1, 41)),
        ("1.41.2", (1, 41, 2)),
    ],
)
def test_versions_are_read_as_moby_does(text: str, version: tuple[int, ...]) -> None:
    route = Recorder()
    assert answer(table(route), f"/v{text}/plain.json".encode()) is HIJACKED
    assert route.seen[0][0].version == version


def test_without_a_version_it_is_the_newest() -> None:
    route = Recorder()
    answer(table(route), b"/plain.json")
    assert route.seen[0][0].version == (1, 45)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.46", "client version 1.46 is too new. Maximum supported API version is 1.45"),
        ("1.45.1", "client version 1.45.1 is too new. Maximum supported API version is 1.45"),
        ("2", "client version 2 is too new. Maximum supported API version is 1.45"),
    ],
)
def test_a_version_that_is_too_new_is_refused(text: str, message: str) -> None:
    route = Recorder()
    refusal = answer(table(route), f"/v{text}/plain.json".encode())
    assert refusal == Response(400, {"message": message})
    assert route.seen == []


def test_a_version_that_is_too_old_is_refused_in_plain_text() -> None:
    refusal = answer(table(Recorder()), b"/v1.22/plain.json")
    assert refusal.status == 400
    assert refusal.headers == {"Content-Type": TEXT}
    assert refusal.value == (
        b"client version 1.22 is too old. Minimum supported API version is 1.23, please upgrade "
        b"your client to a newer version\n"
    )


def test_values_of_a_form_come_before_those_of_the_query() -> None:
    route = Recorder()
    headers = {"content-type": f"{FORM.upper()}; charset=utf-8"}
    answer(table(route), b"/plain.json?a=query&b=1", body=b"a=form", headers=headers)
    answer(table(route), b"/plain.json?a=query", body=b"a=form")
    assert route.seen[0][0].form == {"a": ["form", "query"], "b": ["1"]}
    assert route.seen[1][0].form == {"a": ["query"]}


@pytest.mark.parametrize(
    ("version", "response"),
    [
        ("1.24", Response(409, {"message": "taken é"})),
        (
            "1.23",
            Response(409, "taken é\n".encode(), {"Content-Type": TEXT}),
        ),
    ],
)
def test_errors_are_json_from_1_24_and_text_below(version: str, response: Response) -> None:
    route = Recorder(Conflict(409, "taken é"))
    assert answer(table(route), f"/v{version}/plain.json".encode()) == response


def test_not_modified_has_no_body() -> None:
    assert answer(table(Recorder(ApiError(304, "text"))), b"/plain.json") == Response(304)


def test_a_bug_in_a_route_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    response = answer(table(Recorder(KeyError("x"))), b"/plain.json")
    assert response == Response(500, {"message": "KeyError: 'x'"})
    assert "GET b'/plain.json'" in caplog.text


def test_a_broken_connection_is_not_answered() -> None:
    with pytest.raises(ConnectionResetError):
        answer(table(Recorder(ConnectionResetError())), b"/plain.json")


def test_the_guard_comes_first_and_the_error_has_the_form_of_the_version() -> None:
    route = Recorder(Response(204))
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    routes = table(route, Guard(("key", "secret"), "us-west-1", lambda: now))
    for target in (b"/nowhere", b"//plain.json", b"/%zz", b"/v9.9/plain.json"):
        refusal = answer(routes, target)
        assert (refusal.status, refusal.value) == (401, {"message": "the request is not signed"})
        assert refusal.headers == {
            "WWW-Authenticate": "HYPER-HMAC-SHA256", "Connection": "close",
        }  # fmt: skip
    assert answer(routes, b"/v1.23/plain.json").value == b"the request is not signed\n"
    assert route.seen == []
    headers = {"Host": "e"}
    keys = {"access_key": "key", "secret_key": "secret", "region": "us-west-1"}
    headers |= sign("GET", "/plain.json", headers, b"", date=now, **keys)
    lower = {name.lower(): value for name, value in headers.items()}
    assert answer(routes, b"/plain.json", headers=lower) == Response(204)
