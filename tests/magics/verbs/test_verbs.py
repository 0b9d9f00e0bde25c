"""The verbs of ``%hyper``: what they ask of the engine and what they print, without an engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
    InvalidDetachKeys,
    NotFound,
)
from hyper_jupyter.magics.arguments import UsageFault, UsageShown
from hyper_jupyter.magics.verbs import VERBS, attaching, run_verb, verb_parser, verbs_text
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import OWN_DETACH_KEYS, Journal, State
from hyper_jupyter.session.store.marks import Mark
from tests.magics.verbs.scripted import ScriptedClient, run


class ScriptedLog:
    """A session that reads a log, and has read it to its end."""

    name = "web"
    kind = "logs"
    marks: tuple[Mark, ...] = ()
    state = State.EXITED
    exit_code = 3

    def __init__(self, error: Exception | None = None) -> None:
        self.journal = Journal()
        for stream, data in ((StreamType.STDOUT, b"out\n"), (StreamType.STDERR, b"err\n")):
            self.journal.append(stream, data)
        self.error = error
        self.calls: list[Any] = []

    def subscribe(self, _wake: Callable[[], None]) -> Callable[[], None]:
        return lambda: self.calls.append("unsubscribed")

    def close(self, *, force: bool) -> None:
        self.calls.append(("close", force))


@pytest.mark.parametrize(
    ("words", "calls", "printed"),
    [
        ("start a b", [("start", "a"), ("start", "b")], "a\nb\n"),
        ("stop a", [("stop", "a", {"grace": 10})], "a\n"),
        ("stop -t 3 a", [("stop", "a", {"grace": 3})], "a\n"),
        ("stop -t -1 a", [("stop", "a", {"grace": None})], "a\n"),
        ("stop --time=-1 a", [("stop", "a", {"grace": None})], "a\n"),
        ("kill a", [("kill", "a", "KILL")], "a\n"),
        ("kill -s INT a", [("kill", "a", "INT")], "a\n"),
        ("pause a", [("pause", "a")], "a\n"),
        ("unpause a", [("unpause", "a")], "a\n"),
        ("rm a", [("remove", "a", {"force": False})], "a\n"),
        ("rm -f a", [("remove", "a", {"force": True})], "a\n"),
        ("rm -v a", [("remove", "a", {"force": False})], "a\n"),  # the client always removes these
    ],
)
def test_a_verb_is_done_for_each_container_and_prints_its_name(
    capsys: pytest.CaptureFixture[str], words: str, calls: list[Any], printed: str
) -> None:
    client = ScriptedClient()
    assert run(client, *words.split()) == printed.split()
    assert client.calls == calls
    assert capsys.readouterr().out == printed
    assert run(client, *words.split(), assigned=True) == printed.split()
    assert capsys.readouterr().out == ""


def test_wait_prints_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ScriptedClient(wait=3), "wait", "a", "b") == [3, 3]
    assert capsys.readouterr().out == "3\n3\n"
    assert run(ScriptedClient(wait=3), "wait", "a") == 3


def test_inspect_gives_all_of_it() -> None:
    client = ScriptedClient(inspect={"Id": "a", "State": {"Pid": 0}})
    value = run(client, "inspect", "a")
    assert value == {"Id": "a", "State": {"Pid": 0}}
    assert json.loads(str(value)) == value
    assert run(client, "inspect", "a", "b") == [value, value]


def test_removing_by_force_what_is_not_there_is_said_and_is_no_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = ScriptedClient(remove=NotFound(404, "no such container"))
    run(client, "rm", "-f", "a", "b")
    assert [call[1] for call in client.calls] == ["a", "b"]
    assert capsys.readouterr() == (
        "There was no container a to remove.\nThere was no container b to remove.\n",
        "",
    )
    with pytest.raises(NotFound):
        run(client, "rm", "-f", "")  # the value of an empty variable
    with pytest.raises(NotFound):
        run(client, "rm", "a")


def test_one_container_that_fails_does_not_keep_a_verb_from_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Client(ScriptedClient):
        def start(self, container: str) -> None:
            if container != "b":
                raise NotFound(404, f"no such container: {container}")

    with pytest.raises(NotFound, match="no such container: c"):
        run(Client(), "start", "a", "b", "c")
    assert capsys.readouterr() == ("b\n", "Error: no such container: a\n")


def test_an_engine_that_is_gone_is_not_asked_about_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = ScriptedClient(stop=ConnectionFailed("it is gone"))
    with pytest.raises(ConnectionFailed, match="it is gone"):
        run(client, "stop", "a", "b", "c")
    assert [call[1] for call in client.calls] == ["a"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("verb", ["kill", "pause"])
@pytest.mark.parametrize(
    ("inspected", "hint"),
    [
        ({"State": {"Running": False}}, "%hyper start web starts it."),
        ({"State": {"Running": True}}, ""),
        ({}, ""),
        (NotFound(404, "no such container"), ""),
    ],
)
@pytest.mark.parametrize("status", [409, 500])
def test_what_needs_a_running_container_says_how_to_start_it(
    verb: str, inspected: Any, hint: str, status: int
) -> None:
    client = ScriptedClient(**{verb: ApiError(status, "it does not run"), "inspect": inspected})
    with pytest.raises(ApiError, match="it does not run") as caught:
        run(client, verb, "web")
    assert caught.value.hint == hint


def test_a_container_that_does_not_exist_is_not_asked_whether_it_runs() -> None:
    client = ScriptedClient(kill=NotFound(404, "no such container"))
    with pytest.raises(NotFound):
        run(client, "kill", "web")
    assert client.calls == [("kill", "web", "KILL")]


def test_a_container_that_runs_is_removed_by_force_only() -> None:
    client = ScriptedClient(remove=Conflict(409, "it runs"))
    with pytest.raises(Conflict) as caught:
        run(client, "rm", "web")
    assert caught.value.hint == "%hyper rm -f web kills it first."


# -- exec ---------------------------------------------------------------------------------

AN_EXEC = {
    "stdin": False, "tty": False, "user": None, "working_dir": None, "env": [],
    "privileged": False, "detach_keys": None, "size": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "command", "asked"),
    [
        ("web ls -l", ["ls", "-l"], {}),
        ("-it web sh", ["sh"], {"stdin": True, "tty": True}),
        ("-u 1000:100 -w /srv web id", ["id"], {"user": "1000:100", "working_dir": "/srv"}),
        ("-e A=1 -e B --privileged web env", ["env"], {"env": ["A=1", "B"], "privileged": True}),
        ("-it --detach-keys ctrl-x web sh", ["sh"],
         {"stdin": True, "tty": True, "detach_keys": "ctrl-x"}),
        ("web sh -c -i", ["sh", "-c", "-i"], {}),
    ],
)  # fmt: skip
def test_an_exec_is_asked_for_in_docker_s_words(
    words: str, command: list[str], asked: dict[str, Any]
) -> None:
    client = ScriptedClient(exec="the session")
    assert run(client, "exec", *words.split()) == "the session"
    assert client.calls == [("exec", "web", command, {**AN_EXEC, **asked})]


@pytest.mark.parametrize(
    ("words", "terminal", "configured", "keys"),
    [
        ("-it", (True, True), None, OWN_DETACH_KEYS),
        ("-it", (True, True), "ctrl-a,q", "ctrl-a,q"),
        ("-it --detach-keys ctrl-x", (True, True), "ctrl-a,q", "ctrl-x"),
        ("-it", (False, True), "ctrl-a,q", None),
        ("-it", (True, False), "ctrl-a,q", None),
        ("-it --wait", (True, True), "ctrl-a,q", None),
        ("-i", (True, True), "ctrl-a,q", None),
        ("-t", (True, True), "ctrl-a,q", None),
    ],
    ids=str,
)
def test_an_exec_that_takes_the_terminal_has_keys_that_leave_it(
    monkeypatch: pytest.MonkeyPatch, words: str, terminal: tuple[bool, bool],
    configured: str | None, keys: str | None,
) -> None:  # fmt: skip
    is_terminal, is_there = terminal
    monkeypatch.setattr(attaching, "is_terminal", lambda: is_terminal)
    monkeypatch.setattr(attaching, "configured_detach_keys", lambda _: configured)
    monkeypatch.setattr(attaching.Terminal, "is_there", lambda: is_there)
    monkeypatch.setattr(attaching, "terminal_size", lambda: None)
    client = ScriptedClient(exec="the session")
    run(client, "exec", *words.split(), "web", "sh")
    assert client.calls[0][3]["detach_keys"] == keys


def test_configured_keys_that_are_none_name_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "is_terminal", lambda: True)
    monkeypatch.setattr(attaching, "configured_detach_keys", lambda _: "nonsense")
    monkeypatch.setattr(attaching.Terminal, "is_there", lambda: True)
    client = ScriptedClient()
    with pytest.raises(InvalidDetachKeys, match="nonsense") as caught:
        run(client, "exec", "-it", "web", "sh")
    assert "configuration file; --detach-keys names others" in caught.value.hint
    assert client.calls == []


def test_an_exec_that_nobody_attaches_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient()
    assert run(client, "exec", "-d", "-u", "me", "web", "touch", "x") is None
    (call,) = client.calls
    assert call[:3] == ("exec_detached", "web", ["touch", "x"])
    assert (call[3]["user"], "stdin" in call[3]) == ("me", False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [("web", "the command is missing"), ("-d --wait web ls", "--wait and --detach")],
)
def test_an_exec_that_cannot_be(words: str, said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        run(ScriptedClient(), "exec", *words.split())


ALL_OF_A_LOG = {
    "follow": False, "stdout": True, "stderr": True, "tail": None, "since": None, "until": None,
    "timestamps": False, "details": False, "resume": True,
}  # fmt: skip


# -- logs -------------------------------------------------------------------------------


def test_logs_are_printed_without_a_word_about_the_end_and_the_session_is_closed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = ScriptedLog()
    client = ScriptedClient(logs=log)
    assert run(client, "logs", "--tail", "5", "web") is None
    assert client.calls == [("logs", "web", {**ALL_OF_A_LOG, "tail": 5})]
    assert capsys.readouterr() == ("out\n", "err\n")
    assert log.calls == ["unsubscribed", ("close", True)]


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("-n all", {}),
        ("-n 3 -t", {"tail": 3, "timestamps": True}),
        ("--since 10m --until 2026-11-28", {"since": "10m", "until": "2026-11-28"}),
        ("--no-stderr", {"stderr": False}),
        ("--details", {"details": True}),
        ("--no-stdout", {"stdout": False}),
        ("--no-resume", {"resume": False}),
    ],
)
def test_a_log_is_asked_for_in_docker_s_words(words: str, asked: dict[str, Any]) -> None:
    client = ScriptedClient(logs=ScriptedLog())
    assert run(client, "logs", *words.split(), "web") is None
    assert client.calls == [("logs", "web", {**ALL_OF_A_LOG, **asked})]


def test_a_number_of_lines_is_one() -> None:
    with pytest.raises(UsageFault, match="'few' is neither a number of lines nor all"):
        run(ScriptedClient(), "logs", "-n", "few", "web")


def test_a_log_that_breaks_is_an_error_after_what_came(capsys: pytest.CaptureFixture[str]) -> None:
    log = ScriptedLog(ConnectionFailed("it broke"))
    with pytest.raises(ConnectionFailed, match="it broke"):
        run(ScriptedClient(logs=log), "logs", "web")
    assert capsys.readouterr().out == "out\n"
    assert log.calls[-1] == ("close", True)


def test_a_log_that_is_followed_is_a_session_to_be_shown() -> None:
    log = ScriptedLog()
    assert run(ScriptedClient(logs=log), "logs", "-f", "web") is log
    assert log.calls == []


# -- words ------------------------------------------------------------------------------


def test_a_line_without_a_verb_is_answered_with_all_verbs() -> None:
    with pytest.raises(UsageFault, match="a verb is missing") as caught:
        run(ScriptedClient())
    assert caught.value.hint == f"Verbs: {', '.join(VERBS)}."


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_each_verb_and_what_it_does(flag: str) -> None:
    with pytest.raises(UsageShown) as caught:
        run(ScriptedClient(), flag)
    text = str(caught.value)
    assert text == verbs_text()
    assert text.startswith("usage: %hyper VERB …\n")
    for verb, entry in VERBS.items():
        assert f"\n  {verb} " in text
        assert f"  {entry.help}\n" in text


def test_the_parsed_words_are_returned_with_the_session() -> None:
    outcome = run_verb(lambda: ScriptedClient(), ["start", "web"])  # type: ignore[arg-type, return-value]
    assert outcome.arguments.containers == ["web"]


def test_every_verb_has_a_help_of_its_own() -> None:
    for verb, entry in VERBS.items():
        parser = verb_parser(verb)
        assert parser.prog == f"%hyper {verb}"
        assert entry.help in parser.format_help()
