"""Which lines are ours, and what IPython is given for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.completer import CompletionContext

from hyper_jupyter.magics.completion import matcher, register_completion, unregister_completion
from hyper_jupyter.magics.completion.candidates import Offer


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """What the candidates are asked for; they offer ``web`` in place of ``w``."""
    calls: list[tuple[str, str, int]] = []

    def candidates(magic: str, text: str, cursor: int) -> Offer:
        calls.append((magic, text, cursor))
        return Offer(("web",), "w", "container", is_python="{" in text)

    monkeypatch.setattr("hyper_jupyter.magics.completion.candidates.candidates", candidates)
    return calls


def matched(cell: str) -> dict[str, Any]:
    """What IPython gets for a cell, in which ``|`` is the cursor."""
    before, _, after = cell.partition("|")
    number = before.count("\n")
    column = len(before.rpartition("\n")[2])
    result: Any = matcher._match(CompletionContext("", before + after, column, number, None))
    return dict(result)


@pytest.mark.parametrize(
    ("cell", "call"),
    [
        ("%hyper_attach w|", ("hyper_attach", " w", 2)),
        ("%hyper w| x", ("hyper", " w x", 2)),
        ("%%hyper w|\nlines\n", ("hyper", " w", 2)),
        ("  %hyper w|", ("hyper", " w", 2)),
        ("s = %hyper_attach w|", ("hyper_attach", " w", 2)),
        ("s=%hyper w|", ("hyper", " w", 2)),
        ("a.b, *c = %hyper w|", ("hyper", " w", 2)),
        ("d['a=b'] = %hyper w|", ("hyper", " w", 2)),
        ("s: Session = %hyper w|", ("hyper", " w", 2)),
        ("x = 1\ns = %hyper w|\ny = 2", ("hyper", " w", 2)),
        ("%hyper rm a \\\n  w|", ("hyper", " rm a    w", 10)),
        ("%hyper w| \\\n  b", ("hyper", " w    b", 2)),
        ("%%time\n%hyper w|", ("hyper", " w", 2)),
    ],
)
def test_a_line_of_ours_is_completed_by_us_and_by_nobody_else(
    cell: str, call: tuple[str, str, int], asked: list[tuple[str, str, int]]
) -> None:
    result = matched(cell)
    assert asked == [call]
    assert [(each.text, each.type) for each in result["completions"]] == [("web", "container")]
    assert result["matched_fragment"] == "w"
    assert result["suppress"] is True
    assert result["ordered"] is True


@pytest.mark.parametrize(
    "cell",
    [
        "%hyper|",
        "%hyper_attach|",
        "%hyperactive w|",
        "s = '%hyper_attach w|",
        "# s = %hyper_attach w|",
        "s == %hyper w|",
        "s = %timeit w|",
        "x - w|",
        "%%hyper exec -i web sh\n%hyper w|",  # lines for the program
        "%hyper_attach {w|",
    ],
)
def test_other_lines_are_left_to_ipython(cell: str) -> None:
    assert matched(cell) == {"completions": []}


def test_where_nothing_is_offered_nothing_of_others_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "hyper_jupyter.magics.completion.candidates.candidates", lambda *_: Offer((), "w")
    )
    result = matched("%hyper w|")
    assert result["suppress"] is True
    assert len(result["completions"]) > 0  # otherwise IPython suppresses nothing
    assert list(result["completions"]) == []


def test_a_word_that_goes_over_two_lines_is_not_completed() -> None:
    result = matched('%hyper rm "a \\\nb|')
    assert list(result["completions"]) == []


def test_it_comes_before_the_matchers_of_ipython() -> None:
    assert matcher._match.matcher_priority > 0


def test_it_is_registered_once_and_can_be_taken_away() -> None:
    other = object()
    shell = SimpleNamespace(Completer=SimpleNamespace(custom_matchers=[other]))
    register_completion(shell)
    register_completion(shell)
    assert shell.Completer.custom_matchers == [other, matcher._match]
    unregister_completion(shell)
    unregister_completion(shell)
    assert shell.Completer.custom_matchers == [other]
