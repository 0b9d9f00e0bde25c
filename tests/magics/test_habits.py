"""What users of the docker command type that is not here: each line is answered with what is."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.verbs import VERBS, run_verb, verb_parser


class Untouched:
    """An engine that must not be asked for anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was used")


def refusal(line: str) -> tuple[str, str]:
    """The message and the hint about a line that is not understood."""
    with pytest.raises(UsageFault) as caught:
        run_verb(Untouched(), shlex.split(line))  # type: ignore[arg-type]
    return str(caught.value), caught.value.hint


# -- signals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "word", "instead"),
    [
        ("kill -1 web", "-1", "%hyper kill -s 1 web"),
        ("kill -9 web db", "-9", "%hyper kill -s 9 web db"),
        ("kill -HUP web", "-HUP", "%hyper kill -s HUP web"),
        ("kill -9", "-9", "%hyper kill -s 9 CONTAINER"),
    ],
)
def test_a_signal_in_a_shell_s_form_is_not_taken_for_a_container(
    line: str, word: str, instead: str
) -> None:
    assert refusal(line) == (
        f"unrecognized arguments: {word}",
        f"Signals are given with -s: {instead}",
    )


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"ps"}))
def test_a_negative_number_is_the_name_of_nothing(verb: str) -> None:
    line = f"{verb} -1 {'web sh' if verb == 'exec' else 'web'}"
    assert refusal(line)[0] == "unrecognized arguments: -1"


@pytest.mark.parametrize(("verb", "dest"), [("run", "image"), ("exec", "container")])
def test_the_arguments_of_a_command_may_be_negative_numbers(verb: str, dest: str) -> None:
    arguments = verb_parser(verb).parse_args(["it", "kill", "-9", "1"])
    assert getattr(arguments, dest) == "it"
    assert arguments.command == ["kill", "-9", "1"]


# -- what is missing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "missing"),
    [("run", "IMAGE"), ("create -i", "IMAGE"), ("exec", "CONTAINER, COMMAND")],
)
def test_only_what_is_needed_is_asked_for(line: str, missing: str) -> None:
    assert refusal(line)[0] == f"the following arguments are required: {missing}"
