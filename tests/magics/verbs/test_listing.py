"""The verbs that show what an engine knows about containers, without an engine."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.client.records import Change, Container, Port, ProcessTable
from hyper_jupyter.exceptions import ApiError, NotFound
from hyper_jupyter.magics.arguments import UsageFault
from tests.magics.verbs.scripted import ScriptedClient, run

ASKED = {"all": False, "filters": {}, "limit": None, "latest": False, "size": False}


def container(number: int, command: str = "sh", **options: Any) -> Container:
    return Container(
        str(number) * 64, f"web-{number}", "busybox", command, "running", "Up",
        int(time.time()) - 200, **options,
    )  # fmt: skip


def test_ps_gives_a_table_with_short_ids_commands_and_ports() -> None:
    ports = (Port(80, "tcp", "0.0.0.0", 8080), Port(53, "udp"))
    client = ScriptedClient(
        containers=[container(1, "sh -c '\n" + "x" * 40, ports=ports), container(2)]
    )
    rows = run(client, "ps")
    assert client.calls == [("containers", ASKED)]
    assert rows == client.answers["containers"]
    titles, first, second = str(rows).splitlines()
    assert titles.split("  ")[0] == "CONTAINER ID"
    assert [each.strip() for each in first.split("   ") if each] == [
        "111111111111", "busybox", "sh -c ' xxxxxxxxxxxxxxxxxxxxx…", "3 minutes ago", "Up",
        "0.0.0.0:8080->80/tcp, 53/udp", "web-1",
    ]  # fmt: skip
    assert second.split()[0] == "222222222222"


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("-a", {"all": True}),
        ("-l", {"latest": True}),
        ("-n 3", {"limit": 3}),
        ("-s", {"size": True}),
        ("--format {{.Size}}", {"size": True}),
        ("-f status=exited -f name=web --filter label=a=b",
         {"filters": {"status": ["exited"], "name": ["web"], "label": ["a=b"]}}),
    ],
)  # fmt: skip
def test_ps_asks_in_docker_s_words(line: str, asked: dict[str, Any]) -> None:
    client = ScriptedClient(containers=[])
    run(client, "ps", *line.split())
    assert client.calls == [("containers", {**ASKED, **asked})]


def test_an_image_without_a_name_is_shown_by_its_short_id() -> None:
    row = container(1, "y")
    client = ScriptedClient(containers=[replace(row, image=f"sha256:{'a' * 64}")])
    assert " aaaaaaaaaaaa " in str(run(client, "ps"))
    assert f"sha256:{'a' * 64}" in str(run(client, "ps", "--no-trunc"))


def test_ps_can_give_ids_full_text_or_a_template() -> None:
    client = ScriptedClient(containers=[container(1, "y" * 40, size=1000, labels={"a": "b"})])
    assert run(client, "ps", "-q") == ["111111111111"]
    assert run(client, "ps", "-q", "--no-trunc") == ["1" * 64]
    assert "y" * 40 in str(run(client, "ps", "--no-trunc"))
    assert run(client, "ps", "--format", "{{.Names}} {{.Labels}} {{.State}}") == [
        "web-1 a=b running"
    ]
    assert str(run(client, "ps", "-s")).splitlines()[1].endswith("1kB")


def test_a_number_of_containers_is_at_least_one() -> None:
    with pytest.raises(UsageFault, match="-n 0"):
        run(ScriptedClient(), "ps", "-n", "0")


# -- inspect ----------------------------------------------------------------------------


def missing(what: str) -> NotFound:
    return NotFound(404, f"no such {what}", hint=f"about the {what}")


def test_inspect_finds_whatever_has_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(
        inspect=missing("container"),
        inspect_image=missing("image"),
        inspect_volume={"Name": "data"},
    )
    assert run(client, "inspect", "data") == {"Name": "data"}
    assert [call[0] for call in client.calls] == ["inspect", "inspect_image", "inspect_volume"]
    assert capsys.readouterr().out == ""  # the value shows itself


def test_what_has_no_such_name_at_all_has_the_hint_about_containers() -> None:
    kinds = ("inspect", "inspect_image", "inspect_volume", "inspect_network")
    client = ScriptedClient(**{kind: missing(kind) for kind in kinds})
    with pytest.raises(
        NotFound, match=r"^No such container, image, volume or network: data\n"
    ) as caught:
        run(client, "inspect", "data")
    assert caught.value.hint == "about the inspect"


def test_a_type_asks_for_that_alone() -> None:
    client = ScriptedClient(inspect_network={"Id": "n"})
    assert run(client, "inspect", "--type", "network", "n") == {"Id": "n"}
    assert client.calls == [("inspect_network", "n")]


def test_inspect_takes_a_template_before_it_asks() -> None:
    client = ScriptedClient(inspect={"Id": "a", "State": {"Status": "running"}})
    assert run(client, "inspect", "-f", "{{.State.Status}}", "a", "b") == ["running", "running"]
    client.calls.clear()
    with pytest.raises(UsageFault) as caught:
        run(client, "inspect", "-f", "{{range .Mounts}}", "a")
    assert caught.value.hint == 'In Python: client.inspect("a").'
    assert client.calls == []


def test_a_template_is_filled_in_for_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    class Client(ScriptedClient):
        def inspect(self, name: str) -> dict[str, Any]:
            if name == "b":
                raise NotFound(404, "nothing is called b")
            return {"Name": f"/{name}"}

    words = ["inspect", "--type", "container", "-f", "{{.Name}}"]
    with pytest.raises(NotFound, match="nothing is called b"):
        run(Client(), *words, "a", "b", "c")
    assert capsys.readouterr() == ("/a\n/c\n", "")


# -- port, top, diff --------------------------------------------------------------------

PORTS = [Port(80, "tcp", "0.0.0.0", 8080), Port(80, "tcp", "::", 8080), Port(53, "udp")]


def test_published_ports_are_listed_or_looked_up() -> None:
    client = ScriptedClient(port=PORTS)
    assert run(client, "port", "web") == PORTS[:2]
    assert run(client, "port", "web", "80") == ["0.0.0.0:8080", "[::]:8080"]
    assert run(client, "port", "web", "80/tcp") == ["0.0.0.0:8080", "[::]:8080"]
    with pytest.raises(UsageFault, match="port 53/udp of web is not published"):
        run(client, "port", "web", "53/udp")


def test_top_has_the_columns_of_ps() -> None:
    table = ProcessTable(("PID", "CMD"), (("1", "sh -c x"), ("7", "sleep 9")))
    client = ScriptedClient(top=table)
    rows = run(client, "top", "web")
    assert rows == [{"PID": "1", "CMD": "sh -c x"}, {"PID": "7", "CMD": "sleep 9"}]
    assert str(rows).splitlines() == ["PID   CMD", "1     sh -c x", "7     sleep 9"]
    run(client, "top", "web", "-o", "pid,cmd")
    assert client.calls == [("top", "web", None), ("top", "web", "-o pid,cmd")]


def test_top_of_what_does_not_run_says_how_to_start_it() -> None:
    client = ScriptedClient(
        top=ApiError(409, "it does not run"), inspect={"State": {"Running": False}}
    )
    with pytest.raises(ApiError) as caught:
        run(client, "top", "web")
    assert caught.value.hint == "%hyper start web starts it."


def test_diff_lists_what_changed() -> None:
    client = ScriptedClient(diff=[Change("/tmp/x", "added")])
    assert str(run(client, "diff", "web")).splitlines()[1] == "added    /tmp/x"


def test_a_row_knows_more_than_it_shows() -> None:
    client = ScriptedClient(containers=[container(1, raw={"Mounts": []})])
    (row,) = run(client, "ps")
    assert row.raw == {"Mounts": []}


@pytest.mark.parametrize("created", [10**30, -(10**30)])
def test_a_time_of_no_calendar_is_an_empty_cell(created: int) -> None:
    never = dataclasses.replace(container(1), created=created)
    assert run(ScriptedClient(containers=[never]), "ps", "--format", "{{.CreatedAt}}|") == ["|"]
