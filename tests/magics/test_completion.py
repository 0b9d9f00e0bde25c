"""What Tab offers, without IPython and without an engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.magics import completion
from hyper_jupyter.magics.arguments import attach_parser, option_words
from hyper_jupyter.magics.completion import candidates, register_completers
from hyper_jupyter.magics.verbs import VERBS, verb_parser


def named(*names: str) -> list[Any]:
    return [SimpleNamespace(name=name) for name in names]


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The connected engine, with two containers; and two sessions."""
    client = SimpleNamespace(containers=lambda: named("web", "worker"))
    monkeypatch.setattr(completion.api, "current_client", lambda: client)
    monkeypatch.setattr(completion, "sessions", lambda: named("web", "web-2"))
    return client


@pytest.mark.parametrize(
    ("line", "symbol", "expected"),
    [
        ("%hyper_attach we", "we", ["web"]),
        ("%%hyper_attach wo", "wo", ["worker"]),
        ("  %hyper_attach w", "w", ["web", "worker"]),
        ("%hyper_attach --log", "--log", ["--logs"]),
        ("%hyper_detach web", "web", ["web", "web-2"]),
        ("%hyper_sessions web-", "web-", ["web-2"]),
        ("%hyper_connect tc", "tc", ["tcp://"]),
        ("%hyper_connect ", "", ["local:", "unix:///var/run/docker.sock", "tcp://"]),
        ("%hyper un", "un", ["unpause"]),
        ("%hyper ", "", list(VERBS)),
        ("%hyper rm --fo", "--fo", ["--force"]),
        ("%hyper rm web wo", "wo", ["worker"]),
        ("%hyper run w", "w", []),  # an image comes there
        ("%hyper create w", "w", []),
        ("%hyper ps w", "w", []),
        ("%hyper nonsense w", "w", []),
        ("%hyper_nonsense w", "w", []),
    ],
)
def test_what_is_offered(line: str, symbol: str, expected: list[str]) -> None:
    assert candidates(line, symbol) == expected


def test_options_come_before_names() -> None:
    assert candidates("%hyper_attach ", "") == [*option_words(attach_parser()), "web", "worker"]
    assert candidates("%hyper stop ", "") == [*option_words(verb_parser("stop")), "web", "worker"]


def test_no_engine_is_started_or_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion.api, "current_client", lambda: None)
    assert candidates("%hyper_attach w", "w") == []


def test_an_engine_that_is_gone_offers_no_names(engine: SimpleNamespace) -> None:
    def gone() -> list[Any]:
        raise ConnectionFailed("it is gone")

    engine.containers = gone
    assert candidates("%hyper_attach --log", "--log") == ["--logs"]
    assert candidates("%hyper_attach w", "w") == []


@pytest.mark.parametrize(
    ("line", "symbol", "expected"),
    [
        ("s = %hyper_attach we", "we", ["web"]),
        ("a.b, c=%hyper rm wo", "wo", ["worker"]),
        ("%hyper_attach we", "we", ["web"]),
    ],
)
def test_a_magic_whose_value_is_assigned_is_completed_too(
    line: str, symbol: str, expected: list[str]
) -> None:
    event = SimpleNamespace(text_until_cursor=line, symbol=symbol)
    assert completion._complete(None, event) == expected


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("s = %hyper_attach web", True),
        ("s=%hyper ps", True),
        ("s = '%hyper_attach web", False),
        ("# s = %hyper_attach web", False),
        ("s = %timeit", False),
    ],
)
def test_other_assignments_are_left_to_ipython(line: str, ours: bool) -> None:
    assert bool(completion._ASSIGNED.match(line)) is ours


def test_every_magic_with_arguments_is_registered() -> None:
    hooks: list[str] = []

    def set_hook(_name: str, _function: object, *, str_key: str = "", re_key: str = "") -> None:
        hooks.append(str_key or re_key)

    register_completers(SimpleNamespace(set_hook=set_hook))
    assert hooks == [
        "%hyper_attach", "%%hyper_attach", "%hyper_detach", "%hyper_sessions", "%hyper_connect",
        "%hyper", completion._ASSIGNED.pattern,
    ]  # fmt: skip
