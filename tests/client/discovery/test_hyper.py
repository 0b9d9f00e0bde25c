"""Where keys come from, in the hyper command's own order, and where they never go."""

from __future__ import annotations

import copy
import json
import pickle
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client import Credentials, Endpoint, find_credentials, hyper_address
from hyper_jupyter.client.discovery.hyper import add_default_tls
from hyper_jupyter.client.transport.endpoint import Tls
from hyper_jupyter.exceptions import ConnectionFailed

US: Final = "tcp://us-west-1.hyper.sh:443"
EU: Final = "tcp://eu-central-1.hyper.sh:443"
OWN: Final = "tcp://127.0.0.1:6443"
ANY: Final = "tcp://*.hyper.sh:443"
IN_ENVIRONMENT: Final = {"HYPER_ACCESS": "env-ak", "HYPER_SECRET": "env-sk"}


def entry(name: str, **more: str) -> dict[str, str]:
    return {"accesskey": f"{name}-ak", "secretkey": f"{name}-sk", **more}


def environ(folder: Path, clouds: Any = None, **more: str) -> dict[str, str]:
    """An environment whose ~/.hyper/config.json has these clouds."""
    if clouds is not None:
        (folder / ".hyper").mkdir(exist_ok=True)
        text = json.dumps({"auths": {}, "clouds": clouds})
        (folder / ".hyper" / "config.json").write_text(text)
    return {"HOME": str(folder), **more}


def found(address: str, env: dict[str, str], **given: str) -> tuple[str, str, str] | None:
    credentials = find_credentials(Endpoint.parse(address), environ=env, **given)
    if credentials is None:
        return None
    return (credentials.access_key, credentials.secret_key, credentials.region)


# -- the order -------------------------------------------------------------------------------


def test_the_caller_s_keys_win_over_all(tmp_path: Path) -> None:
    env = environ(tmp_path, {ANY: entry("any")}, **IN_ENVIRONMENT)
    given = {"access_key": "own-ak", "secret_key": "own-sk"}
    assert found(US, env, **given) == ("own-ak", "own-sk", "us-west-1")
    assert found("unix:///run/x", env, **given) == ("own-ak", "own-sk", "us-west-1")


def test_the_entry_for_any_region_is_before_the_address_s_own(tmp_path: Path) -> None:
    env = environ(tmp_path, {US: entry("legacy"), ANY: entry("any")})
    assert found(US, env) == ("any-ak", "any-sk", "us-west-1")


def test_the_legacy_entry_counts_where_there_is_none_for_any_region(tmp_path: Path) -> None:
    env = environ(tmp_path, {US: entry("legacy")})
    assert found(US, env) == ("legacy-ak", "legacy-sk", "us-west-1")
    with pytest.raises(ConnectionFailed, match=r"^no keys for tcp://eu-central-1"):
        found(EU, env)


def test_the_configuration_is_before_the_environment(tmp_path: Path) -> None:
    env = environ(tmp_path, {ANY: entry("any")}, **IN_ENVIRONMENT)
    assert found(US, env) == ("any-ak", "any-sk", "us-west-1")


@pytest.mark.parametrize("clouds", [None, {}, {ANY: {}}, {ANY: {"accesskey": "only"}}, {ANY: 1}])
def test_without_both_keys_there_the_environment_counts(tmp_path: Path, clouds: Any) -> None:
    env = environ(tmp_path, clouds, **IN_ENVIRONMENT)
    assert found(US, env) == ("env-ak", "env-sk", "us-west-1")


def test_an_own_endpoint_has_the_keys_of_its_address(tmp_path: Path) -> None:
    env = environ(tmp_path, {ANY: entry("any"), OWN: entry("own", region="RegionOne")})
    assert found(OWN, env) == ("own-ak", "own-sk", "RegionOne")
    assert found("http://127.0.0.1:6443", env) == ("own-ak", "own-sk", "RegionOne")
    assert found("tcp://127.0.0.1:6444", env) is None


def test_a_unix_socket_has_the_keys_of_its_address(tmp_path: Path) -> None:
    env = environ(tmp_path, {"unix:///run/h.sock": entry("own")})
    assert found("unix:///run/h.sock", env) == ("own-ak", "own-sk", "us-west-1")
    assert found("unix:///run/docker.sock", env) is None


def test_keys_of_the_environment_are_not_for_other_engines(tmp_path: Path) -> None:
    env = environ(tmp_path, **IN_ENVIRONMENT)
    for address in ("unix:///var/run/docker.sock", OWN, "tcp://hyper.sh.example.org:443"):
        assert found(address, env) is None


def test_they_are_for_the_address_that_the_hyper_command_would_use(tmp_path: Path) -> None:
    env = environ(tmp_path, HYPER_DEFAULT_REGION=OWN, **IN_ENVIRONMENT)
    assert found(OWN, env) == ("env-ak", "env-sk", "us-west-1")
    assert found("tcp://127.0.0.1:6444", env) is None


def test_they_are_for_an_endpoint_whose_region_is_named(tmp_path: Path) -> None:
    env = environ(tmp_path, **IN_ENVIRONMENT)
    assert found(OWN, env, region="RegionOne") == ("env-ak", "env-sk", "RegionOne")


def test_the_folder_is_named_by_hyper_config(tmp_path: Path) -> None:
    environ(tmp_path, {ANY: entry("any")})
    env = {"HOME": "/nowhere", "HYPER_CONFIG": str(tmp_path / ".hyper")}
    assert found(US, env) == ("any-ak", "any-sk", "us-west-1")


# -- regions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "named", "region"),
    [
        (EU, None, "eu-central-1"),  # not the one next to the keys: the address was named
        (EU, "RegionOne", "RegionOne"),
        (OWN, None, "RegionTwo"),
        (OWN, "RegionOne", "RegionOne"),
    ],
)
def test_the_region_is_named_or_the_host_s_or_next_to_the_keys(
    tmp_path: Path, address: str, named: str | None, region: str
) -> None:
    clouds = {ANY: entry("any", region="RegionTwo"), OWN: entry("own", region="RegionTwo")}
    credentials = find_credentials(
        Endpoint.parse(address), region=named, environ=environ(tmp_path, clouds)
    )
    assert credentials is not None
    assert credentials.region == region


@pytest.mark.parametrize(
    ("clouds", "variables", "expected"),
    [
        (None, {}, None),
        ({}, {"HYPER_ACCESS": "ak"}, None),
        ({ANY: entry("any")}, {}, US),
        ({ANY: entry("any", region="eu-central-1")}, {}, EU),
        ({ANY: entry("any", region="../x")}, {}, US),
        (None, IN_ENVIRONMENT, US),
        # The hyper command passes over the name of a region here, and so do we.
        (None, {**IN_ENVIRONMENT, "HYPER_DEFAULT_REGION": "eu-central-1"}, US),
        (None, {"HYPER_DEFAULT_REGION": OWN}, OWN),
    ],
)
def test_the_hyper_command_s_own_endpoint(
    tmp_path: Path, clouds: Any, variables: dict[str, str], expected: str | None
) -> None:
    address = hyper_address(environ=environ(tmp_path, clouds, **variables))
    assert (address and address[0]) == expected


def test_a_region_names_an_endpoint() -> None:
    assert hyper_address("eu-central-1", {}) == (EU, "the region is named")


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{"access_key": "AKWORD"}, {"secret_key": "SKWORD"}])
def test_half_a_pair_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConnectionFailed, match=r"is missing$") as caught:
        find_credentials(Endpoint.parse(OWN), environ={}, **given)
    assert "WORD" not in str(caught.value)


def test_local_takes_no_keys() -> None:
    with pytest.raises(ConnectionFailed, match=r"^local: takes no keys"):
        find_credentials(Endpoint("local"), access_key="a", secret_key="b", environ={})
    assert find_credentials(Endpoint("local"), environ=IN_ENVIRONMENT) is None


def test_a_hyper_endpoint_without_keys_is_refused_with_where_they_go() -> None:
    with pytest.raises(ConnectionFailed, match=r"^no keys for tcp://us-west-1\.") as caught:
        find_credentials(Endpoint.parse(US), environ={"HOME": "/nowhere"})
    assert "~/.hyper/config.json" in caught.value.hint


def test_a_configuration_that_is_not_json_is_told_without_its_text(tmp_path: Path) -> None:
    (tmp_path / ".hyper").mkdir()
    (tmp_path / ".hyper" / "config.json").write_text('{"clouds": {"secretkey": "SECRETWORD"')
    env = {"HOME": str(tmp_path)}
    with pytest.raises(ConnectionFailed) as caught:
        find_credentials(Endpoint.parse(US), environ=env)
    assert str(caught.value) == f"no keys for {US} ({tmp_path}/.hyper/config.json is not JSON)"
    assert caught.value.__context__ is None
    assert find_credentials(Endpoint.parse(OWN), environ=env) is None


@pytest.mark.parametrize("access", ["AK/FAKE+ACCESS", "+A/b==", "/"])
def test_an_access_key_may_hold_slashes(access: str) -> None:
    found = find_credentials(
        Endpoint.parse(OWN), access_key=access, secret_key="SECRETWORD", environ={}
    )
    assert found is not None
    assert found.access_key == access


@pytest.mark.parametrize(
    ("access", "secret"),
    [("A K", "SECRETWORD"), ("A,K", "SECRETWORD"), ("AK\n", "SECRETWORD"),
     ("\u00e4", "SECRETWORD"), ("AK", "SECRETWORD\ud800")],
)  # fmt: skip
def test_keys_that_no_header_can_carry_are_refused_without_being_shown(
    access: str, secret: str
) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        find_credentials(Endpoint.parse(OWN), access_key=access, secret_key=secret, environ={})
    assert str(caught.value) == "the keys from the call contain characters that no key has"
    assert caught.value.__context__ is None


def test_a_region_that_is_none_is_refused() -> None:
    with pytest.raises(ConnectionFailed, match="is not the name of a region"):
        Credentials("a", "b", "us west", "the call")


# -- what they show --------------------------------------------------------------------------


def test_keys_are_in_no_representation_of_them() -> None:
    credentials = Credentials("AKWORD", "SKWORD", "us-west-1", "the call")
    assert repr(credentials) == "<Credentials for region us-west-1, from the call>"
    shown = f"{credentials} {credentials!r} {[credentials.access_key, credentials.secret_key]}"
    assert "WORD" not in shown
    assert (credentials.access_key, credentials.secret_key) == ("AKWORD", "SKWORD")


def test_they_are_not_pickled_or_copied() -> None:
    credentials = Credentials("AKWORD", "SKWORD", "us-west-1", "the call")
    with pytest.raises(TypeError, match="readable"):
        pickle.dumps(credentials)
    with pytest.raises(TypeError, match="readable"):
        copy.copy(credentials)


# -- anything at all -------------------------------------------------------------------------

LEAVES: Final = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
VALUES: Final = st.recursive(
    LEAVES | st.sampled_from([US, ANY, OWN]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([US, ANY, OWN, "clouds", "accesskey", "secretkey", "region"])
            | st.text(max_size=12),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
FILES: Final = (
    st.binary()
    | VALUES.map(lambda value: json.dumps({"clouds": value}).encode())
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.just(b'{"clouds":' + b"[" * 100_000)
)


@given(
    content=FILES,
    address=st.sampled_from([US, EU, OWN, "unix:///x"]),
    region=st.none() | st.text(max_size=9),
    variables=st.dictionaries(
        st.sampled_from(["HYPER_ACCESS", "HYPER_SECRET", "HYPER_DEFAULT_REGION"]),
        st.text(max_size=20),
    ),
)
def test_any_configuration_gives_keys_or_none_or_our_own_error(
    content: bytes, address: str, region: str | None, variables: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_bytes(content)
        env = {"HYPER_CONFIG": folder, **variables}
        hyper_address(region, env)
        try:
            credentials = find_credentials(Endpoint.parse(address), region=region, environ=env)
        except ConnectionFailed:
            return
        assert credentials is None or (credentials.access_key and credentials.secret_key)


@pytest.mark.parametrize(
    ("url", "source", "tls"),
    [
        ("tcp://box:6443", "the environment", True),
        ("tcp://box:6443", "the call", False),
        ("tcp://box:6443", None, False),  # no keys
        ("unix:///s", "the environment", False),
    ],
)
@pytest.mark.parametrize("verify", [True, False])
def test_tcp_means_tls_where_the_hyper_command_has_the_keys(
    url: str, source: str | None, tls: bool, verify: bool
) -> None:
    endpoint = Endpoint.parse(url)
    keys = None if source is None else Credentials("AK", "SK", "us-west-1", source)
    changed = add_default_tls(endpoint, keys, verify=verify)
    assert changed.tls == (Tls(verify=verify) if tls else None)
    assert str(changed) == (url.replace("tcp:", "https:") if tls else url)


def test_tls_that_was_chosen_is_left_as_it_is() -> None:
    endpoint = Endpoint.parse("https://box")
    keys = Credentials("AK", "SK", "us-west-1", "the environment")
    assert add_default_tls(endpoint, keys, verify=False) is endpoint
