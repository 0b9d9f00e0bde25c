"""Which engine is found where none is named."""

from __future__ import annotations

import pytest

from hyper_jupyter.client import Endpoint, find_engine
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.discovery.machines import (
    KEPT_BY_5,
    Machine,
    add_context,
    choose_context,
    containers,
    docker,
    write,
)
from tests.client.servers import dead_socket


def test_the_variable_of_this_package_wins(machine: Machine) -> None:
    machine.listen(machine.docker)
    machine.environ |= {"HYPER_JUPYTER_HOST": "tcp://mine:1", "DOCKER_HOST": "tcp://theirs:1"}
    found = find_engine(machine.environ)
    assert str(found.endpoint) == "tcp://mine:1"
    assert (found.why, found.tried) == ("HYPER_JUPYTER_HOST is set", ())


NAMES = "HYPER_JUPYTER_HOST, c.Client.default_host, DOCKER_HOST, DOCKER_CONTEXT, docker's current"


PODMANS = "CONTAINER_CONNECTION, CONTAINER_HOST, podman's default connection"


UNSET = (f"{NAMES} context, {PODMANS}", "not set")


@pytest.mark.parametrize("empty", ["", " "])
def test_docker_s_variable_is_next_and_an_empty_one_counts_as_unset(
    machine: Machine, empty: str
) -> None:
    url = machine.listen(machine.docker)
    machine.environ |= {"HYPER_JUPYTER_HOST": empty, "DOCKER_HOST": "tcp://theirs:1"}
    found = find_engine(machine.environ)
    assert (str(found.endpoint), found.why) == ("tcp://theirs:1", "DOCKER_HOST is set")
    machine.environ["DOCKER_HOST"] = empty
    assert str(find_engine(machine.environ).endpoint) == url


def test_a_variable_may_name_the_embedded_engine(machine: Machine) -> None:
    machine.environ["HYPER_JUPYTER_HOST"] = "local:"
    assert find_engine(machine.environ).endpoint == Endpoint("local")


def test_a_variable_that_is_no_address_is_an_error_and_no_reason_to_look_on(
    machine: Machine,
) -> None:
    machine.listen(machine.docker)
    machine.environ["DOCKER_HOST"] = "ftp://box"
    with pytest.raises(ConnectionFailed, match="is not the address of an engine"):
        find_engine(machine.environ)


def test_sockets_are_tried_in_their_order_and_the_first_that_answers_is_taken(
    machine: Machine,
) -> None:
    home, runtime = machine.home, machine.runtime
    order = [
        machine.docker,
        runtime / "docker.sock",
        home / ".docker/run/docker.sock",
        home / ".docker/desktop/docker.sock",
        home / ".colima/default/docker.sock",
        home / ".colima/docker.sock",
        home / ".orbstack/run/docker.sock",
        home / ".rd/docker.sock",
        runtime / "podman/podman.sock",
        machine.podman,
    ]
    for position in reversed(range(len(order))):
        url = machine.listen(order[position])
        found = find_engine(machine.environ)
        assert str(found.endpoint) == url
        assert found.why == "first known socket that answered"
        before = [(f"unix://{path}", "not there") for path in order[:position]]
        assert found.tried == (UNSET, *before)


def test_what_does_not_answer_is_passed_over_with_the_reason(machine: Machine) -> None:
    dead_socket(machine.docker)
    machine.runtime.mkdir()
    (machine.runtime / "docker.sock").write_text("no socket")
    url = machine.listen(machine.podman)
    found = find_engine(machine.environ)
    assert str(found.endpoint) == url
    assert found.tried[1] == (f"unix://{machine.docker}", "nothing listens")
    assert found.tried[2] == (f"unix://{machine.runtime}/docker.sock", "not a socket")
    assert found.tried[3][1] == "not there"


def test_a_path_that_no_socket_can_have_is_passed_over(machine: Machine) -> None:
    machine.environ["XDG_RUNTIME_DIR"] = "/" + "x" * 200
    with pytest.raises(ConnectionFailed) as caught:
        find_engine(machine.environ)
    assert f": unix:///{'x' * 200}/docker.sock" in " ".join(str(caught.value).split())


def test_where_nothing_is_found_each_thing_tried_has_its_line_and_its_next_step(
    machine: Machine,
) -> None:
    dead_socket(machine.docker)
    machine.runtime.mkdir()
    with pytest.raises(ConnectionFailed) as caught:
        find_engine(machine.environ)
    lines = str(caught.value).split("\n")
    assert lines[:3] == [
        "no engine was found",
        f"  nothing listens: unix://{machine.docker}",
        "    → Docker is not running: sudo systemctl start docker.",
    ]
    at = next(at for at, line in enumerate(lines) if line.startswith("    → Start the engine that"))
    others = " ".join("".join(lines[3:at]).split())
    folder = f"unix://{machine.home}/.docker"
    assert others.startswith(f"not there: unix://{machine.runtime}/docker.sock")
    assert f"{folder}/run/docker.sock" in others
    assert others.endswith(f"unix://{machine.podman}")
    assert "podman.socket" in lines[at]
    assert len(lines) <= 16
    assert lines[-1] == "    → Name an engine: %hyper_connect HOST, or one of these variables."
    assert " ".join(" ".join(lines[-3:-1]).split()) == f"not set: {NAMES} context, {PODMANS}"
    assert max(map(len, lines)) <= 100
    assert caught.value.hint.startswith("%hyper_connect local: uses")


def test_without_a_runtime_folder_this_user_s_usual_one_is_tried(machine: Machine) -> None:
    del machine.environ["XDG_RUNTIME_DIR"]
    with pytest.raises(ConnectionFailed, match=r"unix:///run/user/\d+/podman/podman\.sock"):
        find_engine(machine.environ)


def test_each_step_wins_over_those_behind_it(machine: Machine) -> None:
    url = machine.listen(machine.docker)
    assert str(find_engine(machine.environ).endpoint) == url
    machine.environ["CONTAINER_HOST"] = "unix:///podman"
    assert str(find_engine(machine.environ).endpoint) == "unix:///podman"
    add_context(machine, "current", docker("unix:///current"))
    choose_context(machine, {"currentContext": "current"})
    found = find_engine(machine.environ)
    assert (str(found.endpoint), found.why) == (
        "unix:///current",
        "docker's current context is 'current'",
    )
    add_context(machine, "other", docker("unix:///other"))
    machine.environ["DOCKER_CONTEXT"] = "other"
    found = find_engine(machine.environ)
    assert (str(found.endpoint), found.why) == ("unix:///other", "DOCKER_CONTEXT is 'other'")
    machine.environ["DOCKER_HOST"] = "unix:///host"
    assert str(find_engine(machine.environ).endpoint) == "unix:///host"
    found = find_engine(machine.environ, configured="unix:///configured")
    assert str(found.endpoint) == "unix:///configured"
    assert found.why == "c.Client.default_host is set"
    assert found.tried == (("HYPER_JUPYTER_HOST", "not set"),)
    machine.environ["HYPER_JUPYTER_HOST"] = "unix:///mine"
    found = find_engine(machine.environ, configured="unix:///configured")
    assert str(found.endpoint) == "unix:///mine"
    found = find_engine(machine.environ, context="current")
    assert (str(found.endpoint), found.why) == ("unix:///current", "context 'current' was named")


def test_a_name_is_shown_and_an_address_is_not(machine: Machine) -> None:
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    machine.environ["CONTAINER_HOST"] = "unix:///podman"
    found = find_engine(machine.environ)
    assert (str(found.endpoint), found.why) == ("unix:///podman", "CONTAINER_HOST is set")
    machine.environ["CONTAINER_CONNECTION"] = "near"
    found = find_engine(machine.environ)
    assert str(found.endpoint) == "unix:///mnt/engines.sock"
    assert found.why == "CONTAINER_CONNECTION is 'near'"
    assert found.is_podman


def test_a_hyper_endpoint_is_taken_where_nothing_else_is(machine: Machine) -> None:
    hyper = ("tcp://us-west-1.hyper.sh:443", "the hyper command has keys")
    found = find_engine(machine.environ, hyper=hyper)
    assert str(found.endpoint) == "https://us-west-1.hyper.sh:443"
    assert (found.why, found.tried[1][1]) == ("the hyper command has keys", "not there")
    url = machine.listen(machine.podman)
    assert str(find_engine(machine.environ, hyper=hyper).endpoint) == url
