"""Addresses of engines, as they are written and read."""

from __future__ import annotations

import pytest
from hypothesis import given

from hyper_jupyter.client import Endpoint, Tls
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.strategies import TEXT


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
            "https://box:2376",
            Endpoint("tcp", host="box", port=2376, tls=Tls()),
            "https://box:2376",
        ),
        ("https://box", Endpoint("tcp", host="box", port=443, tls=Tls()), "https://box:443"),
        ("ssh://box", Endpoint("ssh", host="box"), "ssh://box"),
        ("ssh://Me@Box:22", Endpoint("ssh", host="Box", port=22, user="Me"), "ssh://Me@Box:22"),
        (
            "ssh://[::1]/run/x.sock",
            Endpoint("ssh", "/run/x.sock", host="::1"),
            "ssh://[::1]/run/x.sock",
        ),
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
        "", "  ", "fd://", "ftp://box", "gopher:",
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
    "url", ["ssh://me:s3cret@box", "ssh://me:s3/cret@box", "ssh://me@s3cret@box", "ssh://:s3@box"]
)
def test_ssh_takes_a_user_but_no_password(url: str) -> None:
    with pytest.raises(ConnectionFailed, match=r"a password|is not the address") as e:
        Endpoint.parse(url)
    assert "cret" not in f"{e.value} {e.value.__cause__} {e.value.hint}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ssh://box?x", "'ssh://box?x'"),
        ("ssh://me@box?x", "this ssh:// address"),
    ],
)
def test_an_address_that_may_hold_a_password_is_not_shown(url: str, shown: str) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        Endpoint.parse(url)
    assert str(caught.value) == f"{shown} is not the address of an engine"


@pytest.mark.parametrize(
    "url",
    ["ssh://", "ssh:///x", "ssh://-oProxyCommand=x", "ssh://-x@box", "ssh://a b", "ssh://box:x",
     "ssh://box?x", "ssh://box/a\x1b[0m"],
)  # fmt: skip
def test_what_ssh_could_take_for_an_option_or_worse_is_refused(url: str) -> None:
    with pytest.raises(ConnectionFailed, match="is not the address of an engine"):
        Endpoint.parse(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("ssh://[fe80::1%ETH0]/run/s", "fe80::1%ETH0"),
        ("ssh://me@[FE80::1%Eth0]:22", "FE80::1%Eth0"),
        ("ssh://[::1]", "::1"),
        ("ssh://Box:22/run/s", "Box"),
    ],
)
def test_a_host_of_ssh_keeps_its_spelling_and_is_never_empty(url: str, host: str) -> None:
    endpoint = Endpoint.parse(url)
    assert endpoint.host == host
    assert str(endpoint) == url


def test_named_pipes_are_refused_with_the_way_around() -> None:
    with pytest.raises(ConnectionFailed, match="npipe:// is not supported") as caught:
        Endpoint.parse("npipe:////./pipe/docker_engine")
    assert "tcp://localhost:2375" in caught.value.hint


def test_ssh_is_refused_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.client.transport.endpoint.os.name", "nt")
    with pytest.raises(ConnectionFailed, match=r"ssh:// is not supported on Windows"):
        Endpoint.parse("ssh://box")


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
