"""Names and ids of containers: which are allowed, rename, unknown ones."""

from __future__ import annotations

import pytest

from tests.engine.driver import Engine


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ok-1_2.3", 201),
        ("a", 400),
        ("-x", 400),
        ("x%2Fy", 400),
        ("%2Fslash", 201),
        ("x" * 300, 400),
    ],
)
def test_names_are_checked(engine: Engine, name: str, status: int) -> None:
    reply = engine.call(
        "POST", f"/containers/create?name={name}", {"Image": "host", "Cmd": ["true"]}
    )
    assert reply.status == status
    if status == 201:
        engine.created.append(reply.json["Id"])


def test_a_name_is_given_once(engine: Engine) -> None:
    container = engine.create("true", name="twice")
    reply = engine.call(
        "POST", "/containers/create?name=twice", {"Image": engine.image, "Cmd": ["true"]}
    )
    assert reply.status == 409
    assert reply.message.startswith(
        f'Conflict. The container name "/twice" is already in use by container "{container}".'
    )


def test_rename(engine: Engine) -> None:
    container = engine.create("true", name="before")
    engine.create("true", name="taken")
    assert engine.call("POST", f"/containers/{container}/rename?name=after").status == 204
    assert engine.inspect("after")["Name"] == "/after"
    assert engine.call("GET", "/containers/before/json").status == 404
    assert engine.call("POST", "/containers/after/rename?name=taken").status == 409
    assert engine.call("POST", "/containers/after/rename?name=").status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "json"),
        ("POST", "start"),
        ("POST", "stop"),
        ("POST", "wait"),
        ("POST", "pause"),
        ("POST", "unpause"),
        ("POST", "restart"),
        ("POST", "rename?name=xx"),
        ("GET", "logs?stdout=1"),
        ("GET", "top"),
        ("POST", "resize?h=1&w=1"),
    ],
)
def test_an_unknown_container_is_404_everywhere(engine: Engine, method: str, path: str) -> None:
    reply = engine.call(method, f"/containers/nosuch/{path}")
    assert (reply.status, reply.message) == (404, "No such container: nosuch")
