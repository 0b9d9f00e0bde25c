"""The verbs about images, volumes, networks and the engine, and those that change a container."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.client.copying.unpacking import Copied
from hyper_jupyter.client.records import (
    DiskUsage,
    EngineInfo,
    EngineVersion,
    Image,
    Layer,
    Network,
    Pruned,
    RemovedImages,
    Usage,
    Volume,
)
from hyper_jupyter.exceptions import NotFound
from hyper_jupyter.magics import progress
from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.printout import Interrupted
from tests.magics.verbs.scripted import ScriptedClient, run

# -- images -----------------------------------------------------------------------------


def image(*tags: str, size: int = 4_262_048) -> Image:
    return Image(f"sha256:{'a' * 64}", tags, created=int(time.time()) - 86400 * 21, size=size)


def test_images_have_a_row_for_each_name_and_are_listed_once() -> None:
    found = [image("busybox:latest", "127.0.0.1:5000/shop/web:1.2"), image()]
    rows = run(ScriptedClient(images=found), "images")
    assert rows == found
    cells = [line.split() for line in str(rows).splitlines()]
    assert [row[:2] for row in cells[1:]] == [
        ["busybox", "latest"], ["127.0.0.1:5000/shop/web", "1.2"], ["<none>", "<none>"],
    ]  # fmt: skip
    assert cells[1][2:] == ["a" * 12, "3", "weeks", "ago", "4.26MB"]


def test_images_may_be_ids_a_template_or_chosen_ones() -> None:
    client = ScriptedClient(images=[image("a:1", "b:2"), image()])
    assert run(client, "images", "-q") == ["a" * 12]
    assert run(client, "images", "--format", "{{.Repository}}") == ["a", "b", "<none>"]
    run(client, "images", "-a", "-f", "dangling=true", "busy*")
    assert client.calls[-1] == (
        "images",
        {"all": True, "filters": {"dangling": ["true"], "reference": ["busy*"]}},
    )


def test_what_removing_an_image_did_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(remove_image=RemovedImages(("a:1",), ("sha256:1",)))
    run(client, "rmi", "-f", "a:1")
    assert client.calls == [("remove_image", "a:1", {"force": True})]
    assert capsys.readouterr().out == "Untagged: a:1\nDeleted: sha256:1\n"


def test_a_history_is_a_table() -> None:
    layer = Layer("<missing>", int(time.time()) - 7200, "CMD x" * 20, 10, "note")
    rows = run(ScriptedClient(history=[layer]), "history", "a")
    assert rows == [layer]
    assert "2 hours ago" in str(rows)
    assert "…" in str(rows)


def test_commit_and_tag_pass_everything_on() -> None:
    client = ScriptedClient(commit="sha256:1", tag_image=None)
    words = ["-m", "why", "-a", "me", "-c", "CMD x", "-p", "false"]
    assert run(client, "commit", *words, "web", "shop/web:2") == "sha256:1"
    assert client.calls == [
        ("commit", "web", "shop/web:2",
         {"message": "why", "author": "me", "changes": ["CMD x"], "pause": False})
    ]  # fmt: skip
    assert run(client, "tag", "a", "b:2") is None
    assert client.calls[-1] == ("tag_image", "a", "b:2")


# -- volumes and networks ---------------------------------------------------------------


def test_volumes() -> None:
    volume = Volume("data", "local", "/var/data", labels={"a": "b"})
    client = ScriptedClient(volumes=[volume], create_volume=volume, inspect_volume={"Name": "data"})
    rows = run(client, "volume", "ls", "-f", "dangling=true")
    assert rows == [volume]
    assert str(rows).splitlines() == ["DRIVER   VOLUME NAME", "local    data"]
    assert run(client, "volume", "ls", "-q") == ["data"]
    assert run(client, "volume", "create", "--label", "a=b", "-o", "size=1m", "data") == "data"
    assert client.calls[-1] == (
        "create_volume", "data",
        {"driver": None, "options": {"size": "1m"}, "labels": {"a": "b"}},
    )  # fmt: skip
    assert run(client, "volume", "inspect", "data") == {"Name": "data"}
    run(client, "volume", "rm", "-f", "data")
    assert client.calls[-1] == ("remove_volume", "data", {"force": True})


def test_networks() -> None:
    network = Network("n" * 64, "shop", "bridge", "local")
    client = ScriptedClient(networks=[network], create_network="n" * 64)
    assert str(run(client, "network", "ls")).splitlines()[1].split() == [
        "n" * 12, "shop", "bridge", "local",
    ]  # fmt: skip
    line = "network create --subnet 10.1.0.0/16 --internal shop"
    assert run(client, *line.split()) == "n" * 64
    assert client.calls[-1][2]["subnet"] == "10.1.0.0/16"
    assert client.calls[-1][2]["internal"] is True
    run(client, "network", "connect", "--alias", "db", "--ip", "10.1.0.9", "shop", "web")
    assert client.calls[-1] == (
        "connect_network", "shop", "web",
        {"aliases": ["db"], "ipv4_address": "10.1.0.9", "ipv6_address": None},
    )  # fmt: skip
    run(client, "network", "disconnect", "-f", "shop", "web")
    assert client.calls[-1] == ("disconnect_network", "shop", "web", {"force": True})
    run(client, "network", "rm", "a", "b")
    assert client.calls[-2:] == [("remove_network", "a"), ("remove_network", "b")]


@pytest.mark.parametrize("kind", ["image", "volume", "network"])
def test_inspect_shows_the_engine_s_object_of_each(
    capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    client = ScriptedClient(**{f"inspect_{kind}": {"Id": "a"}})
    assert run(client, kind, "inspect", "a") == {"Id": "a"}
    assert run(client, kind, "inspect", "a", "b") == [{"Id": "a"}, {"Id": "a"}]
    assert client.calls == [(f"inspect_{kind}", name) for name in ("a", "a", "b")]
    assert capsys.readouterr().out == ""  # the value shows itself


@pytest.mark.parametrize("verb", ["inspect", "image inspect", "volume inspect", "network inspect"])
def test_one_that_is_missing_does_not_keep_inspect_from_showing_the_others(
    capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    class Client(ScriptedClient):
        def inspect(self, name: str) -> dict[str, Any]:
            if name != "b":
                raise NotFound(404, f"nothing is called {name}")
            return {"Id": name}

        inspect_image = inspect_volume = inspect_network = inspect

    words = verb.split()
    words += ["--type", "container"] if verb == "inspect" else []
    with pytest.raises(NotFound, match="nothing is called c"):
        run(Client(), *words, "a", "b", "c")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == [{"Id": "b"}]
    assert printed.err == "Error: nothing is called a\n"
    with pytest.raises(NotFound, match="nothing is called c"):
        run(Client(), *words, "b", "c", assigned=True)
    assert capsys.readouterr() == ("", "")  # the value would have gone to Python
    with pytest.raises(NotFound, match="nothing is called a"):
        run(Client(), *words, "a")
    assert capsys.readouterr() == ("", "")  # there is nothing to show


# -- the engine -------------------------------------------------------------------------


def test_an_engine_s_description_is_its_facts_and_its_record() -> None:
    answer = {"ServerVersion": "26.1", "NCPU": 4, "MemTotal": 8 << 30, "Warnings": ["no swap"]}
    client = ScriptedClient(info=EngineInfo.from_answer(answer))
    value = run(client, "info")
    assert (value.cpus, value.memory) == (4, 8 << 30)
    lines = str(value).splitlines()
    assert lines[0].split() == [
        "Containers:",
        "0",
        "(0",
        "running,",
        "0",
        "paused,",
        "0",
        "stopped)",
    ]
    assert [line.split() for line in lines[-3:]] == [
        ["CPUs:", "4"], ["Total", "memory:", "8GiB"], ["Warning:", "no", "swap"],
    ]  # fmt: skip
    assert run(client, "info", "--format", "{{.NCPU}}") == "4"


def test_a_version_is_its_parts_and_its_record() -> None:
    version = EngineVersion("26.1", "1.45", os="linux", components={"runc": "1.1"}, raw={"Os": "x"})
    client = ScriptedClient(version=version)
    value = run(client, "version")
    assert value.api_version == "1.45"
    lines = str(value).splitlines()
    assert lines[0].split() == ["Version:", "26.1"]
    assert lines[-1].split() == ["runc:", "1.1"]
    assert not any(line.startswith("Kernel") for line in lines)  # it does not say
    assert run(client, "version", "--format", "{{.Os}}") == "x"
    assert json.loads(run(client, "version", "--format", "json")) == {"Os": "x"}


def test_df_has_a_row_for_each_kind() -> None:
    usage = DiskUsage(Usage(2, 1, 2_000_000, 500_000), Usage(), Usage(), Usage())
    rows = run(ScriptedClient(disk_usage=usage), "system", "df")
    assert rows[0].usage.size == 2_000_000
    assert str(rows).splitlines()[1].split() == ["Images", "2", "1", "2MB", "500kB", "(25%)"]


def test_prune_says_what_is_gone() -> None:
    pruned = Pruned(("a",), 1000)
    client = ScriptedClient(
        prune_containers=pruned, prune_networks=pruned, prune_images=pruned, prune_volumes=pruned
    )
    assert run(client, "container", "prune", "-f") == ["a", "Total reclaimed space: 1kB"]
    assert run(client, "system", "prune", "-a", "--filter", "until=1h")[-1].endswith("3kB")
    until = {"filters": {"until": ["1h"]}}
    assert client.calls[1:] == [
        ("prune_containers", until), ("prune_networks", until), ("prune_images", True, until),
    ]  # fmt: skip
    assert run(client, "network", "prune")[0] == "a"
    assert run(client, "volume", "prune", "-a")[0] == "a"
    assert client.calls[-2:] == [
        ("prune_networks", {"filters": {}}), ("prune_volumes", True, {"filters": {}}),
    ]  # fmt: skip
    client = ScriptedClient(prune_images=Pruned(untagged=("a:1",)))
    lines = run(client, "image", "prune", "-a")
    assert lines == ["Untagged: a:1", "Total reclaimed space: 0B"]


def test_system_prune_leaves_volumes_unless_they_are_named() -> None:
    pruned = Pruned(("a",), 1000)
    client = ScriptedClient(
        prune_containers=pruned, prune_networks=pruned, prune_images=pruned, prune_volumes=pruned
    )
    run(client, "system", "prune")
    assert "prune_volumes" not in [call[0] for call in client.calls]
    run(client, "system", "prune", "--volumes")
    assert "prune_volumes" in [call[0] for call in client.calls]


# -- changing a container ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("restart web", ("restart", "web", {"grace": 10})),
        ("restart -t 3 web", ("restart", "web", {"grace": 3})),
        ("rename web shop", ("rename", "web", "shop")),
        ("resize web 24 80", ("resize", "web", 24, 80)),
        ("start -a web",
         ("start_attached", "web", {"stdin": False, "detach_keys": None, "keep": True,
           "resume": True})),
        ("start -ai --detach-keys ctrl-a --no-resume web",
         ("start_attached", "web", {"stdin": True, "detach_keys": "ctrl-a", "keep": True,
           "resume": False})),
    ],
)  # fmt: skip
def test_a_container_is_changed(line: str, call: tuple[Any, ...]) -> None:
    client = ScriptedClient()
    run(client, *line.split())
    assert client.calls == [call]


def test_only_one_container_can_be_attached() -> None:
    with pytest.raises(UsageFault, match="only one"):
        run(ScriptedClient(), "start", "-a", "a", "b")


def test_update_changes_what_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(update=("swap is unlimited",))
    run(client, "update", "-m", "512m", "--restart", "always", "web")
    assert client.calls == [("update", "web", {"memory": "512m", "restart": "always"})]
    assert capsys.readouterr() == ("web\n", "Warning: swap is unlimited\n")
    with pytest.raises(UsageFault, match="nothing is to be changed"):
        run(client, "update", "web")


# -- cp ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("data.csv web:/tmp/", ("cp_to", "web", "data.csv", "/tmp/")),
        ("./a:b web:/tmp/", ("cp_to", "web", "./a:b", "/tmp/")),
        ("web:/etc/hosts .", ("cp_from", "web", "/etc/hosts", ".")),
        ("-q web:a:b /x:y", ("cp_from", "web", "a:b", "/x:y")),
    ],
)
def test_a_path_with_a_container_is_the_container_s(
    capsys: pytest.CaptureFixture[str], line: str, call: tuple[Any, ...]
) -> None:
    copied = Copied("./hosts", 1, 10, ("/dev/x",))
    client = ScriptedClient(cp_to="/tmp/copy", cp_from=copied)
    path = run(client, "cp", *line.split())
    assert client.calls[0][:4] == call
    assert path == ("web:/tmp/copy" if call[0] == "cp_to" else "./hosts")
    assert ("not copied: /dev/x" in capsys.readouterr().err) == (call[0] == "cp_from")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a b", "one of the two has to be a path of a container"),
        ("a:/x b:/y", "one of the two has to be a path of a container"),
        ("- a:/x", "no standard input"),
    ],
)
def test_what_cannot_be_copied_is_refused(line: str, said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        run(ScriptedClient(), "cp", *line.split())


def test_pull_gives_the_id_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(pull=SimpleNamespace(id="sha256:1"))
    assert run(client, "pull", "a", assigned=True) == "sha256:1"
    assert run(client, "pull", "-q", "a") == "sha256:1"
    assert client.calls == [("pull", "a", {"platform": None})] * 2
    assert capsys.readouterr().out == ""


class InterruptedCopy(ScriptedClient):
    """A copy that is interrupted after some bytes."""

    def __init__(self, *done: int) -> None:
        super().__init__()
        self.done = done

    def cp_to(self, *_: Any, on_progress: Any, **__: Any) -> None:
        for each in self.done:
            on_progress(each)
        raise KeyboardInterrupt


def test_an_interrupted_copy_says_where_a_part_of_it_may_be() -> None:
    with pytest.raises(Interrupted, match=r"a part may be at web:/tmp/$"):
        run(InterruptedCopy(10), "cp", "data.csv", "web:/tmp/")
    with pytest.raises(KeyboardInterrupt) as caught:
        run(InterruptedCopy(), "cp", "data.csv", "web:/tmp/")
    assert not isinstance(caught.value, Interrupted)


def test_a_copy_whose_progress_cannot_be_drawn_over_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "is_terminal", lambda: True)
    with pytest.raises(Interrupted):
        run(InterruptedCopy(10, 2_000_000, 30_000_000), "cp", "data.csv", "web:/tmp/")
    assert capsys.readouterr().out == "Copying\n"
