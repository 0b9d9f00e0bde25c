"""What users call on an engine: how its options reach the session, and what is cleaned up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.api import client as module
from hyper_jupyter.client import EngineClient, EngineProfile
from hyper_jupyter.exceptions import (
    ConnectionFailed,
    HyperJupyterError,
    NotFound,
)
from hyper_jupyter.session import AttachOptions, LogOptions

EVERYTHING = AttachOptions()
KEYS = {"configured_keys": "keys of docker"}


class ScriptedClient(Client):
    """Lists what is asked of the engine, and of sessions.

    Attributes:
        calls: each as the method's name, its arguments and its options.
        error: raised instead of attaching.
        removal: raised instead of removing.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.error: BaseException | None = None
        self.removal: BaseException | None = None

    profile: Any = EngineProfile.of("docker", api="1.45")

    def create(self, *arguments: Any, **options: Any) -> str:
        self.calls.append(("create", arguments, options))
        return "f00d"

    def remove(self, *arguments: Any, **options: Any) -> None:
        self.calls.append(("remove", arguments, options))
        if self.removal is not None:
            raise self.removal

    def attach_session(self, client: Client, *arguments: Any, **options: Any) -> str:
        assert client is self
        self.calls.append(("attach", arguments, options))
        if self.error is not None:
            raise self.error
        return "the session"

    def read_logs(self, client: Client, *arguments: Any, **options: Any) -> str:
        assert client is self
        self.calls.append(("logs", arguments, options))
        return "the log"

    def close_kept(self, container: str) -> None:
        self.calls.append(("close kept", container))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> ScriptedClient:
    made = ScriptedClient()
    session = SimpleNamespace(attach=made.attach_session, read_logs=made.read_logs)
    monkeypatch.setattr(module, "Session", session)
    monkeypatch.setattr(module, "close_kept", made.close_kept)
    monkeypatch.setattr(module, "configured_detach_keys", lambda profile: f"keys of {profile.kind}")
    return made


# -- attaching -------------------------------------------------------------------------------


def test_all_that_a_container_has_is_attached_and_nothing_from_before(
    client: ScriptedClient,
) -> None:
    assert client.attach("web") == "the session"  # type: ignore[comparison-overlap]
    assert client.calls == [("attach", ("web", EVERYTHING), KEYS)]
    assert (EVERYTHING.stdin, EVERYTHING.stdout, EVERYTHING.stderr) == (True, True, True)
    assert (EVERYTHING.stream, EVERYTHING.logs, EVERYTHING.ws) == (True, False, False)


@pytest.mark.parametrize(
    "option",
    [
        {"stdin": False},
        {"stdout": False},
        {"stderr": False},
        {"logs": True},
        {"stream": False},
        {"detach_keys": "ctrl-a"},
        {"ws": True},
    ],
    ids=str,
)
def test_each_option_reaches_the_session_as_itself(
    client: ScriptedClient, option: dict[str, Any]
) -> None:
    client.attach("web", **option)
    assert client.calls == [("attach", ("web", AttachOptions(**option)), KEYS)]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, {"follow": True, "stdout": True, "stderr": True, "tail": None}),
        ({"follow": False}, {"follow": False, "stdout": True, "stderr": True, "tail": None}),
        ({"stdout": False}, {"follow": True, "stdout": False, "stderr": True, "tail": None}),
        ({"stderr": False}, {"follow": True, "stdout": True, "stderr": False, "tail": None}),
        ({"tail": 0}, {"follow": True, "stdout": True, "stderr": True, "tail": 0}),
    ],
    ids=str,
)
def test_a_log_is_followed_unless_it_is_said_otherwise(
    client: ScriptedClient, options: dict[str, Any], asked: dict[str, Any]
) -> None:
    assert client.logs("web", **options) == "the log"  # type: ignore[comparison-overlap]
    assert client.calls == [("logs", ("web",), {**asked, "log": LogOptions(), "resume": True})]


def test_a_log_s_limits_are_moments(client: ScriptedClient) -> None:
    client.logs("web", since=5, until="7.25", timestamps=True)
    [(_, _, asked)] = client.calls
    assert asked["log"] == LogOptions(5 * 10**9, 7_250_000_000, timestamps=True)
    with pytest.raises(HyperJupyterError, match="'tomorrow' is not a time"):
        client.logs("web", since="tomorrow")


# -- running ---------------------------------------------------------------------------------

PLAIN = {
    "name": None, "tty": False, "stdin": True, "stdin_once": False, "env": [],
    "auto_remove": False, "working_dir": None, "labels": None, "network": None, "size": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "created", "attached"),
    [
        ({}, {}, EVERYTHING),
        ({"env": {"A": "b"}}, {"env": ["A=b"]}, EVERYTHING),
        ({"stdin": False}, {"stdin": False}, AttachOptions(stdin=False)),
        ({"detach_keys": "ctrl-a"}, {}, AttachOptions(detach_keys="ctrl-a")),
        *[
            ({name: value}, {name: value}, EVERYTHING)
            for name, value in {
                "name": "web", "tty": True, "stdin_once": True, "auto_remove": True,
                "network": "none", "size": (30, 90), "working_dir": "/tmp", "labels": {"a": "b"},
                "memory": "512m", "ports": {"80/tcp": 8080},
            }.items()
        ],
    ],
    ids=str,
)  # fmt: skip
def test_a_container_is_created_attached_and_started_in_this_order(
    client: ScriptedClient,
    options: dict[str, Any],
    created: dict[str, Any],
    attached: AttachOptions,
) -> None:
    session = client.run("default", ["true"], **options)
    assert session == "the session"  # type: ignore[comparison-overlap]
    assert client.calls == [
        ("create", ("default", ["true"]), {**PLAIN, **created}),
        ("attach", ("f00d", attached), {**KEYS, "start": True, "size": options.get("size")}),
    ]


@pytest.mark.parametrize(
    "error", [ConnectionFailed("nobody is there"), KeyboardInterrupt()], ids=["error", "Ctrl-C"]
)
@pytest.mark.parametrize(
    "removal", [None, NotFound(404, "it is gone")], ids=["is removed", "is gone"]
)
def test_a_container_that_could_not_be_started_is_removed(
    client: ScriptedClient, error: BaseException, removal: HyperJupyterError | None
) -> None:
    client.error, client.removal = error, removal
    with pytest.raises(type(error)) as caught:
        client.run("default")
    assert caught.value is error
    assert client.calls[2:] == [("remove", ("f00d",), {"force": True}), ("close kept", "f00d")]


def test_a_container_that_was_created_is_attached_with_its_input(client: ScriptedClient) -> None:
    assert client.start_attached("web") == "the session"  # type: ignore[comparison-overlap]
    options = {**KEYS, "start": True, "size": None}
    assert client.calls == [("attach", ("web", EVERYTHING), options)]


def test_its_calls_that_wait_are_made_by_the_session_layer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(
        EngineClient, "__init__", lambda self, *arguments, **options: made.update(options)
    )
    Client("the discovery", timeout=3)  # type: ignore[arg-type]
    assert made == {"schedule": module.call_later, "timeout": 3}
