"""Docker's contexts: which endpoint one means, and which one is current."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client import Endpoint, Tls, find_engine
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.discovery.machines import (
    Machine,
    add_context,
    choose_context,
    docker,
)
from tests.client.strategies import TEXT


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
