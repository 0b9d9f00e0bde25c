"""The routes about containers: what they ask of a container, and what they answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.engine.endpoints.api import Api, run

OBEYS = "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done"


def listed(api_answer: tuple[int, Any]) -> list[str]:
    """Return the names in a list's answer."""
    status, entries = api_answer
    assert status == 200
    return [entry["Names"][0].removeprefix("/") for entry in entries]


def filtered(**filters: Any) -> str:
    return "/containers/json?filters=" + quote(json.dumps(filters))


def test_a_container_s_life() -> None:
    async def scenario(api: Api) -> None:
        container = await api.start()
        assert (await api.ask("GET", "/containers/web/json"))[1]["Id"] == container.id
        status, top = await api.ask("GET", "/containers/web/top")
        assert (status, top["Processes"][0][1]) == (200, str(container.pid))
        assert await api.ask("POST", "/containers/web/start") == (304, None)
        assert await api.ask("POST", "/containers/web/pause") == (204, None)
        assert container.status == "paused"
        assert await api.ask("POST", "/containers/web/unpause") == (204, None)
        assert container.status == "running"
        assert await api.ask("POST", "/containers/web/resize?h=1&w=2") == (200, None)
        assert await api.ask("POST", "/containers/web/rename?name=other") == (204, None)
        assert container.name == "other"
        assert (await api.ask("DELETE", "/containers/other"))[0] == 409
        assert await api.ask("DELETE", "/containers/other?force=1") == (204, None)
        assert container.removed.is_set()
        assert await api.ask("GET", "/containers/other/json") == (
            404,
            "No such container: other",
        )

    run(scenario)


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_a_grace_period_is_passed_on(verb: str) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start(OBEYS.replace("'exit 5'", "''"))
        assert await api.ask("POST", f"/containers/web/{verb}?t=0") == (204, None)
        assert container.exit_codes == [137]  # it was killed immediately
        assert container.running is (verb == "restart")

    run(scenario)


@pytest.mark.parametrize(
    ("query", "code"), [("", 137), ("?signal=TERM", 5), ("?signal=9", 137)], ids=str
)
def test_a_signal_is_sigkill_unless_one_is_named(query: str, code: int) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start(OBEYS)
        assert await api.ask("POST", f"/containers/web/kill{query}") == (204, None)
        if code == 137:
            assert not container.running  # the answer comes after the end
        assert await container.wait("not-running") == code
        assert await api.ask("POST", "/containers/web/kill") == (
            409,
            f"cannot kill container: {container.id}: container {container.id} is not running",
        )
        assert await api.ask("POST", "/containers/nosuch/kill") == (
            404,
            "Cannot kill container: nosuch: No such container: nosuch",
        )

    run(scenario)


def test_what_cannot_be_asked_is_refused() -> None:
    async def scenario(api: Api) -> None:
        await api.create()
        for method, path, body, status, message in [
            ("POST", "/containers/create", {}, 400, "invalid JSON: got EOF while reading request"),
            ("POST", "/containers/web/resize?h=x&w=1", None, 400, 'invalid resize height "x"'),
            ("DELETE", "/containers/web?link=1", None, 409, "there are no links between"),
            ("GET", "/containers/web/top", None, 409, "is not running"),
        ]:
            found, text = await api.ask(method, path, body)
            assert (found, message in text) == (status, True), (path, text)

    run(scenario)


def test_warnings_come_with_the_id() -> None:
    async def scenario(api: Api) -> None:
        body = {"Image": "host", "HostConfig": {"Privileged": True}}
        status, value = await api.ask("POST", "/containers/create?name=web", body)
        assert (status, len(value["Warnings"])) == (201, 1)
        assert api.store.find("web").id == value["Id"]

    run(scenario)


def test_the_list_has_what_was_asked_for() -> None:
    async def scenario(api: Api) -> None:
        one = await api.create(name="one", Labels={"a": "b"})
        await api.start(name="two", Labels={"a": "c"})
        three = await api.start("echo up; exit 3", name="three")
        await three.wait("not-running")
        assert listed(await api.ask("GET", "/containers/json")) == ["two"]
        assert listed(await api.ask("GET", "/containers/json?all=1")) == ["three", "two", "one"]
        assert listed(await api.ask("GET", "/containers/json?limit=2")) == ["three", "two"]
        assert listed(await api.ask("GET", "/containers/json?limit=0")) == ["two"]
        for filters, names in [
            ({"status": ["created"]}, ["one"]),
            ({"status": ["exited", "running"]}, ["three", "two"]),
            ({"exited": ["3"]}, ["three"]),
            ({"exited": ["0"]}, []),
            ({"name": ["tw"]}, ["two"]),
            ({"name": ["/two"]}, ["two"]),
            ({"ancestor": ["host"]}, ["two"]),
            ({"ancestor": ["other"]}, []),
            ({"label": ["a=c"]}, ["two"]),
            ({"label": ["a=b"]}, []),
            ({"id": [one.id[:12]], "status": ["created", "running"]}, ["one"]),
            ({"id": ["nosuch"], "status": ["created"]}, []),
        ]:
            assert listed(await api.ask("GET", filtered(**filters))) == names, filters
        tagged = await api.create(name="four", Image="host:latest")
        assert tagged.spec.image == "host:latest"
        both = await api.ask("GET", filtered(ancestor=["host"], status=["created"]))
        assert listed(both) == ["four", "one"]
        same = await api.ask("GET", filtered(ancestor=["host:latest"], status=["created"]))
        assert listed(same) == ["four", "one"]
        assert (await api.ask("GET", filtered(nosuch=["x"])))[0] == 400

    run(scenario)
