"""Health checks, through the socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.engine.driver import Engine, until

MOMENT = 10_000_000  # nanoseconds


def check(test: list[str], **settings: int) -> dict[str, Any]:
    return {"Healthcheck": {"Test": test, "Interval": MOMENT, **settings}}


def health(engine: Engine, container: str) -> dict[str, Any]:
    found: dict[str, Any] = engine.inspect(container)["State"]["Health"]
    return found


def becomes(engine: Engine, container: str, status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        found = health(engine, container)
        return found if found["Status"] == status else None

    result: dict[str, Any] = until(reached, status)
    return result


def shown(engine: Engine, container: str) -> str:
    (entry,) = engine.call("GET", f'/containers/json?filters={{"id":["{container}"]}}').json
    return str(entry["Status"])


def test_it_is_starting_then_healthy_then_unhealthy(engine: Engine, tmp_path: Path) -> None:
    well = tmp_path / "well"
    go = tmp_path / "go"
    script = f"while [ ! -e {go} ]; do sleep 0.01; done; echo looked; test -e {well}"
    container = engine.run(
        "cat", stdin=True, **check(["CMD-SHELL", script], Retries=2, Timeout=60 * 10**9)
    )
    assert health(engine, container) == {"Status": "starting", "FailingStreak": 0, "Log": []}
    assert shown(engine, container).endswith(" (health: starting)")
    well.touch()
    go.touch()
    found = becomes(engine, container, "healthy")
    assert (found["Log"][0]["ExitCode"], found["Log"][0]["Output"]) == (0, "looked\n")
    assert found["Log"][0]["Start"] < found["Log"][0]["End"]
    assert shown(engine, container).endswith(" (healthy)")
    well.unlink()
    found = becomes(engine, container, "unhealthy")
    assert found["FailingStreak"] >= 2
    assert found["Log"][-1]["ExitCode"] == 1
    assert len(found["Log"]) <= 5
    assert shown(engine, container).endswith(" (unhealthy)")
    for status in ("healthy", "unhealthy"):
        engine.wait_for_event(container, f"health_status: {status}")
    listed = engine.call("GET", '/containers/json?filters={"health":["unhealthy"]}').json
    assert [entry["Id"] for entry in listed] == [container]


def test_a_check_s_events_are_those_of_an_exec(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, **check(["CMD", "true"]))
    becomes(engine, container, "healthy")
    for action in ("exec_create: true", "exec_start: true", "exec_die"):
        engine.wait_for_event(container, action)


def test_a_check_that_takes_too_long_is_killed(engine: Engine, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"echo $$ >> {pids}; exec sleep 1000"
    container = engine.run(
        "cat", stdin=True, **check(["CMD-SHELL", script], Timeout=30 * MOMENT, Retries=1)
    )
    found = becomes(engine, container, "unhealthy")
    assert found["Log"][0]["ExitCode"] == -1
    assert found["Log"][0]["Output"] == "Health check exceeded timeout (300ms)"
    first = pids.read_text().split()[0]
    until(lambda: not Path(f"/proc/{first}").exists(), "the end of the first check")


def test_a_check_that_cannot_be_started_is_a_failure(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, **check(["CMD", "/no/such"], Retries=1))
    found = becomes(engine, container, "unhealthy")
    assert found["Log"][0]["ExitCode"] == -1
    assert "no such file or directory" in found["Log"][0]["Output"]


def test_failures_do_not_count_in_the_start_period(engine: Engine) -> None:
    settings = {"Retries": 1, "StartPeriod": 10**12, "StartInterval": MOMENT}
    container = engine.run("cat", stdin=True, **check(["CMD", "false"], **settings))
    found = until(lambda: _with_results(engine, container), "some checks")
    assert (found["Status"], found["FailingStreak"]) == ("starting", 0)


def test_without_a_check_there_is_no_health(engine: Engine) -> None:
    for settings in ({}, check(["NONE"])):
        container = engine.run("cat", stdin=True, **settings)
        assert "Health" not in engine.inspect(container)["State"]
    listed = engine.call("GET", '/containers/json?filters={"health":["none"]}').json
    assert len(listed) == 2


def test_the_end_of_the_container_is_the_end_of_its_checks(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, **check(["CMD-SHELL", "sleep 1000"]))
    engine.wait_for_event(container, "exec_start")
    engine.kill(container)
    assert engine.status(container) == "exited"
    assert engine.events_of(container)[-1]["Action"] == "die"
    assert engine.inspect(container)["ExecIDs"] is None


def _with_results(engine: Engine, container: str) -> dict[str, Any] | None:
    found = health(engine, container)
    return found if len(found["Log"]) >= 2 else None
