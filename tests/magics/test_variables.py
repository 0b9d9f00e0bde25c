"""Variables in lines: values of names, and the hint about what was meant as one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hyper_jupyter.exceptions import ApiError, NotFound
from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.variables import braces_hint, dollar_hint, expand_names
from hyper_jupyter.magics.verbs import verb_parser

KNOWN = {"n": "web", "s": SimpleNamespace(id="c0ffee"), "ids": ["a", "b"], "flag": "--force"}


def expanded(line: str) -> dict[str, object]:
    """The arguments of a line of ``%hyper``, with values in place of names."""
    verb, *words = line.split()
    parser = verb_parser(verb)
    arguments = parser.parse_args(words)
    expand_names(parser, arguments, KNOWN)
    return vars(arguments)


@pytest.mark.parametrize(
    ("line", "dest", "value"),
    [
        ("logs {n}", "container", "web"),
        ("kill {s.id}", "containers", ["c0ffee"]),
        ("rm a-{n}-{n} x", "containers", ["a-web-web", "x"]),
        ("rm -f {ids} {n}", "containers", ["a", "b", "web"]),
        ("rm {flag}", "containers", ["--force"]),
        ("exec {n} echo {n}", "command", ["echo", "{n}"]),
        ("exec {n} echo {n}", "container", "web"),
        ("run --name {n}-2 {n} echo {n}", "image", "web"),
        ("run --name {n}-2 {n} echo {n}", "name", "web-2"),
        ("run -e A={n} {n}", "env", ["A={n}"]),
        ("ps --format {{.Names}}", "format", "{{.Names}}"),
        ("rename web {n}-2", "name", "web-2"),
        ("cp {n}:/etc/x .", "source", "web:/etc/x"),
        ("tag {n} {n}:2", "name", "web:2"),
        ("run --env-file {n}.env x", "env_file", ["web.env"]),
        ("run --mount src={n},dst=/x x", "option_mounts", ["src=web,dst=/x"]),
    ],
)
def test_braces_stand_for_a_value_where_a_name_is_expected(
    line: str, dest: str, value: object
) -> None:
    assert expanded(line)[dest] == value


@pytest.mark.parametrize("name", ["{other}", "{", "{1/0}", "{n.nothing}"])
def test_what_has_no_value_is_an_error(name: str) -> None:
    for line in (f"logs {name}", f"rm {name}"):
        with pytest.raises(UsageFault, match="could not be expanded"):
            expanded(line)


@pytest.mark.parametrize(
    ("line", "written"),
    [("logs -f $n", "{n}"), ("logs ${n}", "{n}"), ("rm a-$n", "a-{n}"), ("logs $other", "")],
)
def test_a_dollar_says_how_a_value_is_written(line: str, written: str) -> None:
    missing = line.rsplit(maxsplit=1)[-1]
    error = NotFound(404, f"No such container: {missing}")
    hint = f"Write {written}: braces stand for a value, $ does not." if written else ""
    assert dollar_hint(line.split(), error, KNOWN) == hint


@pytest.mark.parametrize("line", ["logs n", "logs web", "exec web echo $n", "logs $5"])
def test_an_error_of_another_cause_has_no_such_hint(line: str) -> None:
    error = NotFound(404, f"No such container: {line.split()[1]}")
    assert dollar_hint(line.split(), error, KNOWN) == ""


def test_what_an_engine_refuses_without_naming_it_has_the_hint_too() -> None:
    words = ["run", "$n"]
    assert dollar_hint(words, ApiError(400, "invalid reference format"), KNOWN)
    assert not dollar_hint(words, ApiError(500, "no space left"), KNOWN)


@pytest.mark.parametrize(
    ("name", "written"), [("$n", "{n}"), ("a-$n", "a-{n}"), ("$other", ""), ("web", "")]
)
def test_the_other_magics_want_braces(name: str, written: str) -> None:
    hint = f"Write {written}: braces stand for a value, $ does not." if written else ""
    assert braces_hint(name, KNOWN) == hint
