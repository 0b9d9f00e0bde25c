"""Events: which ones are sent, the filters, and past ones."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.engine.driver import Engine


def next_events(response: Any, count: int) -> list[dict[str, Any]]:
    return [json.loads(response.readline()) for _ in range(count)]


def test_the_events_of_a_container_come_in_order(engine: Engine) -> None:
    with engine.streaming("GET", "/events") as events:
        container = engine.create(
            "sh", "-c", "read x; exit 3", stdin=True, Labels={"a": "b"}, name="told"
        )
        stream = engine.attach(container)
        engine.start(container)
        engine.call("POST", f"/containers/{container}/resize?h=5&w=6")
        engine.call("POST", f"/containers/{container}/pause")
        engine.call("POST", f"/containers/{container}/unpause")
        engine.call("POST", f"/containers/{container}/kill?signal=WINCH")
        engine.call("POST", f"/containers/{container}/rename?name=told_again")
        stream.send(b"\n")
        stream.read_all()
        engine.remove(container)
        seen = next_events(events, 10)
    assert [event["Action"] for event in seen] == [
        "create", "attach", "start", "resize", "pause", "unpause", "kill", "rename", "die",
        "destroy",
    ]  # fmt: skip
    for event in seen:
        assert (event["Type"], event["scope"], event["status"]) == (
            "container", "local", event["Action"],
        )  # fmt: skip
        assert event["id"] == event["Actor"]["ID"] == container
        assert event["Actor"]["Attributes"]["a"] == "b"
        assert event["Actor"]["Attributes"]["image"] == engine.image
        assert event["timeNano"] // 1_000_000_000 == event["time"]
    attributes = {event["Action"]: event["Actor"]["Attributes"] for event in seen}
    assert (attributes["resize"]["height"], attributes["resize"]["width"]) == ("5", "6")
    assert attributes["kill"]["signal"] == "28"
    assert attributes["rename"]["oldName"] == "/told"
    assert attributes["die"]["exitCode"] == "3"


def test_stop_is_reported_as_kill_die_stop(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    with engine.streaming("GET", f'/events?filters={{"container":["{container}"]}}') as events:
        engine.call("POST", f"/containers/{container}/stop?t=1")
        assert [event["Action"] for event in next_events(events, 3)] == ["kill", "die", "stop"]


def test_filters_choose(engine: Engine) -> None:
    other = engine.create("true", name="other_one")
    container = engine.create("true", name="wanted_one", Labels={"l": "1"})
    for chosen in ({"container": ["wanted_one"]}, {"event": ["start"]}, {"label": ["l=1"]}):
        wanted = {"event": ["start"], "type": ["container"], **chosen}
        query = json.dumps(wanted).replace(" ", "")
        with engine.streaming("GET", f"/events?filters={query}") as events:
            if "event" not in chosen:
                engine.start(other)
                engine.wait(other)
            engine.start(container)
            engine.wait(container)
            event = next_events(events, 1)[0]
            assert (event["id"], event["Action"]) == (container, "start")
    assert engine.call("GET", '/events?filters={"x":["y"]}').status == 400


def test_since_and_until_give_the_past_and_the_end(engine: Engine) -> None:
    before = time.time()
    container = engine.create("true")
    engine.start(container)
    engine.wait(container)
    query = f'since={before:.6f}&until={time.time():.6f}&filters={{"container":["{container}"]}}'
    reply = engine.call("GET", f"/events?{query}")
    assert [json.loads(line)["Action"] for line in reply.body.splitlines()] == [
        "create", "start", "die",
    ]  # fmt: skip


def test_an_exec_is_reported(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    with engine.streaming("GET", f'/events?filters={{"container":["{container}"]}}') as events:
        execution = engine.exec(container, "sh", "-c", "exit 5")
        engine.exec_start(execution).read_all()
        seen = next_events(events, 3)
    assert [event["Action"] for event in seen] == [
        "exec_create: sh -c exit 5", "exec_start: sh -c exit 5", "exec_die",
    ]  # fmt: skip
    assert all(event["Actor"]["Attributes"]["execID"] == execution for event in seen)
    assert seen[2]["Actor"]["Attributes"]["exitCode"] == "5"
