"""Podman's own configuration: its connections, and where they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.client import Tls, find_engine, resolve_address
from hyper_jupyter.client.discovery import podman
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.discovery.machines import (
    KEPT_BY_4,
    KEPT_BY_5,
    REMOTE,
    Machine,
    add_context,
    choose_context,
    containers,
    docker,
    write,
)


def test_podman_s_default_connection_is_taken_where_no_socket_answers(machine: Machine) -> None:
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    found = find_engine(machine.environ)
    assert str(found.endpoint) == "unix:///mnt/engines.sock"
    assert found.why == "podman's default connection is 'near'"
    assert found.is_podman
    assert found.tried[1] == (f"unix://{machine.docker}", "not there")


def test_plain_podman_does_not_go_there_on_linux_so_a_socket_comes_before_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = machine.listen(machine.docker)
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    monkeypatch.setattr(podman.sys, "platform", "linux")
    assert str(find_engine(machine.environ).endpoint) == url
    write(containers(machine) / "containers.conf", REMOTE)
    found = find_engine(machine.environ)
    assert (str(found.endpoint), len(found.tried)) == ("unix:///mnt/engines.sock", 1)
    (containers(machine) / "containers.conf").unlink()
    monkeypatch.setattr(podman.sys, "platform", "darwin")
    assert str(find_engine(machine.environ).endpoint) == "unix:///mnt/engines.sock"


def test_docker_s_current_context_comes_before_podman_s_connection(machine: Machine) -> None:
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    write(containers(machine) / "containers.conf", REMOTE)
    add_context(machine, "current", docker("unix:///current"))
    choose_context(machine, {"currentContext": "current"})
    assert str(find_engine(machine.environ).endpoint) == "unix:///current"


def test_podman_4_keeps_its_connections_in_containers_conf(machine: Machine) -> None:
    write(containers(machine) / "containers.conf", KEPT_BY_4)
    found = find_engine(machine.environ)
    assert str(found.endpoint) == "unix:///mnt/engine4.sock"
    assert found.why == "podman's default connection is 'near4'"


def test_those_of_podman_5_win_over_those_of_podman_4(machine: Machine) -> None:
    write(containers(machine) / "containers.conf", KEPT_BY_4)
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    assert str(find_engine(machine.environ).endpoint) == "unix:///mnt/engines.sock"
    for name, url in [("near", "unix:///mnt/engines.sock"), ("near4", "unix:///mnt/engine4.sock")]:
        machine.environ["CONTAINER_CONNECTION"] = name
        found = find_engine(machine.environ)
        assert (str(found.endpoint), found.is_podman) == (url, True)
        assert found.why == f"CONTAINER_CONNECTION is {name!r}"


def test_the_variable_for_a_connection_wins_over_the_one_for_an_address(machine: Machine) -> None:
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    machine.environ["CONTAINER_HOST"] = "unix:///address"
    found = find_engine(machine.environ)
    assert (str(found.endpoint), found.is_podman) == ("unix:///address", True)
    machine.environ["CONTAINER_CONNECTION"] = "tcpone"
    assert str(find_engine(machine.environ).endpoint) == "tcp://10.0.0.5:8080"
    machine.environ["CONTAINER_CONNECTION"] = " "
    assert str(find_engine(machine.environ).endpoint) == "unix:///address"


def test_a_connection_that_podman_does_not_have_is_an_error(machine: Machine) -> None:
    machine.listen(machine.docker)
    machine.environ["CONTAINER_CONNECTION"] = "gone"
    with pytest.raises(ConnectionFailed, match="podman has no connection 'gone'") as caught:
        find_engine(machine.environ)
    assert str(caught.value).endswith("(CONTAINER_CONNECTION)")
    assert caught.value.hint == "See podman system connection list."


def test_a_connection_by_ssh_brings_the_file_of_its_key(machine: Machine) -> None:
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    machine.environ["CONTAINER_CONNECTION"] = "far"
    url = "ssh://me@box.example:2222/run/user/1000/podman/podman.sock"
    endpoint = find_engine(machine.environ).endpoint
    assert (str(endpoint), endpoint.identity) == (url, "/mnt/id")
    machine.environ |= {"CONTAINER_CONNECTION": "", "CONTAINER_HOST": url}
    assert find_engine(machine.environ).endpoint.identity == ""
    machine.environ["CONTAINER_SSHKEY"] = "/home/me/key"
    assert find_engine(machine.environ).endpoint.identity == "/home/me/key"


def test_podman_s_files_can_be_elsewhere(machine: Machine, tmp_path: Path) -> None:
    write(tmp_path / "x/containers/podman-connections.json", KEPT_BY_5)
    machine.environ["XDG_CONFIG_HOME"] = str(tmp_path / "x")
    assert str(find_engine(machine.environ).endpoint) == "unix:///mnt/engines.sock"
    own = write(tmp_path / "own.json", KEPT_BY_5.replace("/mnt/", "/own/"))
    machine.environ["PODMAN_CONNECTIONS_CONF"] = own
    assert str(find_engine(machine.environ).endpoint) == "unix:///own/engines.sock"
    machine.environ["CONTAINER_CONNECTION"] = "near4"
    machine.environ["CONTAINERS_CONF"] = write(tmp_path / "y.conf", KEPT_BY_4)
    assert str(find_engine(machine.environ).endpoint) == "unix:///mnt/engine4.sock"


def test_the_last_of_the_files_of_containers_conf_counts(machine: Machine, folder: Path) -> None:
    order = [
        folder / "etc/containers.conf",
        folder / "etc/containers.conf.d/10.conf",
        containers(machine) / "containers.conf",
        containers(machine) / "containers.conf.d/10.conf",
        containers(machine) / "containers.conf.d/20.conf",
        folder / "last.conf",
    ]
    machine.environ["CONTAINERS_CONF_OVERRIDE"] = str(order[-1])
    for number, path in enumerate(order):
        table = f'[engine]\nactive_service = "c{number}"\n[engine.service_destinations.c{number}]\n'
        write(path, f'{table}uri = "unix:///{number}"\n')
        assert str(find_engine(machine.environ).endpoint) == f"unix:///{number}"


def test_docker_s_variables_for_tls_are_not_for_an_address_of_podman_s(machine: Machine) -> None:
    write(containers(machine) / "podman-connections.json", KEPT_BY_5)
    machine.environ |= {"CONTAINER_CONNECTION": "tcpone", "DOCKER_TLS_VERIFY": "1"}
    assert find_engine(machine.environ).endpoint.tls is None
    assert find_engine(machine.environ, tls=True).endpoint.tls == Tls()


def test_a_password_in_a_connection_is_refused_and_not_said(machine: Machine) -> None:
    text = KEPT_BY_5.replace("ssh://me@", "ssh://me:s3cret@")
    write(containers(machine) / "podman-connections.json", text)
    machine.environ["CONTAINER_CONNECTION"] = "far"
    with pytest.raises(ConnectionFailed, match="must not hold a password") as caught:
        find_engine(machine.environ)
    assert "s3cret" not in f"{caught.value!r} {caught.value.hint}"


def test_only_podman_s_engines_are_podman_s(machine: Machine) -> None:
    machine.listen(machine.podman)
    assert find_engine(machine.environ).is_podman
    machine.listen(machine.docker)
    assert not find_engine(machine.environ).is_podman
    assert not resolve_address("unix:///podman.sock").is_podman


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"Connection": 1}', '{"Connection": {"Default": 1}}',
     '{"Connection": {"Default": "gone", "Connections": {}}}',
     '{"Connection": {"Default": "x", "Connections": ["x"]}}',
     '{"Connection": {"Default": "x", "Connections": {"x": "unix:///x"}}}',
     '{"Connection": {"Default": "x", "Connections": {"x": {"URI": 5}}}}',
     '{"Connection": {"Connections": {"x": {"URI": "unix:///x"}}}}', "[" * 100_000],
)  # fmt: skip
def test_an_odd_file_of_podman_s_names_no_connection(machine: Machine, text: str) -> None:
    url = machine.listen(machine.docker)
    write(containers(machine) / "containers.conf", REMOTE)
    write(containers(machine) / "podman-connections.json", text)
    assert str(find_engine(machine.environ).endpoint) == url
