"""Variables in lines that take none: the hint says what to write."""

from __future__ import annotations

import pytest

from hyper_jupyter.exceptions import ApiError, NotFound
from hyper_jupyter.magics.variables import braces_hint, verb_hint

KNOWN = {"n": "web", "s": object()}
STANDS = "%hyper takes its line as it stands. Pass the value in Python: "


@pytest.mark.parametrize(
    ("line", "missing", "call"),
    [
        ("logs -f {n}", "{n}", "client.logs(n)"),
        ("logs $n", "$n", "client.logs(n)"),
        ("logs ${n}", "${n}", "client.logs(n)"),
        ("kill {s.container.id}", "{s.container.id}", "client.kill(s.container.id)"),
        ("rm a-{n}-$n", "a-{n}-$n", 'client.remove(f"a-{n}-{n}")'),
        ("exec {n} echo {s}", "{n}", "client.exec(n, …)"),
        ("run {n} true", "{n}", "client.run(n, …)"),
        ("create {n}", "{n}", "client.create(n, …)"),
    ],
)
def test_a_verb_says_how_a_value_is_passed(line: str, missing: str, call: str) -> None:
    error = NotFound(404, f"No such thing: {missing}")
    assert verb_hint(line.split(), error, KNOWN) == f"{STANDS}{call}."


@pytest.mark.parametrize(
    "line", ["logs {other}", "logs n", "logs web", "exec web echo {n}", "logs {}", "logs $5"]
)
def test_an_error_of_another_cause_has_no_such_hint(line: str) -> None:
    named = "web" if line.startswith("exec") else line.split()[1]
    assert verb_hint(line.split(), NotFound(404, f"No such container: {named}"), KNOWN) == ""


def test_what_an_engine_refuses_without_naming_it_has_the_hint_too() -> None:
    words = ["run", "{n}"]
    assert verb_hint(words, ApiError(400, "invalid reference format"), KNOWN)
    assert not verb_hint(words, ApiError(500, "no space left"), KNOWN)


@pytest.mark.parametrize(
    ("name", "written"), [("$n", "{n}"), ("a-$n", "a-{n}"), ("$other", ""), ("web", "")]
)
def test_the_other_magics_want_braces(name: str, written: str) -> None:
    hint = f"Write {written}: braces stand for a value, $ does not." if written else ""
    assert braces_hint(name, KNOWN) == hint
