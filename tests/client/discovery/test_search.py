"""Which engine is found where none is named, and how its TLS is settled."""

from __future__ import annotations

import hashlib
import json
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client import Endpoint, Tls, find_engine, resolve_address
from hyper_jupyter.client.discovery import podman
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.servers import dead_socket


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
        monkeypatch.setattr("hyper_jupyter.client.discovery.search.DOCKER_SOCKET", str(made.docker))
        monkeypatch.setattr(
            "hyper_jupyter.client.discovery.search._PODMAN_SOCKET", str(made.podman)
        )
        monkeypatch.setattr(podman, "_SYSTEM", (str(folder / "etc"),))
        yield made


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
        assert found.why == "first well-known socket that answers"
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
    assert lines[:5] == [
        "no engine was found",
        f"  nothing listens: unix://{machine.docker}",
        "    → Docker is not running: sudo systemctl start docker.",
        f"  not there: unix://{machine.runtime}/docker.sock",
        "    → Docker is not running: sudo systemctl start docker.",
    ]
    at = lines.index("    → Docker Desktop is not running: start it.")
    desktop = " ".join("".join(lines[at - 2 : at]).split())
    folder = f"unix://{machine.home}/.docker"
    assert desktop.endswith(f"not there: {folder}/run/docker.sock, {folder}/desktop/docker.sock")
    assert lines[-1] == "    → Name an engine: %hyper_connect HOST, or one of these variables."
    assert " ".join(" ".join(lines[-3:-1]).split()) == f"not set: {NAMES} context, {PODMANS}"
    assert max(map(len, lines)) <= 100
    assert caught.value.hint.endswith("%hyper_connect local:")


def test_without_a_runtime_folder_this_user_s_usual_one_is_tried(machine: Machine) -> None:
    del machine.environ["XDG_RUNTIME_DIR"]
    with pytest.raises(ConnectionFailed, match=r"unix:///run/user/\d+/podman/podman\.sock"):
        find_engine(machine.environ)


# -- what else can name one ----------------------------------------------------------------


def add_context(machine: Machine, name: str, meta: object, **files: bytes) -> None:
    """A context, as ``docker context create`` stores it."""
    identity = hashlib.sha256(name.encode()).hexdigest()
    folder = machine.home / ".docker/contexts"
    (folder / "meta" / identity).mkdir(parents=True)
    content = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
    (folder / "meta" / identity / "meta.json").write_bytes(content)
    for file, text in files.items():
        path = folder / "tls" / identity / "docker" / f"{file}.pem"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def choose_context(machine: Machine, content: object) -> None:
    folder = machine.home / ".docker"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(content))


def docker(host: str, **more: object) -> dict[str, object]:
    return {"Name": "x", "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}}


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


@pytest.mark.parametrize("how", ["variable", "configuration"])
def test_the_default_context_is_no_context(machine: Machine, how: str) -> None:
    url = machine.listen(machine.docker)
    add_context(machine, "current", docker("unix:///current"))
    if how == "variable":
        choose_context(machine, {"currentContext": "current"})
        machine.environ["DOCKER_CONTEXT"] = "default"
    else:
        choose_context(machine, {"currentContext": "default"})
    assert str(find_engine(machine.environ).endpoint) == url


def test_the_default_context_can_be_named(machine: Machine) -> None:
    found = find_engine(machine.environ, context="default")
    assert str(found.endpoint) == "unix:///var/run/docker.sock"


def test_docker_s_folder_can_be_elsewhere(machine: Machine, tmp_path: Path) -> None:
    add_context(machine, "current", docker("unix:///current"))
    choose_context(machine, {"currentContext": "current"})
    (machine.home / ".docker").rename(tmp_path / "d")
    machine.environ["DOCKER_CONFIG"] = str(tmp_path / "d")
    assert str(find_engine(machine.environ).endpoint) == "unix:///current"


def test_a_context_that_is_missing_is_an_error_and_no_reason_to_look_on(machine: Machine) -> None:
    machine.listen(machine.docker)
    machine.environ["DOCKER_CONTEXT"] = "gone"
    with pytest.raises(ConnectionFailed, match="docker has no context 'gone'") as caught:
        find_engine(machine.environ)
    assert "(DOCKER_CONTEXT)" in str(caught.value)
    assert caught.value.hint == "See docker context ls."


@pytest.mark.parametrize(
    "meta",
    [b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff", {"Endpoints": []},
     {"Endpoints": {"docker": "x"}}, docker(""), {"Endpoints": {"docker": {"Host": 7}}},
     docker("ftp://box"), docker("fd://")],
)  # fmt: skip
def test_a_context_without_an_address_is_an_error(machine: Machine, meta: object) -> None:
    add_context(machine, "odd", meta)
    with pytest.raises(ConnectionFailed, match=r"cannot be read|has no address|is not the address"):
        find_engine(machine.environ, context="odd")


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"currentContext": 5}'])
def test_an_odd_configuration_names_no_context(machine: Machine, content: str) -> None:
    url = machine.listen(machine.docker)
    choose_context(machine, {})
    (machine.home / ".docker/config.json").write_text(content)
    assert str(find_engine(machine.environ).endpoint) == url


def test_a_context_brings_its_files_for_tls(machine: Machine) -> None:
    add_context(machine, "far", docker("tcp://box:2376"), ca=b"1", cert=b"2", key=b"3")
    endpoint = find_engine(machine.environ, context="far").endpoint
    assert str(endpoint) == "https://box:2376"
    assert endpoint.tls is not None
    files = (endpoint.tls.ca, endpoint.tls.cert, endpoint.tls.key)
    assert [Path(file).read_bytes() for file in files] == [b"1", b"2", b"3"]
    assert endpoint.tls.verify


def test_a_context_can_turn_verification_off_by_name(machine: Machine) -> None:
    add_context(machine, "far", docker("tcp://box:2376", SkipTLSVerify=True))
    add_context(machine, "files", docker("tcp://box:2376", SkipTLSVerify=True), ca=b"1")
    assert find_engine(machine.environ, context="far").endpoint.tls == Tls(verify=False)
    tls = find_engine(machine.environ, context="files").endpoint.tls
    assert tls is not None
    assert not tls.verify


def test_a_hyper_endpoint_is_taken_where_nothing_else_is(machine: Machine) -> None:
    hyper = ("tcp://us-west-1.hyper.sh:443", "the hyper command has keys")
    found = find_engine(machine.environ, hyper=hyper)
    assert str(found.endpoint) == "https://us-west-1.hyper.sh:443"
    assert (found.why, found.tried[1][1]) == ("the hyper command has keys", "not there")
    url = machine.listen(machine.podman)
    assert str(find_engine(machine.environ, hyper=hyper).endpoint) == url


# -- Podman's own configuration -------------------------------------------------------------

# As podman 5.4.2 wrote it for three times ``podman system connection add``.
KEPT_BY_5 = (
    '{"Connection":{"Default":"near","Connections":{'
    '"far":{"URI":"ssh://me@box.example:2222/run/user/1000/podman/podman.sock",'
    '"Identity":"/mnt/id"},'
    '"near":{"URI":"unix:///mnt/engines.sock"},'
    '"tcpone":{"URI":"tcp://10.0.0.5:8080"}}},"Farm":{}}\n'
)
# As podman 4.3.1 did.
KEPT_BY_4 = """[containers]

[engine]
  active_service = "near4"
  [engine.service_destinations]
    [engine.service_destinations.far4]
      uri = "ssh://me@box.example:2222/run/user/1000/podman/podman.sock"
      identity = "/tmp/id"
    [engine.service_destinations.near]
      uri = "unix:///hidden/by/5"
    [engine.service_destinations.near4]
      uri = "unix:///mnt/engine4.sock"

[machine]

[network]

[secrets]

[configmaps]
"""
REMOTE = "[engine]\nremote = true\n"


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def containers(machine: Machine) -> Path:
    return machine.home / ".config/containers"


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


# -- TLS -----------------------------------------------------------------------------------


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


# -- whatever is written there -------------------------------------------------------------

TEXT = st.text(max_size=60) | st.builds(
    "".join,
    st.lists(
        st.sampled_from(
            ["tcp", "ssh", "unix", "https", "npipe", "://", ":", "/", "//", "@", "[", "]", "::1",
             "box", "%", "%2f", "?", "#", "-o", " ", "\n", "\0", "é", "99999", "local:"]
        ),
        max_size=8,
    ),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Endpoints", "docker", "Host", "SkipTLSVerify", "currentContext"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(TEXT)
def test_any_text_is_an_address_that_can_be_read_again_or_our_own_error(text: str) -> None:
    try:
        endpoint = Endpoint.parse(text)
    except ConnectionFailed:
        return
    assert Endpoint.parse(str(endpoint)) == endpoint
    assert str(endpoint) == str(endpoint).strip()


@given(TEXT, TEXT)
def test_no_text_with_a_password_is_ever_echoed(user: str, behind: str) -> None:
    for scheme in ("tcp://", "https://", "ssh://"):
        try:
            shown = str(Endpoint.parse(f"{scheme}{user}:s3cret@box{behind}"))
        except ConnectionFailed as error:
            shown = f"{error} {error.__cause__} {error.hint}"
        assert "s3cret" not in shown


@given(meta=JSON | st.builds(docker, TEXT) | st.binary(max_size=40), config=JSON)
def test_any_context_and_configuration_is_an_endpoint_or_our_own_error(
    meta: object, config: object
) -> None:
    with tempfile.TemporaryDirectory() as root, ExitStack() as stack:
        machine = Machine(Path(root), stack)
        add_context(machine, "x", meta)
        choose_context(machine, config)
        for context in ("x", None):
            try:
                found = find_engine(machine.environ, context=context)
            except ConnectionFailed:
                continue
            assert isinstance(found.endpoint, Endpoint)
