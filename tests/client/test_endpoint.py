"""Addresses of engines, and which engine is found where none is named."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hyper_jupyter.client import Endpoint, discover, endpoint
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.servers import dead_socket


@pytest.mark.parametrize(
    ("url", "expected", "shown"),
    [
        ("local:", Endpoint("local"), "local:"),
        ("local", Endpoint("local"), "local:"),
        ("local://", Endpoint("local"), "local:"),
        ("  local:\n", Endpoint("local"), "local:"),
        ("unix:///run/x.sock", Endpoint("unix", path="/run/x.sock"), "unix:///run/x.sock"),
        ("unix://", Endpoint("unix", path="/var/run/docker.sock"), "unix:///var/run/docker.sock"),
        ("unix://x.sock", Endpoint("unix", path="x.sock"), "unix://x.sock"),
        ("/run/x.sock", Endpoint("unix", path="/run/x.sock"), "unix:///run/x.sock"),
        ("tcp://box:2376", Endpoint("tcp", host="box", port=2376), "tcp://box:2376"),
        ("tcp://box", Endpoint("tcp", host="box", port=2375), "tcp://box:2375"),
        ("tcp://:2377", Endpoint("tcp", host="127.0.0.1", port=2377), "tcp://127.0.0.1:2377"),
        ("tcp://", Endpoint("tcp", host="127.0.0.1", port=2375), "tcp://127.0.0.1:2375"),
        ("box:1234", Endpoint("tcp", host="box", port=1234), "tcp://box:1234"),
        ("box", Endpoint("tcp", host="box", port=2375), "tcp://box:2375"),
        ("http://box:1/", Endpoint("tcp", host="box", port=1), "tcp://box:1"),
        ("tcp://[::1]:2375", Endpoint("tcp", host="::1", port=2375), "tcp://[::1]:2375"),
        (
            "tcp://box:1/some/base/",
            Endpoint("tcp", host="box", port=1, base_path="/some/base"),
            "tcp://box:1/some/base",
        ),
    ],
)
def test_each_form_of_an_address(url: str, expected: Endpoint, shown: str) -> None:
    assert Endpoint.parse(url) == expected
    assert str(expected) == shown
    assert Endpoint.parse(shown) == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "  ", "npipe:////./pipe/docker_engine", "fd://", "ftp://box", "gopher:",
        "unix:/run/x.sock", "local:x", "tcp://box:99999", "tcp://box:port", "tcp://[::1",
    ],
)  # fmt: skip
def test_any_other_form_is_refused_with_the_forms_that_are_known(url: str) -> None:
    with pytest.raises(ConnectionFailed, match="is not the address of an engine") as caught:
        Endpoint.parse(url)
    assert repr(url) in str(caught.value)
    assert "unix:///path/to/socket" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "tcp://me:s3cret@box:2375",
        "me:s3cret@box",
        "https://me:s3cret@box",
        "tcp://me:s3cret@box:99999",
        "tcp://me:s3/cret@box",
        "tcp://me:s3#cret@box",
        "tcp://me:s3?cret@box",
        "tcp://me:s3cret@[::1",
        "ftp://s3cret@box",
    ],
)
def test_a_password_is_never_echoed(url: str) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        Endpoint.parse(url)
    assert "must not hold a user name or password" in str(caught.value)
    shown: BaseException | None = caught.value
    while shown is not None:
        assert "cret" not in str(shown)
        assert "s3" not in str(shown)
        shown = shown.__cause__


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("local:", "localhost"),
        ("unix:///x", "localhost"),
        ("tcp://box:1", "box:1"),
        ("tcp://[fe80::1]", "[fe80::1]:2375"),
    ],
)
def test_the_host_header_names_host_and_port(url: str, authority: str) -> None:
    assert Endpoint.parse(url).authority == authority


# -- discovery -----------------------------------------------------------------------------


class Machine:
    """The well-known sockets of a machine that lies in one folder."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self._stack = stack
        self.docker, self.podman = root / "docker.sock", root / "podman.sock"
        self.home, self.runtime = root / "h", root / "r"
        self.environ = {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.runtime)}

    def listen(self, path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        listener = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen()
        return f"unix://{path}"


@pytest.fixture
def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with ExitStack() as stack:
        made = Machine(folder, stack)
        monkeypatch.setattr(endpoint, "_DOCKER_SOCKET", str(made.docker))
        monkeypatch.setattr(endpoint, "_PODMAN_SOCKET", str(made.podman))
        yield made


def test_the_variable_of_this_package_wins(machine: Machine) -> None:
    machine.listen(machine.docker)
    machine.environ |= {"HYPER_JUPYTER_HOST": "tcp://mine:1", "DOCKER_HOST": "tcp://theirs:1"}
    found = discover(machine.environ)
    assert str(found.endpoint) == "tcp://mine:1"
    assert (found.why, found.tried) == ("HYPER_JUPYTER_HOST is set", ())


@pytest.mark.parametrize("empty", ["", " "])
def test_docker_s_variable_is_next_and_an_empty_one_counts_as_unset(
    machine: Machine, empty: str
) -> None:
    url = machine.listen(machine.docker)
    machine.environ |= {"HYPER_JUPYTER_HOST": empty, "DOCKER_HOST": "tcp://theirs:1"}
    found = discover(machine.environ)
    assert (str(found.endpoint), found.why) == ("tcp://theirs:1", "DOCKER_HOST is set")
    machine.environ["DOCKER_HOST"] = empty
    assert str(discover(machine.environ).endpoint) == url


def test_a_variable_may_name_the_embedded_engine(machine: Machine) -> None:
    machine.environ["HYPER_JUPYTER_HOST"] = "local:"
    assert discover(machine.environ).endpoint == Endpoint("local")


def test_a_variable_that_is_no_address_is_an_error_and_no_reason_to_look_on(
    machine: Machine,
) -> None:
    machine.listen(machine.docker)
    machine.environ["DOCKER_HOST"] = "ftp://box"
    with pytest.raises(ConnectionFailed, match="is not the address of an engine"):
        discover(machine.environ)


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
        home / ".orbstack/run/docker.sock",
        home / ".rd/docker.sock",
        runtime / "podman/podman.sock",
        machine.podman,
    ]
    for position in reversed(range(len(order))):
        url = machine.listen(order[position])
        found = discover(machine.environ)
        assert str(found.endpoint) == url
        assert found.why == "first well-known socket that answers"
        assert found.tried == tuple((f"unix://{path}", "not there") for path in order[:position])


def test_what_does_not_answer_is_passed_over_with_the_reason(machine: Machine) -> None:
    dead_socket(machine.docker)
    machine.runtime.mkdir()
    (machine.runtime / "docker.sock").write_text("no socket")
    url = machine.listen(machine.podman)
    found = discover(machine.environ)
    assert str(found.endpoint) == url
    assert found.tried[0] == (f"unix://{machine.docker}", "nobody listens")
    assert found.tried[1] == (f"unix://{machine.runtime}/docker.sock", "nobody listens")
    assert found.tried[2][1] == "not there"


def test_a_path_that_no_socket_can_have_is_passed_over(machine: Machine) -> None:
    machine.environ["XDG_RUNTIME_DIR"] = "/" + "x" * 200
    with pytest.raises(ConnectionFailed) as caught:
        discover(machine.environ)
    assert f"unix:///{'x' * 200}/docker.sock (" in str(caught.value)


def test_where_nothing_is_found_the_error_lists_all_and_offers_the_embedded_engine(
    machine: Machine,
) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        discover(machine.environ)
    text = str(caught.value)
    assert text.startswith(f"no engine was found; tried unix://{machine.docker} (not there); unix")
    assert text.endswith(f"unix://{machine.podman} (not there)")
    assert "%hyper_connect local:" in caught.value.hint


def test_without_a_runtime_folder_this_user_s_usual_one_is_tried(machine: Machine) -> None:
    del machine.environ["XDG_RUNTIME_DIR"]
    with pytest.raises(ConnectionFailed, match=r"unix:///run/user/\d+/podman/podman\.sock"):
        discover(machine.environ)
