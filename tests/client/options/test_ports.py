"""Published ports: every form of -p, the mappings of Python, and what is none."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client.options.ports import (
    PublishedPort,
    exposed_ports,
    parse_ports,
    published_ports,
)
from hyper_jupyter.exceptions import HyperJupyterError

P = PublishedPort


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", [P("80/tcp")]),
        ("80/udp", [P("80/udp")]),
        ("80/SCTP", [P("80/sctp")]),
        ("8080:80", [P("80/tcp", "", "8080")]),
        (":80", [P("80/tcp")]),
        ("8080:80/udp", [P("80/udp", "", "8080")]),
        ("127.0.0.1:8080:80", [P("80/tcp", "127.0.0.1", "8080")]),
        ("127.0.0.1:8080:80/udp", [P("80/udp", "127.0.0.1", "8080")]),
        ("127.0.0.1::80", [P("80/tcp", "127.0.0.1")]),
        ("[::1]:8080:80", [P("80/tcp", "::1", "8080")]),
        ("[::1]::80", [P("80/tcp", "::1")]),
        ("0.0.0.0:53:53/udp", [P("53/udp", "0.0.0.0", "53")]),
        ("8000-8002", [P("8000/tcp"), P("8001/tcp"), P("8002/tcp")]),
        ("9000-9001:8000-8001", [P("8000/tcp", "", "9000"), P("8001/tcp", "", "9001")]),
        ("127.0.0.1:9000-9001:8000-8001/udp",
         [P("8000/udp", "127.0.0.1", "9000"), P("8001/udp", "127.0.0.1", "9001")]),
        ("8000-8010:80", [P("80/tcp", "", "8000-8010")]),
        ("target=80", [P("80/tcp")]),
        ("published=8080,target=80", [P("80/tcp", "", "8080")]),
        ("published=8080,target=80,protocol=udp,mode=ingress", [P("80/udp", "", "8080")]),
        (" 8080:80 ", [P("80/tcp", "", "8080")]),
    ],
)  # fmt: skip
def test_every_form_of_publish(text: str, ports: list[PublishedPort]) -> None:
    assert parse_ports(text) == ports


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "x", "80/icmp", "0", "65536", "8080:", "8080:x", "host:8080:80", "1.2.3:80:80",
        "1.2.3.4:80", "80:80:80", "::1:8080:80", "[::1:80:80", "9000-9002:8000-8001",
        "8002-8000", "-80", "80-", "127.0.0.1:8080:80:90", "target=", "published=80",
        "target=80,nope=1", "target=80,mode=x", "8080:80/tcp/udp", "80/", "٨٠",
    ],
)  # fmt: skip
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(HyperJupyterError, match="publish: ") as caught:
        parse_ports(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ({"80/tcp": 8080}, [P("80/tcp", "", "8080")]),
        ({80: 8080}, [P("80/tcp", "", "8080")]),
        ({"53/udp": ("127.0.0.1", 5353)}, [P("53/udp", "127.0.0.1", "5353")]),
        ({"80": ("::1", 8080)}, [P("80/tcp", "::1", "8080")]),
        ({"80": ("127.0.0.1", None)}, [P("80/tcp", "127.0.0.1")]),
        ({"80": "127.0.0.1:8080"}, [P("80/tcp", "127.0.0.1", "8080")]),
        ({"80": None}, [P("80/tcp")]),
        ({"80": [8080, 8081]}, [P("80/tcp", "", "8080"), P("80/tcp", "", "8081")]),
        (["8080:80", 90], [P("80/tcp", "", "8080"), P("90/tcp")]),
        ("8080:80", [P("80/tcp", "", "8080")]),
        ([], []),
        ({}, []),
    ],
)
def test_ports_of_python(ports: Any, expected: list[PublishedPort]) -> None:
    assert published_ports(ports) == expected


@pytest.mark.parametrize("ports", [{"80": True}, {"80": "x"}, {"x": 80}, ["x"], {80: 70000}])
def test_what_is_no_port_of_python(ports: Any) -> None:
    with pytest.raises(HyperJupyterError, match="publish: "):
        published_ports(ports)


@pytest.mark.parametrize(
    ("ports", "expected"),
    [([80], ["80/tcp"]), (["53/udp"], ["53/udp"]), (["80-81/tcp"], ["80/tcp", "81/tcp"]),
     ("80", ["80/tcp"])],
)  # fmt: skip
def test_ports_that_are_only_exposed(ports: Any, expected: list[str]) -> None:
    assert exposed_ports(ports) == expected


@pytest.mark.parametrize("port", ["", "x", "8080:80", "80/x", "0", "9-8"])
def test_what_is_no_exposed_port(port: str) -> None:
    with pytest.raises(HyperJupyterError) as caught:
        exposed_ports([port])
    assert caught.value.hint


@given(st.text(alphabet="0123456789:-/.[]tcpud=,", max_size=24))
def test_any_text_is_read_or_is_our_own_error(text: str) -> None:
    with contextlib.suppress(HyperJupyterError):
        assert parse_ports(text)
