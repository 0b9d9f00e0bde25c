"""The list of containers, its filters, and the processes of one."""

from __future__ import annotations

import json

import pytest

from tests.engine.driver import Engine


def listed(engine: Engine, query: str) -> list[str]:
    reply = engine.call("GET", f"/containers/json?{query}")
    assert reply.status == 200, reply.body
    return [each["Id"] for each in reply.json]


def test_list_and_its_filters(engine: Engine) -> None:
    created = engine.create("true", name="list_created", Labels={"a": "1"})
    running = engine.run("cat", stdin=True, name="list_running", Labels={"a": "2", "b": ""})
    exited = engine.sh("exit 2", name="list_exited")
    engine.wait(exited)

    def filtered(**filters: list[str]) -> list[str]:
        return listed(engine, f"all=1&filters={json.dumps(filters).replace(' ', '')}")

    assert listed(engine, "") == [running]
    assert listed(engine, "all=1") == [exited, running, created]
    assert listed(engine, "limit=1") == [exited]
    assert filtered(name=["list_c"]) == [created]
    assert filtered(name=["^/list_(created|exited)$"]) == [exited, created]
    assert filtered(id=[running[:12]]) == [running]
    assert filtered(status=["exited", "created"]) == [exited, created]
    assert filtered(label=["a"]) == [running, created]
    assert filtered(label=["a=2", "b"]) == [running]
    assert filtered(exited=["2"]) == [exited]
    assert filtered(ancestor=[engine.image]) == [exited, running, created]
    assert engine.call("GET", "/containers/json?filters={").status == 400
    assert engine.call("GET", '/containers/json?filters={"x":["y"]}').status == 400
    assert listed(engine, 'filters={"status":{"exited":true}}') == [exited]


def test_a_list_entry_has_what_ps_shows(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, name="shown")
    entry = engine.call("GET", "/containers/json").json[0]
    assert (entry["Id"], entry["Names"], entry["Image"]) == (container, ["/shown"], engine.image)
    assert (entry["State"], entry["Command"]) == ("running", "cat")
    assert entry["Status"].startswith("Up ")


def test_top_shows_the_processes(engine: Engine) -> None:
    # The child is a copy of its parent until it runs its own program: it prints when it does.
    child = "echo up; sleep 1000; :"
    container = engine.create("sh", "-c", f"sh -c '{child}' & read x", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up")
    table = engine.call("GET", f"/containers/{container}/top").json
    column = table["Titles"].index("CMD")
    assert f"sh -c {child}" in [row[column] for row in table["Processes"]]
    engine.kill(container)
    assert engine.call("GET", f"/containers/{container}/top").status == 409


def test_filters_of_docker_26(engine: Engine) -> None:
    first = engine.create("true", name="first_one", ExposedPorts={"80/tcp": {}})
    second = engine.run("cat", stdin=True, name="second_one", host={"Binds": ["/tmp:/tmp"]})
    third = engine.create("true", name="third_one")

    def filtered(**filters: list[str]) -> list[str]:
        return listed(engine, f"all=1&filters={json.dumps(filters).replace(' ', '')}")

    assert filtered(before=["third_one"]) == [second, first]
    assert filtered(since=["first_one"]) == [third, second]
    assert filtered(since=["first_one"], before=["third_one"]) == [second]
    assert listed(engine, 'filters={"before":["second_one"]}') == [first]
    assert filtered(network=["host"]) == [third, second, first]
    assert filtered(network=["none"]) == []
    assert filtered(volume=["/tmp"]) == [second]
    assert filtered(expose=["80"]) == filtered(expose=["80/tcp"]) == [first]
    assert filtered(publish=["80"]) == []
    assert filtered(health=["none"]) == [third, second, first]
    assert filtered(health=["healthy"]) == []
    assert filtered(**{"is-task": ["false"]}) == [third, second, first]
    assert filtered(**{"is-task": ["true"]}) == []
    assert filtered(ancestor=["docker.io/library/host:latest"]) == [third, second, first]
    assert filtered(ancestor=["busybox"]) == []
    assert "SizeRw" not in engine.call("GET", "/containers/json").json[0]
    assert engine.call("GET", "/containers/json?size=1").json[0]["SizeRootFs"] == 0


@pytest.mark.parametrize(
    ("filters", "status", "message"),
    [
        ('{"status":["xx"]}', 400, "invalid filter 'status=xx'"),
        (
            '{"exited":["x"]}',
            400,
            "invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax",
        ),
        ('{"health":["xx"]}', 400, "unrecognized filter value for health: xx"),
        ('{"is-task":["x"]}', 400, "invalid filter 'is-task=[x]'"),
        ('{"before":["nope"]}', 404, "No such container: nope"),
        ('{"since":["nope"]}', 404, "No such container: nope"),
        ('{"zz":["x"]}', 400, "invalid filter 'zz'"),
    ],
)
def test_bad_filters_have_docker_s_words(
    engine: Engine, filters: str, status: int, message: str
) -> None:
    reply = engine.call("GET", f"/containers/json?filters={filters}")
    assert (reply.status, reply.message) == (status, message)
