"""What Tab offers, without IPython and without an engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.magics import completion
from hyper_jupyter.magics.arguments import attach_parser, option_words
from hyper_jupyter.magics.completion import (
    candidates,
    register_completion,
    unregister_completion,
)
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
    assert matched(line) == (expected, symbol)


def matched(line: str) -> tuple[list[str], str] | None:
    """What IPython is offered, and for which word; ``None`` where its own matchers remain."""
    result = completion._match(SimpleNamespace(text_until_cursor=line))
    if not result.get("suppress"):
        assert not result["completions"]
        return None
    assert len(result["completions"]) > 0  # otherwise IPython suppresses nothing
    return [each.text for each in result["completions"]], str(result["matched_fragment"])


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("s = %hyper_attach web", (["web"], "web")),
        ("s=%hyper st", (["start", "stop"], "st")),
        ("  %%hyper_attach ", ([*option_words(attach_parser()), "web", "worker"], "")),
        ("%hyper_doctor lo", (["local:"], "lo")),
        ("%hyper_attach nc-", ([], "nc-")),
        ("%hyper_attach -", (option_words(attach_parser()), "-")),
        ("%hyper rm -f w", (["web", "worker"], "w")),
        ("%hyper nonsense ", ([], "")),
        ("%hyper_attach {na", None),
        ("%hyper_attach {names[0]} {names[", None),
        ("%hyper_attach", None),
        ("%hyper", None),
        ("%hyperactive x", None),
        ("s = '%hyper_attach web", None),
        ("# s = %hyper_attach web", None),
        ("s = %timeit", None),
        ("x - ", None),
    ],
)
def test_our_own_lines_only_are_completed_by_us_and_by_nobody_else(
    line: str, offered: tuple[list[str], str] | None
) -> None:
    assert matched(line) == offered


def test_it_is_registered_once_and_can_be_taken_away() -> None:
    other = object()
    shell = SimpleNamespace(Completer=SimpleNamespace(custom_matchers=[other]))
    register_completion(shell)
    register_completion(shell)
    assert shell.Completer.custom_matchers == [other, completion._match]
    unregister_completion(shell)
    unregister_completion(shell)
    assert shell.Completer.custom_matchers == [other]
