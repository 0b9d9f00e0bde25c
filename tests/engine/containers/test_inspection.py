"""What inspect, list and exec inspect show, of containers that do not run."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import ANY

import pytest

from hyper_jupyter.engine.config.image import IMAGE_ID
from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.inspection import inspect, inspect_exec, summary
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.program.launch import Command

NOON = 1_700_000_000_000_000_000
FLAGS = ("Tty", "OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr")
FULL: dict[str, Any] = {
    "Image": "host:latest",
    "Entrypoint": ["sh"],
    "Cmd": ["-c", "true"],
    "Env": ["A=b"],
    "WorkingDir": "/tmp",
    "User": "",
    "Hostname": "h",
    "Tty": True,
    "OpenStdin": True,
    "StdinOnce": True,
    "AttachStdin": True,
    "AttachStdout": True,
    "AttachStderr": True,
    "Labels": {"x": "y"},
    "StopSignal": "INT",
    "StopTimeout": 0,
    "HostConfig": {"AutoRemove": True, "ConsoleSize": [30, 90]},
}


def made(**body: Any) -> Container:
    return Store().create(Spec.parse({"Image": "host", **body}), "web")


def test_everything_that_was_asked_for_is_shown() -> None:
    container = made(**FULL)
    container.created = NOON
    details = inspect(container)
    assert details["Config"] == {
        **{key: value for key, value in FULL.items() if key != "HostConfig"},
        "Domainname": "",
        "OnBuild": None,
        "Volumes": None,
    }
    assert (details["Id"], details["Name"], details["Image"]) == (container.id, "/web", IMAGE_ID)
    assert (details["Path"], details["Args"]) == ("sh", ["-c", "true"])
    assert details["Created"] == "2023-11-14T22:13:20.000000000Z"
    assert details["HostConfig"]["AutoRemove"] is True
    assert details["HostConfig"]["ConsoleSize"] == [30, 90]
    assert details["HostConfig"]["LogConfig"]["Type"] == "json-file"
    assert details["ExecIDs"] is None


def test_what_was_not_asked_for_is_false_null_or_missing() -> None:
    details = inspect(made())
    config = details["Config"]
    assert (config["Cmd"], config["Entrypoint"]) == (["sh"], None)
    assert inspect(made(Entrypoint=["ls"]))["Config"]["Cmd"] is None
    assert not {"StopSignal", "StopTimeout"} & set(config)
    assert details["HostConfig"]["ConsoleSize"] == [0, 0]
    assert details["HostConfig"]["AutoRemove"] is False


def test_each_flag_is_shown_by_itself() -> None:
    for key in FLAGS:
        config = inspect(made(**{key: True}))["Config"]
        assert [flag for flag in FLAGS if config[flag] is True] == [key]
        assert all(config[flag] is False for flag in FLAGS if flag != key)


@pytest.mark.parametrize("seconds", [0, 1, 10, -1])
def test_a_stop_timeout_is_shown_if_one_was_given(seconds: int) -> None:
    assert inspect(made(StopTimeout=seconds))["Config"]["StopTimeout"] == seconds


@pytest.mark.parametrize(
    ("status", "running", "paused"),
    [
        ("created", False, False),
        ("running", True, False),
        ("paused", True, True),
        ("exited", False, False),
        ("removing", False, False),
    ],
)
def test_the_state_has_a_word_and_two_flags(status: str, running: bool, paused: bool) -> None:
    container = made()
    container.status = status
    state = inspect(container)["State"]
    assert (state["Status"], state["Running"], state["Paused"]) == (status, running, paused)
    assert (state["Pid"], state["ExitCode"], state["Error"]) == (0, 0, "")
    assert state["StartedAt"] == state["FinishedAt"] == "0001-01-01T00:00:00Z"


def test_the_end_has_a_code_a_time_and_an_error() -> None:
    container = made()
    container.started, container.ended = NOON, NOON + 1
    container.exit_code, container.error = 127, "not found"
    state = inspect(container)["State"]
    assert (state["ExitCode"], state["Error"]) == (127, "not found")
    assert state["StartedAt"] == "2023-11-14T22:13:20.000000000Z"
    assert state["FinishedAt"] == "2023-11-14T22:13:20.000000001Z"


def test_a_list_entry() -> None:
    container = made(Entrypoint=["sh"], Cmd=["-c", "a b"], Labels={"x": "y"})
    container.created = NOON
    assert summary(container) == {
        "Id": container.id,
        "Names": ["/web"],
        "Image": "host",
        "ImageID": IMAGE_ID,
        "Command": "sh -c 'a b'",
        "Created": NOON // 10**9,
        "Ports": [],
        "Labels": {"x": "y"},
        "State": "created",
        "Status": "Created",
        "HostConfig": {"NetworkMode": "host"},
        "NetworkSettings": {"Networks": {"host": ANY}},
        "Mounts": [],
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (119, "1 minute"),
        (120, "2 minutes"),
        (3600, "1 hour"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (3 * 86_400, "3 days"),
        (-5, "Less than a second"),
    ],
)
def test_the_time_of_a_state_is_in_words(
    monkeypatch: pytest.MonkeyPatch, seconds: int, words: str
) -> None:
    container = made()
    monkeypatch.setattr(time, "time_ns", lambda: NOON + seconds * 10**9)
    container.started = container.ended = NOON
    container.exit_code = 3
    for status, wanted in [
        ("running", f"Up {words}"),
        ("paused", f"Up {words} (Paused)"),
        ("exited", f"Exited (3) {words} ago"),
        ("removing", "Removal In Progress"),
    ]:
        container.status = status
        assert summary(container)["Status"] == wanted


def test_an_exec() -> None:
    store = Store()
    container = store.create(Spec.parse({"Image": "host"}), "web")
    command = Command(argv=("sh", "-c", "x"), env={}, folder="/", tty=True, stdin=True)
    execution = store.create_exec(
        container, command, stdin=True, stdout=False, stderr=True, keys=b""
    )
    assert inspect_exec(execution) == {
        "ID": execution.id,
        "Running": False,
        "ExitCode": None,
        "ProcessConfig": {
            "tty": True, "entrypoint": "sh", "arguments": ["-c", "x"], "privileged": False,
        },
        "OpenStdin": True,
        "OpenStdout": False,
        "OpenStderr": True,
        "CanRemove": False,
        "ContainerID": container.id,
        "DetachKeys": "",
        "Pid": 0,
    }  # fmt: skip
    execution.exit_code = 5
    assert inspect_exec(execution)["ExitCode"] == 5
    assert inspect(container)["ExecIDs"] is None  # it does not run
