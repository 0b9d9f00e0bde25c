"""The TLS that belongs to an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyper_jupyter.client import Tls, find_engine, resolve_address
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.discovery.machines import Machine


@pytest.mark.parametrize("variable", ["DOCKER_TLS_VERIFY", "DOCKER_TLS"])
def test_docker_s_variables_make_tcp_tls_with_the_files_of_its_folder(
    machine: Machine, variable: str
) -> None:
    folder = machine.home / ".docker"
    folder.mkdir(parents=True)
    (folder / "ca.pem").write_text("ca")
    machine.environ |= {variable: "0", "DOCKER_HOST": "tcp://box:2376"}
    expected = Tls(ca=str(folder / "ca.pem"))
    assert find_engine(machine.environ).endpoint.tls == expected
    assert resolve_address("tcp://box", environ=machine.environ).endpoint.tls == expected
    assert resolve_address("https://box", environ=machine.environ).endpoint.tls == expected
    assert resolve_address("http://box", environ=machine.environ).endpoint.tls is None
    assert resolve_address("unix:///x", environ=machine.environ).endpoint.tls is None
    assert resolve_address("tcp://box", tls=False, environ=machine.environ).endpoint.tls is None


def test_docker_s_files_can_be_elsewhere(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("ca")
    machine.environ |= {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    tls = resolve_address("tcp://box", environ=machine.environ).endpoint.tls
    assert tls == Tls(ca=str(tmp_path / "ca.pem"))
    machine.environ["DOCKER_CERT_PATH"] = str(tmp_path / "gone")
    with pytest.raises(ConnectionFailed, match="there are no files for TLS in"):
        resolve_address("tcp://box", environ=machine.environ)


def test_the_path_alone_makes_no_tls_as_for_the_docker_command(machine: Machine) -> None:
    machine.environ["DOCKER_CERT_PATH"] = str(machine.home)
    assert resolve_address("tcp://box", environ=machine.environ).endpoint.tls is None


def test_a_hyper_address_is_always_tls() -> None:
    assert resolve_address("tcp://us-west-1.hyper.sh:443", environ={}).endpoint.tls == Tls()


def test_what_the_caller_says_of_tls_must_fit_the_address() -> None:
    with pytest.raises(ConnectionFailed, match="unix:///x has no TLS"):
        resolve_address("unix:///x", tls=True)
    with pytest.raises(ConnectionFailed, match="tls=False says that it is not"):
        resolve_address("https://box", tls=False)
    for files in ({"ca": "x", "password": "s3cret"}, {"key": "x"}):
        with pytest.raises(ConnectionFailed, match="tls takes the files ca, cert and key"):
            resolve_address("https://box", tls=files)
    assert resolve_address("tcp://box", tls=True, environ={}).endpoint.tls == Tls()
    assert resolve_address("unix:///x", tls=False).endpoint.tls is None
