"""What Tab offers, without IPython and without an engine. A ``|`` is the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.magics.arguments import Completes, Parser, add_command
from hyper_jupyter.magics.completion import candidates as module
from hyper_jupyter.magics.completion.candidates import candidates
from hyper_jupyter.magics.completion.names import Names
from hyper_jupyter.magics.verbs import ALIASES, VERBS
from hyper_jupyter.magics.verbs.verb import Verb

WEB, WORKER, OLD = "ab12" + "0" * 60, "ab34" + "1" * 60, "cd56" + "2" * 60
IMAGE = "fe09" + "3" * 60


class Engine:
    """An engine with three containers, two of which run."""

    instance = None
    host = "tcp://far:2375"

    def containers(self) -> list[Any]:
        return [
            SimpleNamespace(name="web", id=WEB, state="running"),
            SimpleNamespace(name="worker", id=WORKER, state="paused"),
            SimpleNamespace(name="web-old", id=OLD, state="exited"),
        ]

    def images(self) -> list[Any]:
        return [
            SimpleNamespace(tags=("busybox:latest", "busybox:1"), id=f"sha256:{IMAGE}"),
            SimpleNamespace(tags=(), id="sha256:" + "9" * 64),
            SimpleNamespace(tags=("docker.io/library/alpine:3",), id="77" * 32),
            SimpleNamespace(tags=("localhost/mine:latest",), id="88" * 32),
        ]

    def volumes(self) -> list[Any]:
        return [SimpleNamespace(name="data"), SimpleNamespace(name="db")]

    def networks(self) -> list[Any]:
        return [SimpleNamespace(name="bridge", id="be" * 32)]


def everything(parser: Parser) -> None:
    """The flags and arguments of a verb that nobody has written yet."""
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-l", "--label", action="append", choices=["one", "two"])
    parser.add_argument("--depth", type=int, choices=[1, 2])
    parser.add_argument("--from", completes=Completes.FILE)
    parser.add_argument("source", completes=Completes.VOLUME)
    parser.add_argument("target", completes=Completes.NETWORK)
    parser.add_argument("note", nargs="?")
    add_command(parser, required=False)


def switches(parser: Parser) -> None:
    parser.add_argument("-a", "--all", action="store_true")
    parser.add_argument("--no-trunc", action="store_true")


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine in use, which answers at once; two sessions; and verbs of a later release."""
    client = Engine()
    monkeypatch.setattr(module.api, "current_client", lambda: client)
    monkeypatch.setattr(module, "NAMES", Names(submit=lambda job: job()))
    monkeypatch.setattr(
        module, "sessions", lambda: [SimpleNamespace(name="web"), SimpleNamespace(name="web-2")]
    )
    monkeypatch.setitem(VERBS, "everything", Verb("", everything, lambda _: None))
    monkeypatch.setitem(VERBS, "flock one", Verb("", switches, lambda _: None))
    monkeypatch.setitem(VERBS, "flock other", Verb("", switches, lambda _: None))
    monkeypatch.setitem(ALIASES, "flock too", "exec")
    return client


def offered(line: str) -> list[str]:
    """What is offered for a line such as ``%hyper ex|``."""
    before, _, after = line.partition("|")
    magic, _, text = (before + after).partition(" ")
    name = magic.lstrip("%")
    offer = candidates(name, f" {text}", len(before) - len(magic))
    assert before.endswith(offer.replaced)
    return list(offer.words)


VERB = [
    ("%hyper un|", ["unpause"]),
    ("%hyper ex|ec web ls", ["exec"]),
    ("%hyper help lo|", ["logs"]),
    ("%hyper --help lo|", ["logs"]),
    ("%hyper --he|", ["--help"]),
    ("%hyper flo|", ["flock"]),
    ("%hyper flock |", ["one", "other", "too"]),
    ("%hyper flock oth| -a", ["other"]),
    ("%hyper help flock ot|", ["other"]),
    ("%hyper flock x |", []),
    ("%hyper flock one --a|", ["--all"]),
    ("%hyper flock too -it we|", ["web"]),
    ("%hyper container ren|", ["rename"]),
    ("%hyper nonsense w|", []),
    ("%hyper_nonsense w|", []),
]
FLAG = [
    ("%hyper rm --fo|", ["--force"]),
    ("%hyper rm -|", ["--force", "--help", "--volumes", "-h", "-f", "-v"]),
    ("%hyper rm -f -|", ["--help", "--volumes", "-h", "-v"]),
    ("%hyper rm -fv -|", ["--help", "-h"]),
    ("%hyper rm -| --force web", ["--help", "--volumes", "-h", "-v"]),
    ("%hyper rm web --fo|", ["--force"]),
    ("%hyper rm -- -|", []),
    ("%hyper exec -e A=1 --en|", ["--env"]),
    ("%hyper exec --pri| web sh -c --privileged", ["--privileged"]),
    ("%hyper exec web -|", []),
    ("%hyper exec web sh -|", []),
    ("%hyper run default -|", []),
    ("%hyper create --net|", ["--net", "--net-alias", "--network", "--network-alias"]),
    ("%hyper kill --se|", []),  # docker's, and not ours
    ("%hyper stop --sig|", []),
    ("%hyper flock one |", ["--all", "--no-trunc"]),
    ("%hyper everything -q --|", ["--depth", "--from", "--help", "--label"]),
    ("%hyper_attach --no-std|", ["--no-stderr", "--no-stdin", "--no-stdout"]),
    ("%hyper_detach --a|", ["--all"]),
]
VALUE = [
    ("%hyper attach --layout spl|", ["split"]),
    ("%hyper_attach --layout |", ["split", "merged", "tabs"]),
    ("%hyper_attach --layout=spl|", ["split"]),
    ("%hyper_attach --place |", ["cell", "tab", "panel", "float"]),
    ("%hyper_attach --layout=| web", ["split", "merged", "tabs"]),
    ("%hyper_attach --nonsense=|", []),
    ("%hyper everything --depth |", ["1", "2"]),
    ("%hyper everything -qlo|", ["one"]),
    ("%hyper everything -l one -l |", ["two"]),
    ("%hyper kill -s TE|", ["TERM"]),
    ("%hyper kill -sTE|", ["TERM"]),
    ("%hyper kill -s SIGTE| web", ["SIGTERM"]),
    ("%hyper kill --signal=SIGTE|", ["SIGTERM"]),
    ("%hyper kill -s nonsense|", []),
    ("%hyper run --name w|", []),
    ("%hyper run --network br|", ["bridge"]),
    ("%hyper_attach --host lo|", ["local:"]),
    ("%hyper_attach --host tcp|", ["tcp://", "tcp://far:2375"]),
    ("%hyper_connect ssh|", ["ssh://"]),
    ("%hyper_doctor lo|", ["local:"]),
]
NAME = [
    ("%hyper_attach we|", ["web"]),
    ("%hyper_attach |", ["web", "worker"]),
    ("%hyper_attach web |", ["--detach-keys", "--follow-name", "--follow-restarts",
     "--height", "--host", "--layout", "--logs", "--no-resume", "--no-stderr", "--no-stdin",
     "--no-stdout", "--no-stream", "--place", "--save", "--tail", "--timeout", "--wait", "--ws"]),
    ("%hyper exec -it we|", ["web"]),
    ("%hyper exec -u root w|", ["web", "worker"]),
    ("%hyper exec --user=root w|", ["web", "worker"]),
    ("%hyper exec -uroot w|", ["web", "worker"]),
    ("%hyper exec -u w|", []),
    ("%hyper exec web w|", []),
    ("%hyper exec -- we|", ["web"]),
    ("%hyper logs we|", ["web", "web-old"]),
    ("%hyper rm web w|", ["worker", "web-old"]),
    ("%hyper rm w| worker", ["web", "web-old"]),
    ("%hyper rm |web", ["web", "worker", "web-old"]),
    ("%hyper rm -f w|", ["web", "worker", "web-old"]),
    ("%hyper logs ab|", [WEB[:12], WORKER[:12]]),
    (f"%hyper logs {WEB[:13]}|", [WEB[:13]]),
    ("%hyper_attach cd|", []),  # it does not run
    ("%hyper logs xy|", []),
    ("%hyper run bus|", ["busybox:latest", "busybox:1"]),
    ("%hyper run doc|", ["docker.io/library/alpine:3"]),
    ("%hyper run al|", ["alpine:3"]),
    ("%hyper run m|", ["mine:latest"]),
    ("%hyper run fe|", [IMAGE[:12]]),
    ("%hyper create 99|", ["9" * 12]),
    ("%hyper run busybox w|", []),
    ("%hyper container logs we|", ["web", "web-old"]),
    ("%hyper cp we|", ["web:", "web-old:"]),
    ("%hyper cp web:/etc/passwd wo|", ["worker:"]),
    ('%hyper cp "we|', ['"web:', '"web-old:']),
    ("%hyper volume rm d|", ["data", "db"]),
    ("%hyper volume rm data d|", ["db"]),
    ("%hyper everything |", ["data", "db"]),
    ("%hyper everything data |", ["bridge"]),
    ("%hyper everything data bridge |", []),
    ("%hyper everything data bridge x |", []),
    ("%hyper_detach web|", ["web", "web-2"]),
    ("%hyper_sessions web-|", ["web-2"]),
]  # fmt: skip
QUOTED = [
    ('%hyper_attach "we|', ['"web"']),
    ('%hyper_attach "we|"', ['"web']),
    ("%hyper_attach 'we|", ["'web'"]),
    ('%hyper rm "web" w|', ["worker", "web-old"]),
    ("%hyper exec -e 'A=b c' we|", ["web"]),
    ("%hyper exec -e A=b\\ c we|", ["web"]),
    ('%hyper_attach --layout="sp|', ['"split"']),
    ('%hyper_attach "--layout=sp|', ['"--layout=split"']),
]


@pytest.mark.parametrize(("line", "expected"), [*VERB, *FLAG, *VALUE, *NAME, *QUOTED])
def test_what_is_offered(line: str, expected: list[str]) -> None:
    assert offered(line) == expected


@pytest.mark.parametrize("kind", Completes)
def test_each_kind_has_a_word_for_it(kind: Completes) -> None:
    assert module._SHOWN[kind]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(" ex", "verb"), (" rm --f", "option"), (" rm we", "container"), (" kill -s TE", "signal"),
     (" attach --layout ", "value")],
)  # fmt: skip
def test_what_the_words_are_is_said(text: str, kind: str) -> None:
    assert candidates("hyper", text, len(text)).kind == kind


def test_all_verbs_are_offered_and_a_group_once() -> None:
    assert offered("%hyper |") == sorted({name.split()[0] for name in (*VERBS, *ALIASES)})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The notebook's folder, with files of awkward names."""
    (tmp_path / "certs").mkdir()
    for name in ("a b.txt", "a'c.txt", 'a"d.txt', ".hidden", "certs/ca.pem", "x\ny"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%hyper_connect --tls c|", ["certs/"]),
        ("%hyper_connect --tls certs/|", ["certs/ca.pem"]),
        ('%hyper_connect --tls "c|', ['"certs/']),  # it goes on
        ("%hyper_connect --tls=~/c|", ["~/certs/"]),
        ("%hyper_connect --tls .h|", [".hidden"]),
        ("%hyper_connect --tls nowhere/|", []),
        ("%hyper cp c|", ["certs/"]),
        ("%hyper cp web:/etc/pass|", []),
        ("%hyper everything --from |", ["a\\ b.txt", 'a\\"d.txt', "a\\'c.txt", "certs/"]),
        ("%hyper everything --from a\\ |", ["a\\ b.txt"]),
        ("%hyper everything --from 'a|", ["'a b.txt'", "'a\"d.txt'", "'a'\\''c.txt'"]),
        ('%hyper everything --from "a|', ['"a b.txt"', '"a\\"d.txt"', '"a\'c.txt"']),
    ],
)
def test_files_are_offered_with_the_quotes_that_they_need(
    folder: Path, line: str, expected: list[str]
) -> None:
    assert offered(line) == expected


def test_no_engine_is_started_or_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.api, "current_client", lambda: None)
    assert offered("%hyper_attach w|") == []
    assert offered("%hyper ex|") == ["exec"]
    assert offered("%hyper_connect tcp|") == ["tcp://"]


def test_containers_are_asked_for_while_the_verb_is_chosen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Any] = []
    waits: list[float] = []
    names = Names(submit=jobs.append, wait=lambda _, seconds: waits.append(seconds))
    monkeypatch.setattr(module, "NAMES", names)
    offered("%hyper ex|")
    assert len(jobs) == 1
    assert waits == []
    jobs.pop()()
    assert offered("%hyper exec we|") == ["web"]
    assert jobs == []
