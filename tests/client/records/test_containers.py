"""Containers, ports, processes and changes, as engines describe them."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client.records import Change, Container, Port, ProcessTable
from hyper_jupyter.exceptions import ProtocolError

ROW = {
    "Id": "a" * 64,
    "Names": ["/other/alias", "/web"],
    "Image": "alpine",
    "Command": "sh",
    "State": "running",
    "Status": "Up 2 minutes",
    "Created": 1700000000,
    "Ports": [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"PrivatePort": 53, "Type": "udp"},
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
    ],
    "Labels": {"app": "web"},
    "NetworkSettings": {"Networks": {"shop": {}, "bridge": {}}},
    "SizeRw": 12,
    "SizeRootFs": 1000,
}


def test_a_row_has_ports_labels_networks_and_size() -> None:
    found = Container.from_row(ROW)
    assert found == Container(
        "a" * 64, "web", "alpine", "sh", "running", "Up 2 minutes", 1700000000,
        ports=(
            Port(53, "udp"),
            Port(80, "tcp", "0.0.0.0", 8080),
            Port(80, "tcp", "::", 8080),
        ),
        labels={"app": "web"}, networks=("bridge", "shop"), size=12,
    )  # fmt: skip
    assert found.raw is ROW
    assert "raw" not in repr(found)
    assert len({found, Container.from_row(dict(ROW))}) == 1


@pytest.mark.parametrize(
    ("row", "size"), [({}, None), ({"SizeRootFs": 5}, 0), ({"SizeRw": 3, "SizeRootFs": 5}, 3)]
)
def test_a_container_that_wrote_nothing_has_size_0_and_one_not_asked_for_has_none(
    row: dict[str, Any], size: int | None
) -> None:
    assert Container.from_row({"Id": "x", **row}).size == size


@pytest.mark.parametrize(
    "odd",
    [
        {"Ports": 5, "Labels": ["a"], "NetworkSettings": None, "Created": "x"},
        {"Ports": [None, 5], "Labels": {"a": None}, "NetworkSettings": {"Networks": None}},
        {"Ports": [{"PrivatePort": "x"}], "Labels": None, "Names": "x", "Created": True},
    ],
)
def test_parts_of_another_type_are_empty(odd: dict[str, Any]) -> None:
    found = Container.from_row({"Id": "x", **odd})
    assert (found.created, found.networks) == (0, ())


@pytest.mark.parametrize("row", [None, 5, [], {}, {"Id": 5}])
def test_a_row_without_an_id_is_our_own_error(row: Any) -> None:
    with pytest.raises(ProtocolError, match="not a list of containers"):
        Container.from_row(row)


def test_text_of_strangers_is_printable_and_short() -> None:
    found = Container.from_row(
        {"Id": "x", "Labels": {"a\x1b[2J": "b\r\nc"}, "Names": ["/w\x1beb"],
         "NetworkSettings": {"Networks": {"n\u202e": {}}}, "Image": "i" * 5000}
    )  # fmt: skip
    assert (found.labels, found.name, found.networks) == ({"a [2J": "b c"}, "w eb", ("n",))
    assert len(found.image) == 4096


def test_inspect_has_ports_labels_and_networks_too() -> None:
    inspected = {
        "Id": "x",
        "Config": {"Labels": {"a": "b"}},
        "NetworkSettings": {
            "Ports": {
                "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
                "53/udp": None,
                "odd": [],
                "90/tcp": [{"HostPort": "x"}, None],
            },
            "Networks": {"bridge": {}},
        },
    }
    found = Container.from_inspect(inspected)
    assert found.ports == (Port(53, "udp"), Port(80, "tcp", "127.0.0.1", 8080), Port(90, "tcp"))
    assert (found.labels, found.networks) == ({"a": "b"}, ("bridge",))


@pytest.mark.parametrize(
    ("port", "text"),
    [
        (Port(80), "80/tcp"),
        (Port(53, "udp", "0.0.0.0", 5353), "0.0.0.0:5353->53/udp"),
        (Port(80, "tcp", "::", 8080), "[::]:8080->80/tcp"),
        (Port(80, "tcp", "", 8080), ":8080->80/tcp"),
    ],
)
def test_a_port_as_text(port: Port, text: str) -> None:
    assert str(port) == text


@pytest.mark.parametrize(
    ("answer", "titles", "processes"),
    [
        ({"Titles": ["PID", "CMD"], "Processes": [["1", "sh -c x"], ["2", "sleep 1"]]},
         ("PID", "CMD"), (("1", "sh -c x"), ("2", "sleep 1"))),
        # Podman 4.3
        ({"Titles": ["PID   USER     COMMAND"], "Processes": [["1 root     sh -c echo  hi"]]},
         ("PID", "USER", "COMMAND"), (("1", "root", "sh -c echo hi"),)),
        ({"Titles": ["PID", "CMD"], "Processes": None}, ("PID", "CMD"), ()),
        ({"Titles": ["PID", "CMD"], "Processes": [["1"], ["1", "b", "c"]]},
         ("PID", "CMD"), (("1", ""), ("1", "b"))),
    ],
)  # fmt: skip
def test_a_table_of_processes(
    answer: Any, titles: tuple[str, ...], processes: tuple[tuple[str, ...], ...]
) -> None:
    found = ProcessTable.from_answer(answer)
    assert (found.titles, found.processes) == (titles, processes)
    assert [tuple(row.values()) for row in found.to_dicts()] == list(processes)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"Titles": []}, {"Titles": ["A"], "Processes": 5}]
)
def test_what_is_no_table_is_our_own_error(answer: Any) -> None:
    with pytest.raises(ProtocolError, match="not a table"):
        ProcessTable.from_answer(answer)


@pytest.mark.parametrize(
    ("kind", "word", "text"),
    [(0, "modified", "C /a"), (1, "added", "A /a"), (2, "deleted", "D /a")],
)
def test_a_change(kind: int, word: str, text: str) -> None:
    found = Change.from_row({"Path": "/a", "Kind": kind})
    assert (found.kind, str(found)) == (word, text)


@pytest.mark.parametrize("row", [None, {}, {"Path": "/a"}, {"Path": "/a", "Kind": 3},
                                 {"Kind": 0}, {"Path": "/a", "Kind": []}])  # fmt: skip
def test_what_is_no_change_is_our_own_error(row: Any) -> None:
    with pytest.raises(ProtocolError, match="not a list of changes"):
        Change.from_row(row)
