"""A create request: how each field is read, and which values are refused."""

from __future__ import annotations

import os
import pwd
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.engine.config.health_check import HealthCheck
from hyper_jupyter.engine.config.host import HostConfig
from hyper_jupyter.engine.config.spec import (
    Spec,
    check_user,
    environment,
    parse_size,
    signal_number,
)
from hyper_jupyter.exceptions import ApiError


def parse(**body: Any) -> Spec:
    return Spec.parse({"Image": "host", **body})


def test_without_settings_it_is_a_shell_without_terminal_and_input() -> None:
    assert parse() == Spec(
        given={},
        host=HostConfig.parse({}),
        health=None,
        image="host",
        entrypoint=(),
        cmd=("sh",),
        env=(),
        working_dir="",
        user="",
        hostname="",
        tty=False,
        open_stdin=False,
        stdin_once=False,
        attach_stdin=False,
        attach_stdout=False,
        attach_stderr=False,
        labels={},
        stop_signal="",
        stop_timeout=None,
        console_size=None,
        warnings=(),
    )


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ({"Cmd": ["a", "b c"]}, {"cmd": ("a", "b c")}),
        ({"Cmd": "a b"}, {"cmd": ("a b",)}),
        ({"Entrypoint": ["a"]}, {"entrypoint": ("a",), "cmd": ()}),
        ({"Entrypoint": [""]}, {}),
        ({"Env": ["A=b", "C"]}, {"env": ("A=b", "C")}),
        ({"WorkingDir": "/tmp"}, {"working_dir": "/tmp"}),
        ({"Tty": True}, {"tty": True}),
        ({"OpenStdin": True}, {"open_stdin": True}),
        ({"StdinOnce": True}, {"stdin_once": True}),
        ({"AttachStdin": True}, {"attach_stdin": True}),
        ({"AttachStdout": True}, {"attach_stdout": True}),
        ({"AttachStderr": True}, {"attach_stderr": True}),
        ({"Labels": {"a": "b"}}, {"labels": {"a": "b"}}),
        ({"StopSignal": "SIGINT"}, {"stop_signal": "SIGINT"}),
        ({"StopTimeout": 0}, {"stop_timeout": 0}),
        ({"StopTimeout": -1}, {"stop_timeout": -1}),
        (
            {"HostConfig": {"AutoRemove": True}},
            {"host": HostConfig.parse({"AutoRemove": True})},
        ),
        ({"Healthcheck": {"Test": ["CMD", "true"]}}, {"health": HealthCheck(("true",))}),
        ({"HostConfig": {"ConsoleSize": [24, 80]}}, {"console_size": (24, 80)}),
    ],
    ids=str,
)
def test_each_setting_changes_its_field(body: dict[str, Any], changes: dict[str, Any]) -> None:
    assert parse(**body) == replace(parse(), **changes)


def test_null_is_as_if_it_were_not_there() -> None:
    keys = ("Cmd", "Entrypoint", "Env", "Tty", "Labels", "StopTimeout", "HostConfig", "User")
    assert parse(**dict.fromkeys(keys)) == parse()


def test_with_an_entrypoint_there_is_no_default_command() -> None:
    assert parse(Entrypoint=["ls"]).argv == ("ls",)
    assert parse(Entrypoint=["ls"], Cmd=["-l"]).argv == ("ls", "-l")
    assert parse(Entrypoint=[""], Cmd=["-l"]).argv == ("-l",)


def test_settings_without_effect_are_warned_about() -> None:
    host = {"Memory": 1, "Privileged": True, "PortBindings": {}, "Mounts": None}
    made = parse(HostConfig=host, Hostname="h", MacAddress="02:00:00:00:00:01")
    assert [warning.split()[0] for warning in made.warnings] == [
        "Memory", "Privileged", "Hostname", "MacAddress",
    ]  # fmt: skip
    assert made.hostname == "h"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Cmd": 5}, "invalid request body: Cmd must be a list of strings"),
        ({"Cmd": ["a", 5]}, "invalid request body: Cmd must be a list of strings"),
        ({"Cmd": ["a\0b"]}, "invalid request body: Cmd must be a list of strings"),
        ({"WorkingDir": "a\0"}, "invalid request body: WorkingDir must be a string"),
        (
            {"WorkingDir": "a"},
            "the working directory 'a' is invalid, it needs to be an absolute path",
        ),
        ({"Tty": 1}, "invalid request body: Tty must be true or false"),
        ({"StopTimeout": True}, "invalid request body: StopTimeout must be a number"),
        ({"StopTimeout": "1"}, "invalid request body: StopTimeout must be a number"),
        ({"StopSignal": "NOPE"}, "Invalid signal: NOPE"),
        ({"HostConfig": []}, "invalid request body: HostConfig must be an object"),
        ({"Labels": {"a": 1}}, "invalid request body: Labels must be strings by name"),
        ({"Env": ["=x"]}, "invalid environment variable: '=x'"),
        ({"Env": [""]}, "invalid environment variable: ''"),
        (
            {"HostConfig": {"RestartPolicy": {"Name": "sometimes"}}},
            "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",  # noqa: E501
        ),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused(body: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(**body)
    assert (refused.value.status, refused.value.message) == (400, message)


def test_only_this_user_is_accepted() -> None:
    uid, gid = os.getuid(), os.getgid()
    name = pwd.getpwuid(uid).pw_name
    for user in ("", name, str(uid), f"{uid}:{gid}", f"{name}:{name}"):
        check_user(user)
    for user in ("nosuchuser", str(uid + 1), f"{uid}:{gid + 1}", f":{gid}"):
        with pytest.raises(ApiError, match="User must be empty or this user"):
            check_user(user)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("TERM", signal.SIGTERM),
        ("SIGTERM", signal.SIGTERM),
        (" sigKill ", signal.SIGKILL),
        ("15", signal.SIGTERM),
        ("RTMIN+1", signal.SIGRTMIN + 1),
        ("SIGRTMIN+2", signal.SIGRTMIN + 2),
    ],
)
def test_signals_have_many_spellings(text: str, number: int) -> None:
    assert signal_number(text) == number


@pytest.mark.parametrize("text", ["", "NOPE", "0", "99", "-1", "1.5", "RTMIN+99", "RTMIN+x", "²"])
def test_an_unknown_signal_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        signal_number(text)
    assert (refused.value.status, refused.value.message) == (400, f"Invalid signal: {text}")


@pytest.mark.parametrize(
    ("value", "size"),
    [(None, None), ([], None), ([0, 0], None), ([24, 0], None), ([24, 80], (24, 80))],
)
def test_a_size_is_height_and_width(value: Any, size: tuple[int, int] | None) -> None:
    assert parse_size(value) == size


@pytest.mark.parametrize(
    "value", [[1], [1, 2, 3], "24x80", [1, -1], [1, 65536], [True, 1], [1.0, 2]]
)
def test_another_size_is_refused(value: Any) -> None:
    with pytest.raises(ApiError, match="ConsoleSize is"):
        parse_size(value)


def test_a_program_gets_few_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        os,
        "environ",
        {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "HYPER_SECRET": "s", "LD_PRELOAD": "x"},
    )
    inherited = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C"}
    assert environment((), tty=False) == inherited
    assert environment((), tty=True) == inherited | {"TERM": "xterm"}
    assert environment(("TERM=dumb",), tty=True) == inherited | {"TERM": "dumb"}
    assert environment(("A=b=c", "HOME", "B="), tty=False) == {
        "PATH": "/bin", "LC_ALL": "C", "A": "b=c", "B": "",
    }  # fmt: skip


def test_a_program_has_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    assert environment((), tty=False)["PATH"].startswith("/usr/local/sbin:")


def test_the_command_has_the_engine_s_mark_and_a_terminal_s_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "environ", {"PATH": "/bin"})
    spec = parse(
        Cmd=["a"], Env=["M=x"], WorkingDir="/w", Tty=True, OpenStdin=True,
        HostConfig={"ConsoleSize": [30, 90]},
    )  # fmt: skip
    command = spec.command({"M": "1"})
    assert (command.argv, command.folder, command.size) == (("a",), "/w", (30, 90))
    assert (command.tty, command.stdin) == (True, True)
    assert command.env == {"PATH": "/bin", "TERM": "xterm", "M": "1"}
    other = parse(Cmd=["a"]).command({})
    assert (other.folder, other.size, other.tty, other.stdin) == (
        str(Path.cwd()), (24, 80), False, False,
    )  # fmt: skip
