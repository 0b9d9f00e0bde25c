"""The verbs of ``%hyper``: what they ask of the engine and what they print, without an engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
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

CREATED = {
    "name": None, "tty": False, "stdin": False, "stdin_once": False, "env": [],
    "auto_remove": False, "working_dir": None, "network": None, "size": None,
}  # fmt: skip


class ScriptedClient:
    """Notes its calls as name, arguments and options; ``answers`` has results and errors."""

    timeout = 7.0
    profile: Any = None

    def __init__(self, **answers: Any) -> None:
        self.answers = {"create": "c0ffee", **answers}
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            self.calls.append((name, *arguments, options) if options else (name, *arguments))
            answer = self.answers.get(name)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call


class ScriptedLog:
    """A session that reads a log, and has read it to its end."""

    name = "web"
    kind = "logs"
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


def run(client: ScriptedClient, *words: str, **options: Any) -> Any:
    return run_verb(lambda: client, words, **options).value  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("words", "calls", "printed"),
    [
        ("start a b", [("start", "a"), ("start", "b")], "a\nb\n"),
        ("stop a", [("stop", "a", {"grace": 10})], "a\n"),
        ("stop -t 3 a", [("stop", "a", {"grace": 3})], "a\n"),
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
    assert capsys.readouterr() == ("", "a: no such container\nb: no such container\n")
    with pytest.raises(NotFound):
        run(client, "rm", "a")


# -- ps ---------------------------------------------------------------------------------


def container(number: int, command: str = "sh") -> Any:
    return SimpleNamespace(
        id=str(number) * 64, name=f"web-{number}", image="busybox", command=command, status="Up"
    )


def test_ps_gives_a_table_with_short_ids_and_commands() -> None:
    client = ScriptedClient(containers=[container(1, "sh -c '\n" + "x" * 40), container(2)])
    rows = run(client, "ps")
    assert client.calls == [("containers", {"all": False})]
    assert rows == client.answers["containers"]
    assert str(rows).splitlines() == [
        "CONTAINER ID   NAME    IMAGE     COMMAND                          STATUS",
        "111111111111   web-1   busybox   sh -c ' xxxxxxxxxxxxxxxxxxxxx…   Up",
        "222222222222   web-2   busybox   sh                               Up",
    ]


def test_ps_has_flags_for_all_for_ids_and_for_full_text() -> None:
    client = ScriptedClient(containers=[container(1, "y" * 40)])
    assert run(client, "ps", "-a", "-q") == ["111111111111"]
    assert client.calls == [("containers", {"all": True})]
    shown = str(run(client, "ps", "--no-trunc"))
    assert "1" * 64 in shown
    assert "y" * 40 in shown


# -- create and run ---------------------------------------------------------------------


def test_create_gives_the_id_and_passes_everything_on() -> None:
    client = ScriptedClient()
    words = "create -i -t --name web --rm -e A=1 -e B=2 -w /srv --net none busybox"
    assert run(client, *words.split(), "sh", "-c", "echo -i --name x") == "c0ffee"
    assert client.calls == [
        ("create", "busybox", ["sh", "-c", "echo -i --name x"], {
            "name": "web", "tty": True, "stdin": True, "stdin_once": True, "env": ["A=1", "B=2"],
            "auto_remove": True, "working_dir": "/srv", "network": "none", "size": None,
        })
    ]  # fmt: skip


def test_run_attaches_before_the_start_and_returns_the_session(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = ScriptedClient(start_attached="the session")
    assert run(client, "run", "-i", "--detach-keys", "ctrl-a", "busybox", "cat") == "the session"
    assert client.calls == [
        ("create", "busybox", ["cat"], {**CREATED, "stdin": True, "stdin_once": True}),
        ("start_attached", "c0ffee", {"stdin": True, "detach_keys": "ctrl-a", "size": None}),
    ]
    assert capsys.readouterr().out == ""


def test_run_in_the_background_keeps_the_input_open_and_gives_the_id() -> None:
    client = ScriptedClient()
    assert run(client, "run", "-d", "-i", "busybox") == "c0ffee"
    assert client.calls == [
        ("create", "busybox", [], {**CREATED, "stdin": True, "stdin_once": False}),
        ("start", "c0ffee"),
    ]


@pytest.mark.parametrize("removal", [None, NotFound(404, "it is gone already")])
def test_a_container_that_cannot_be_started_is_removed(removal: Exception | None) -> None:
    client = ScriptedClient(start=Conflict(409, "no such command"), remove=removal)
    with pytest.raises(Conflict, match="no such command"):
        run(client, "run", "-d", "busybox", "nonsense")
    assert client.calls[-1] == ("remove", "c0ffee", {"force": True})


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (
            "--name web busybox",
            (
                "%hyper_attach web attaches to the existing one, %hyper start web starts it, "
                "%hyper rm -f web removes it."
            ),
        ),
        ("busybox", ""),
    ],
)
def test_a_name_that_is_taken_says_what_can_be_done_with_that_container(
    words: str, hint: str
) -> None:
    with pytest.raises(Conflict) as caught:
        run(ScriptedClient(create=Conflict(409, "the name is taken")), "create", *words.split())
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run --timeout 3 busybox", "--timeout needs --wait"),
        ("run --wait -d busybox", "--wait and --detach cannot be used together"),
    ],
)
def test_flags_that_exclude_each_other_make_no_container(words: str, message: str) -> None:
    client = ScriptedClient()
    with pytest.raises(UsageFault, match=message):
        run(client, *words.split())
    assert client.calls == []


@pytest.mark.parametrize(
    ("words", "takes_size", "resized"),
    [("-t", False, True), ("-t", True, False), ("-i", False, False)],
)
def test_a_terminal_in_the_background_gets_a_size_where_create_gave_it_none(
    words: str, takes_size: bool, resized: bool
) -> None:
    client = ScriptedClient(resize=Conflict(409, "it has ended already"))
    client.profile = SimpleNamespace(takes_console_size=takes_size)
    assert run(client, "run", "-d", words, "busybox", "top") == "c0ffee"
    expected = [("start", "c0ffee"), *([("resize", "c0ffee", 24, 80)] if resized else [])]
    assert client.calls[1:] == expected


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
    "timestamps": False, "details": False,
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
    assert caught.value.hint == f"Verbs: {' '.join(VERBS)}."


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_each_verb_with_its_flags_and_what_it_does(flag: str) -> None:
    with pytest.raises(UsageShown) as caught:
        run(ScriptedClient(), flag)
    text = str(caught.value)
    assert text == verbs_text()
    assert text.startswith("usage: %hyper VERB …\n")
    for verb, entry in VERBS.items():
        assert f"\n%hyper {verb} " in text
        assert f"\n    {entry.help}\n" in text


def test_the_parsed_words_are_returned_with_the_session() -> None:
    outcome = run_verb(lambda: ScriptedClient(), ["start", "web"])  # type: ignore[arg-type, return-value]
    assert outcome.arguments.containers == ["web"]


def test_every_verb_has_a_help_of_its_own() -> None:
    for verb, entry in VERBS.items():
        parser = verb_parser(verb)
        assert parser.prog == f"%hyper {verb}"
        assert entry.help in parser.format_help()
